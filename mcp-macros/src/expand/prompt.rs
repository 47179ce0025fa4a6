//! `#[mcp_prompt]`: what only prompts say.

use proc_macro2::TokenStream;
use quote::quote;

use crate::annotated::Annotated;

pub(super) fn definition(annotated: &Annotated) -> TokenStream {
    let name = annotated.name();
    quote!(__mcp::Prompt::new(#name))
}
