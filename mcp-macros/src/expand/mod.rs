//! The output.
//!
//! ```text
//! fn add(a: i64, b: i64) -> Tagged<__mcp_tool_add, impl Future<Output = i64> + Send> {
//!     enum __Written {}
//!     impl __Written { async fn add(a: i64, b: i64) -> i64 { .. } }
//!     Tagged::new(__Written::add(a, b))
//! }
//! enum __mcp_tool_add {}    stands for the function in types
//! const _: () = { .. };     how it is described and called
//! ```

mod description;
mod function;
mod handler;
mod names;
mod parameter;
mod placement;
mod prompt;
mod resource;
mod tool;

use proc_macro2::TokenStream;
use quote::quote;

pub(crate) use self::{function::marker, names::Names, placement::Placement};
use crate::annotated::Annotated;

pub(crate) fn expand(annotated: &Annotated) -> TokenStream {
    let placement = Placement::of(&annotated.function.attrs);
    let conditions = &placement.conditions;
    let private = annotated.root.private();
    let function = function::function(annotated, &placement);
    let marker = marker(annotated, &placement);
    let description = description::marker(annotated);
    let handler = handler::handler(annotated);
    quote! {
        #function
        #marker

        #(#conditions)*
        #[allow(deprecated)]
        const _: () = {
            use #private as __mcp;
            #description
            #handler
        };
    }
}
