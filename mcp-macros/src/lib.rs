//! WIP
mod annotated;
mod attr;
mod check;
mod doc;
mod errors;
mod expand;
mod fallback;
mod function;
mod kind;
mod root;
mod template;

use proc_macro::TokenStream;
use syn::{Path, parse_quote};

use crate::{annotated::Annotated, errors::Errors, kind::Kind};

/// x
#[proc_macro_attribute]
pub fn mcp_tool(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(Kind::Tool, parse_quote!(::mcp_core), arguments, item)
}

#[doc(hidden)]
#[proc_macro_attribute]
pub fn mcp_tool_via_tower(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(Kind::Tool, parse_quote!(::mcp_tower), arguments, item)
}

/// x
#[proc_macro_attribute]
pub fn mcp_prompt(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(Kind::Prompt, parse_quote!(::mcp_core), arguments, item)
}

#[doc(hidden)]
#[proc_macro_attribute]
pub fn mcp_prompt_via_tower(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(Kind::Prompt, parse_quote!(::mcp_tower), arguments, item)
}

/// x
#[proc_macro_attribute]
pub fn mcp_resource(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(Kind::Resource, parse_quote!(::mcp_core), arguments, item)
}

#[doc(hidden)]
#[proc_macro_attribute]
pub fn mcp_resource_via_tower(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(Kind::Resource, parse_quote!(::mcp_tower), arguments, item)
}

/// Reads, checks, expands; `root` is the crate that the output names unless `crate = ..` does.
fn expand(kind: Kind, root: Path, arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = item.into();
    let mut errors = Errors::default();
    let annotated = Annotated::parse(kind, root, arguments.into(), &item, &mut errors);
    if let Some(annotated) = &annotated {
        check::check(annotated, &mut errors);
    }
    let output = match (errors.finish(), &annotated) {
        (Ok(()), Some(annotated)) => expand::expand(annotated),
        (Ok(()), None) => unreachable!("an item that is no function is an error"),
        (Err(error), Some(annotated)) => fallback::expand(&error, annotated),
        (Err(error), None) => fallback::verbatim(&error, &item),
    };
    output.into()
}
