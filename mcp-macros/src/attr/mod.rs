//! The keys of the attributes.

mod duration;
mod icon;
mod parameter;
mod resource;
mod scopes;
mod tool;

use std::time::Duration;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::{
    Error, Expr, Ident, LitBool, LitStr, Path, Result, Token,
    ext::IdentExt,
    parenthesized,
    parse::{Parse, ParseStream, Parser},
    punctuated::Punctuated,
};

pub(crate) use self::{
    icon::Icon,
    parameter::{Bound, ParameterAttributes, Rule, RuleKind},
    resource::ResourceKeys,
    tool::ToolKeys,
};
use crate::{errors::Errors, kind::Kind};

const COMMON: &[&str] = &[
    "name",
    "title",
    "description",
    "icon",
    "meta",
    "requires",
    "timeout",
    "run_to_completion",
    "scopes",
    "layer",
    "crate",
];

/// What a client may have to offer, as users write it and as the framework names it.
const CAPABILITIES: &[(&str, &str)] = &[
    ("sampling", "Sampling"),
    ("sampling_tools", "SamplingTools"),
    ("elicitation", "Elicitation"),
    ("elicitation_url", "ElicitationUrl"),
    ("roots", "Roots"),
];

/// Everything between the parentheses of an attribute.
#[derive(Default)]
pub(crate) struct Attributes {
    pub(crate) root: Option<Path>,
    pub(crate) name: Option<LitStr>,
    pub(crate) title: Option<Expr>,
    pub(crate) description: Option<Expr>,
    pub(crate) icons: Vec<Icon>,
    pub(crate) meta: Option<Expr>,
    /// Variants of `Capability`.
    pub(crate) requires: Vec<&'static str>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) run_to_completion: bool,
    /// Names with spaces between them.
    pub(crate) scopes: Option<String>,
    pub(crate) layer: Option<Expr>,
    pub(crate) tool: ToolKeys,
    pub(crate) resource: ResourceKeys,
}

impl Attributes {
    /// Reads every key that can be read; the others are reported.
    pub(crate) fn parse(kind: Kind, tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut attributes = Self::default();
        let parsed = Parser::parse2(
            |input: ParseStream<'_>| {
                attributes.read(kind, input, errors);
                Ok(())
            },
            tokens,
        );
        errors.keep(parsed);
        attributes
    }

    fn read(&mut self, kind: Kind, input: ParseStream<'_>, errors: &mut Errors) {
        if kind == Kind::Resource {
            let uri = self.resource.parse_uri(input);
            if errors.keep(uri).is_some() {
                errors.keep(separator(input));
            }
        }
        let mut seen = Vec::new();
        while !input.is_empty() {
            if let Err(error) = self.read_key(kind, input, &mut seen) {
                errors.push(error);
                skip_value(input);
            }
            if let Err(error) = separator(input) {
                errors.push(error);
                skip_value(input);
                let _ = separator(input);
            }
        }
    }

    fn read_key(
        &mut self,
        kind: Kind,
        input: ParseStream<'_>,
        seen: &mut Vec<String>,
    ) -> Result<()> {
        let special: &[&str] = match kind {
            Kind::Tool => ToolKeys::KNOWN,
            Kind::Prompt => &[],
            Kind::Resource => ResourceKeys::KNOWN,
        };
        let known = [COMMON, special].concat();
        if !input.peek(Ident::peek_any) {
            return Err(input.error(format!("expected {}", one_of(&known))));
        }
        let ident = Ident::parse_any(input)?;
        let key = ident.to_string();
        if !known.contains(&key.as_str()) {
            return Err(unknown("key", &ident, &known));
        }
        if key != "icon" && seen.contains(&key) {
            return Err(duplicate("key", &ident));
        }
        match kind {
            Kind::Tool if self.tool.parse(&key, input)? => {}
            Kind::Resource if self.resource.parse(&key, input)? => {}
            _ => self.parse_common(&key, input)?,
        }
        seen.push(key);
        Ok(())
    }

    fn parse_common(&mut self, key: &str, input: ParseStream<'_>) -> Result<()> {
        match key {
            "name" => self.name = Some(value(input)?),
            "title" => self.title = Some(text(input)?),
            "description" => self.description = Some(text(input)?),
            "icon" => self.icons.push(input.parse()?),
            "meta" => self.meta = Some(value(input)?),
            "requires" => self.requires = words(input, "capability", CAPABILITIES)?,
            "timeout" => self.timeout = Some(value::<duration::Limit>(input)?.0),
            "run_to_completion" => self.run_to_completion = flag(input)?,
            "scopes" => self.scopes = Some(scopes::parse(input)?),
            "layer" => self.layer = Some(value(input)?),
            "crate" => {
                input.parse::<Token![=]>()?;
                self.root = Some(input.call(Path::parse_mod_style)?);
            }
            _ => unreachable!("`{key}` is a known key"),
        }
        Ok(())
    }
}

