//! An annotated function, taken apart.

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::format_ident;
use syn::{
    Attribute, Error, FnArg, Ident, Item, Pat, PatIdent, PatType, Result, ReturnType, Signature,
    Type, Visibility,
    ext::IdentExt,
    parse::{Parse, ParseStream},
    parse_quote,
    visit::{self, Visit},
};

use crate::{attr::ParameterAttributes, doc::Doc, errors::Errors, kind::Kind};

/// A function whose body nobody has to understand.
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    /// As written, less the attributes of parameters that the compiler would not know.
    pub(crate) sig: Signature,
    pub(crate) body: Group,
    pub(crate) parameters: Vec<Parameter>,
}

pub(crate) struct Parameter {
    /// The name in the signature that users see.
    pub(crate) ident: Ident,
    /// The name of the argument, should this be one; a pattern has none.
    pub(crate) name: Option<String>,
    pub(crate) pat: Pat,
    pub(crate) ty: Type,
    pub(crate) doc: Doc,
    pub(crate) attrs: ParameterAttributes,
}

impl Function {
    /// Parses `item`; where it is no function, says what it is instead.
    pub(crate) fn parse(kind: Kind, item: &TokenStream, errors: &mut Errors) -> Option<Self> {
        let parsed = syn::parse2::<Self>(item.clone());
        let mut function =
            errors.keep(parsed.map_err(|error| not_a_function(kind, item, error)))?;
        let inputs = function.sig.inputs.iter_mut();
        let typed = inputs.filter_map(|input| match input {
            FnArg::Typed(typed) => Some(typed),
            FnArg::Receiver(_) => None,
        });
        let mut parameters: Vec<_> = typed.map(|typed| Parameter::new(typed, errors)).collect();
        name_patterns(&mut parameters);
        function.parameters = parameters;
        Some(function)
    }

    pub(crate) fn is_method(&self) -> bool {
        self.sig.receiver().is_some()
    }

    /// The names of the parameters, as users see them.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Ident> {
        self.parameters.iter().map(|parameter| &parameter.ident)
    }

    pub(crate) fn types(&self) -> impl Iterator<Item = &Type> {
        self.parameters.iter().map(|parameter| &parameter.ty)
    }

    pub(crate) fn output(&self) -> Type {
        match &self.sig.output {
            ReturnType::Default => parse_quote!(()),
            ReturnType::Type(_, ty) => (**ty).clone(),
        }
    }

    pub(crate) fn doc(&self) -> Doc {
        Doc::new(&self.attrs)
    }
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let sig = input.parse()?;
        let unexpected = input.error("expected the body of a function");
        match input.parse::<Group>() {
            Ok(body) if body.delimiter() == Delimiter::Brace => Ok(Self {
                attrs,
                vis,
                sig,
                body,
                parameters: Vec::new(),
            }),
            _ => Err(unexpected),
        }
    }
}

impl Parameter {
    fn new(typed: &mut PatType, errors: &mut Errors) -> Self {
        let attrs = ParameterAttributes::take(&mut typed.attrs, errors);
        let ident = simple_ident(&typed.pat);
        let renamed = attrs.rename.as_ref().map(|name| name.value());
        Self {
            name: renamed.or_else(|| ident.map(|ident| ident.unraw().to_string())),
            // A pattern gets its name once those of the others are known.
            ident: ident.cloned().unwrap_or_else(|| format_ident!("_")),
            pat: (*typed.pat).clone(),
            ty: (*typed.ty).clone(),
            doc: Doc::new(&attrs.docs),
            attrs,
        }
    }

    /// Whether the argument, should this be one, is found under `name`.
    pub(crate) fn reads(&self, name: &str) -> bool {
        let mut aliases = self.attrs.aliases.iter();
        self.name.as_deref() == Some(name) || aliases.any(|alias| alias.value() == name)
    }
}

/// The identifier of a pattern that is nothing else.
pub(crate) fn simple_ident(pat: &Pat) -> Option<&Ident> {
    match pat {
        Pat::Ident(PatIdent {
            by_ref: None,
            subpat: None,
            ident,
            ..
        }) => Some(ident),
        _ => None,
    }
}

/// `State(notes)` is shown as `notes`, and a pattern that binds no single name by its position.
fn name_patterns(parameters: &mut [Parameter]) {
    for index in 0..parameters.len() {
        let pat = &parameters[index].pat;
        if simple_ident(pat).is_some() {
            continue;
        }
        let mut bindings = Bindings(Vec::new());
        bindings.visit_pat(pat);
        let mut ident = match bindings.0.as_slice() {
            [only] => (*only).clone(),
            _ => format_ident!("arg{index}"),
        };
        while parameters.iter().any(|other| other.ident == ident) {
            ident = format_ident!("{ident}_");
        }
        parameters[index].ident = ident;
    }
}

struct Bindings<'a>(Vec<&'a Ident>);

impl<'a> Visit<'a> for Bindings<'a> {
    fn visit_pat_ident(&mut self, pat: &'a PatIdent) {
        // A constant or a unit struct looks the same, and begins with a capital letter.
        if !pat
            .ident
            .unraw()
            .to_string()
            .starts_with(char::is_uppercase)
        {
            self.0.push(&pat.ident);
        }
        visit::visit_pat_ident(self, pat);
    }
}

fn not_a_function(kind: Kind, item: &TokenStream, error: Error) -> Error {
    let Ok(item) = syn::parse2::<Item>(item.clone()) else {
        return error;
    };
    let what = match item {
        Item::Fn(_) => return error,
        Item::Const(_) => "a constant",
        Item::Enum(_) => "an enum",
        Item::Impl(_) => "an `impl` block",
        Item::Mod(_) => "a module",
        Item::Static(_) => "a static",
        Item::Struct(_) => "a struct",
        Item::Trait(_) => "a trait",
        _ => "this item",
    };
    Error::new(
        Span::call_site(),
        format!("`#[mcp_{kind}]` stands above a free `async fn`, not above {what}"),
    )
}
