//! `#[mcp_resource]`: what only resources say.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::annotated::Annotated;

pub(super) fn definition(annotated: &Annotated) -> TokenStream {
    let name = annotated.name();
    let keys = &annotated.attributes.resource;
    let uri = keys.uri.as_ref().map(|uri| &uri.literal);
    let mime_type = keys.mime_type.iter();
    let size = keys.size.iter();
    let roles = keys.audience.iter().map(|role| format_ident!("{role}"));
    let audience =
        (!keys.audience.is_empty()).then(|| quote!(.with_audience([#(__mcp::Role::#roles),*])));
    let priority = keys.priority.iter();
    let last_modified = keys.last_modified.iter();
    quote! {
        __mcp::ResourceItem::new(#uri, #name)
            #(.with_mime_type(#mime_type))*
            #(.with_size(#size))*
            #audience
            #(.with_priority(#priority))*
            #(.with_last_modified(#last_modified))*
    }
}