/// `= value`
fn value<T: Parse>(input: ParseStream<'_>) -> Result<T> {
    input.parse::<Token![=]>()?;
    input.parse()
}

/// `= "text"`, or an expression of type `&str` such as `include_str!("..")`.
fn text(input: ParseStream<'_>) -> Result<Expr> {
    let expr = value(input)?;
    match &expr {
        Expr::Lit(literal) if !matches!(literal.lit, syn::Lit::Str(_)) => {
            Err(Error::new_spanned(&expr, "expected a string literal"))
        }
        _ => Ok(expr),
    }
}

/// The key alone, or `= true`, or `= false`.
fn flag(input: ParseStream<'_>) -> Result<bool> {
    if !input.peek(Token![=]) {
        return Ok(true);
    }
    value(input).map(|literal: LitBool| literal.value)
}

/// What `parse` makes of the content of a pair of parentheses.
fn in_parens<T>(
    input: ParseStream<'_>,
    parse: impl FnOnce(ParseStream<'_>) -> Result<T>,
) -> Result<T> {
    let content;
    parenthesized!(content in input);
    parse(&content).inspect_err(|_| {
        // What is left over would be reported too.
        while content.parse::<TokenTree>().is_ok() {}
    })
}

/// `(one, two)`, each of them known and none twice; the result is what the framework calls them.
fn words(
    input: ParseStream<'_>,
    what: &str,
    known: &[(&'static str, &'static str)],
) -> Result<Vec<&'static str>> {
    let mut errors = Errors::default();
    let mut words = Vec::new();
    for ident in in_parens(input, Punctuated::<Ident, Token![,]>::parse_terminated)? {
        match known.iter().find(|(word, _)| ident == word) {
            Some((_, name)) if words.contains(name) => {
                errors.push(duplicate(what, &ident));
            }
            Some((_, name)) => words.push(*name),
            None => {
                let known: Vec<_> = known.iter().map(|(word, _)| *word).collect();
                errors.push(unknown(what, &ident, &known));
            }
        }
    }
    errors.finish().map(|()| words)
}

fn separator(input: ParseStream<'_>) -> Result<()> {
    if input.is_empty() {
        return Ok(());
    }
    input.parse::<Token![,]>().map(drop)
}

/// Goes on to the next key.
fn skip_value(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        if input.parse::<TokenTree>().is_err() {
            return;
        }
    }
}

fn duplicate(what: &str, ident: &Ident) -> Error {
    Error::new(ident.span(), format!("duplicate {what} `{ident}`"))
}

fn unknown(what: &str, ident: &Ident, known: &[&str]) -> Error {
    Error::new(
        ident.span(),
        format!("unknown {what} `{ident}`, expected {}", one_of(known)),
    )
}

fn one_of(known: &[&str]) -> String {
    let quoted: Vec<_> = known.iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [only] => only.clone(),
        _ => format!("one of: {}", quoted.join(", ")),
    }
}

/// For what is missing as a whole: under the attribute itself.
fn missing(message: &str) -> Error {
    Error::new(Span::call_site(), message)
}
