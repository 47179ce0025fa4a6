//! What the signature of a function must look like.

use quote::ToTokens;
use syn::{
    Error, Lifetime, ParenthesizedGenericArguments, Safety, TraitBound, Type, TypeFnPtr,
    TypeImplTrait, TypeReference,
    spanned::Spanned,
    visit::{self, Visit},
};

use crate::{errors::Errors, function::Function, kind::Kind, root::Root};

/// The framework counts parameters up to here.
const MAX_PARAMETERS: usize = 16;

pub(super) fn check(kind: Kind, root: &Root, function: &Function, errors: &mut Errors) {
    if let Some(receiver) = function.sig.receiver() {
        errors.at(
            receiver,
            format_args!("an MCP {kind} is a free function: what several share is a `State<T>`"),
        );
        return;
    }
    check_qualifiers(kind, root, function, errors);
    check_generics(kind, function, errors);
    check_parameters(kind, function, errors);
    check_output(function, errors);
}

fn check_qualifiers(kind: Kind, root: &Root, function: &Function, errors: &mut Errors) {
    let sig = &function.sig;
    if sig.asyncness.is_none() {
        errors.at(
            sig.fn_token,
            format_args!(
                "an MCP {kind} is asynchronous: write `async fn {}`; \
                 work that blocks belongs in `{root}::blocking`",
                sig.ident
            ),
        );
    }
    let constness = sig.constness.map(|token| token.span());
    let safety = match &sig.safety {
        Safety::Default => None,
        safety => Some(safety.span()),
    };
    let abi = sig.abi.as_ref().map(Spanned::span);
    for (word, span) in [("const", constness), ("unsafe", safety), ("extern", abi)] {
        if let Some(span) = span {
            let problem = format!("an MCP {kind} cannot be `{word}`: it is called by clients");
            errors.push(Error::new(span, problem));
        }
    }
}

fn check_generics(kind: Kind, function: &Function, errors: &mut Errors) {
    let generics = &function.sig.generics;
    let problem = format!("an MCP {kind} cannot be generic: a client is told its types");
    if !generics.params.is_empty() {
        errors.at(generics, problem);
    } else if let Some(clause) = &generics.where_clause {
        errors.at(clause, problem);
    }
}

fn check_parameters(kind: Kind, function: &Function, errors: &mut Errors) {
    if let Some(variadic) = &function.sig.variadic {
        errors.at(
            variadic,
            format_args!("an MCP {kind} has a fixed number of parameters"),
        );
    }
    if let Some(parameter) = function.sig.inputs.iter().nth(MAX_PARAMETERS) {
        errors.at(
            parameter,
            format_args!(
                "an MCP {kind} has up to {MAX_PARAMETERS} parameters: \
                 put the arguments in a struct and take `Args<T>`"
            ),
        );
    }
    for parameter in &function.parameters {
        Types {
            errors,
            borrowed: "a parameter is owned: it outlives the request it was read from",
            anonymous: "name the type of the parameter: it decides how it is read",
        }
        .visit_type(&parameter.ty);
    }
}

fn check_output(function: &Function, errors: &mut Errors) {
    Types {
        errors,
        borrowed: "the output is owned: it outlives the call",
        anonymous: "name the type of the output: it decides what a client receives",
    }
    .visit_return_type(&function.sig.output);
}

/// Whether the output can be named outside of the function.
pub(crate) fn has_usable_output(function: &Function) -> bool {
    let mut errors = Errors::default();
    check_output(function, &mut errors);
    errors.finish().is_ok()
}

/// Refuses types that borrow, or that have no name.
struct Types<'e> {
    errors: &'e mut Errors,
    borrowed: &'static str,
    anonymous: &'static str,
}

impl Visit<'_> for Types<'_> {
    fn visit_type_reference(&mut self, ty: &TypeReference) {
        if ty.lifetime.as_ref().is_some_and(is_static) {
            self.visit_type(&ty.elem);
            return;
        }
        let hint = owned(&ty.elem).map_or_else(String::new, |owned| format!("; write `{owned}`"));
        self.errors.at(ty, format_args!("{}{hint}", self.borrowed));
    }

    fn visit_lifetime(&mut self, lifetime: &Lifetime) {
        if !is_static(lifetime) {
            self.errors.at(lifetime, self.borrowed);
        }
    }

    fn visit_type_impl_trait(&mut self, ty: &TypeImplTrait) {
        self.errors.at(ty, self.anonymous);
    }

    // These bring lifetimes of their own.
    fn visit_type_fn_ptr(&mut self, _: &TypeFnPtr) {}
    fn visit_parenthesized_generic_arguments(&mut self, _: &ParenthesizedGenericArguments) {}
    fn visit_trait_bound(&mut self, bound: &TraitBound) {
        if bound.lifetimes.is_none() {
            visit::visit_trait_bound(self, bound);
        }
    }
}

fn is_static(lifetime: &Lifetime) -> bool {
    lifetime.ident == "static"
}

/// What to write in place of a reference to `ty`.
fn owned(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) if path.path.is_ident("str") => Some("String".to_owned()),
        Type::Path(path) => Some(path.to_token_stream().to_string().replace(' ', "")),
        Type::Slice(slice) => owned(&slice.elem).map(|element| format!("Vec<{element}>")),
        _ => None,
    }
}
