//! Rules that need the signature, or more than one attribute.

mod signature;

use std::collections::HashMap;

use syn::{Error, ext::IdentExt};

pub(crate) use self::signature::has_usable_output;
use crate::{
    annotated::Annotated,
    attr::Attributes,
    errors::Errors,
    function::{Function, Parameter},
    kind::Kind,
};

/// The longest name that the protocol allows.
const MAX_NAME: usize = 128;

pub(crate) fn check(annotated: &Annotated, errors: &mut Errors) {
    let Annotated {
        kind,
        attributes,
        function,
        ..
    } = annotated;
    let kind = *kind;
    signature::check(kind, &annotated.root, function, errors);
    check_name(kind, attributes, function, errors);
    check_arguments(kind, &function.parameters, errors);
    check_headers(kind, &function.parameters, errors);
    check_completion(kind, &function.parameters, errors);
    check_variables(attributes, &function.parameters, errors);
}

fn check_name(kind: Kind, attributes: &Attributes, function: &Function, errors: &mut Errors) {
    let (name, span) = match &attributes.name {
        Some(literal) => (literal.value(), literal.span()),
        None => {
            let ident = function.sig.ident.unraw();
            (ident.to_string(), ident.span())
        }
    };
    let problem = if name.is_empty() {
        format!("the name of an MCP {kind} cannot be empty")
    } else if kind == Kind::Resource {
        return;
    } else if let Some(char) = name.chars().find(|&char| !is_name_char(char)) {
        format!(
            "the name of an MCP {kind} consists of `A-Z a-z 0-9 _ . -`, which excludes {char:?}"
        )
    } else if name.len() > MAX_NAME {
        format!(
            "the name of an MCP {kind} has up to {MAX_NAME} characters, and this has {}",
            name.len()
        )
    } else {
        return;
    };
    let hint = match attributes.name {
        Some(_) => "",
        None => ": set another one with `name = \"..\"`",
    };
    errors.push(Error::new(span, format!("{problem}{hint}")));
}

fn is_name_char(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '_' | '.' | '-')
}

/// An argument is found by its name, and only one by each.
fn check_arguments(kind: Kind, parameters: &[Parameter], errors: &mut Errors) {
    let mut taken = HashMap::new();
    for parameter in parameters {
        let attrs = &parameter.attrs;
        let Some(name) = &parameter.name else {
            if attrs.argument.is_some() || !attrs.docs.is_empty() {
                errors.at(
                    &parameter.pat,
                    "an argument is read by its name: write `name: Type`, \
                     and take the value apart in the body",
                );
            }
            continue;
        };
        let aliases = attrs
            .aliases
            .iter()
            .map(|alias| (alias.value(), alias.span()));
        let renamed = attrs.rename.as_ref().map(|name| name.span());
        let span = renamed.unwrap_or(parameter.ident.span());
        for (name, span) in std::iter::once((name.clone(), span)).chain(aliases) {
            if let Some(other) = taken.insert(name.clone(), &parameter.ident) {
                let problem =
                    format!("the parameter `{other}` of this {kind} is already read as `{name}`");
                errors.push(Error::new(span, problem));
            }
        }
    }
}

/// RFC 9110 tokens, different without regard to case.
fn check_headers(kind: Kind, parameters: &[Parameter], errors: &mut Errors) {
    let mut taken = HashMap::new();
    for parameter in parameters {
        let Some(literal) = &parameter.attrs.header else {
            continue;
        };
        let header = literal.value();
        if kind != Kind::Tool {
            errors.at(
                literal,
                format_args!(
                    "only the arguments of a tool are repeated in headers, not those of a {kind}"
                ),
            );
        } else if header.is_empty() || !header.bytes().all(is_token_byte) {
            errors.at(
                literal,
                "the name of a header is a token: letters, digits and ``!#$%&'*+-.^_`|~``",
            );
        } else if let Some(other) = taken.insert(header.to_ascii_lowercase(), &parameter.ident) {
            errors.at(
                literal,
                format_args!("the parameter `{other}` is already repeated in `Mcp-Param-{header}`"),
            );
        }
    }
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// The protocol has it for prompts and for templates.
fn check_completion(kind: Kind, parameters: &[Parameter], errors: &mut Errors) {
    for complete in parameters
        .iter()
        .filter_map(|parameter| parameter.attrs.complete.as_ref())
    {
        if kind == Kind::Tool {
            errors.at(
                complete,
                "only the arguments of prompts and resources are completed, not those of a tool",
            );
        }
    }
}

/// The variables of a template and the arguments of its function are the same.
fn check_variables(attributes: &Attributes, parameters: &[Parameter], errors: &mut Errors) {
    let Some(uri) = &attributes.resource.uri else {
        return;
    };
    for variable in &uri.template.variables {
        if !parameters.iter().any(|parameter| parameter.reads(variable)) {
            errors.at(
                &uri.literal,
                format_args!(
                    "the variable `{variable}` has no parameter: add `{variable}: String`"
                ),
            );
        }
    }
    for parameter in parameters {
        if parameter.attrs.argument.is_some() && !uri.binds(parameter) {
            errors.at(
                &parameter.pat,
                "this argument is no variable of the template, as those of a resource are",
            );
        }
    }
}
