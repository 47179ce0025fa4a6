//! `#[mcp_tool]`: what only tools say.

use proc_macro2::TokenStream;
use quote::quote;

use crate::annotated::Annotated;

pub(super) fn definition(annotated: &Annotated) -> TokenStream {
    let name = annotated.name();
    let keys = &annotated.attributes.tool;
    let read_only = keys.read_only.iter();
    let destructive = keys.destructive.iter();
    let idempotent = keys.idempotent.iter();
    let open_world = keys.open_world.iter();
    quote! {
        __mcp::Tool::new(#name)
            #(.with_read_only(#read_only))*
            #(.with_destructive(#destructive))*
            #(.with_idempotent(#idempotent))*
            #(.with_open_world(#open_world))*
    }
}
