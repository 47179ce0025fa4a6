//! The function that users call, and the one that they wrote.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::Placement;
use crate::annotated::Annotated;

/// The function under its name: its parameters and its output, in a future that is tagged.
pub(super) fn shown(annotated: &Annotated, placement: &Placement<'_>) -> TokenStream {
    let Placement {
        shown,
        lints,
        conditions,
        ..
    } = placement;
    let function = &annotated.function;
    let (vis, ident, output) = (&function.vis, &function.sig.ident, function.output());
    let (private, marker) = (annotated.root.private(), annotated.marker());
    let names: Vec<_> = function
        .parameters
        .iter()
        .map(|parameter| &parameter.ident)
        .collect();
    let types = function.parameters.iter().map(|parameter| &parameter.ty);
    // A future that is not `Send` is reported under the name of the function.
    let future = quote_spanned! {ident.span()=>
        impl ::core::future::Future<Output = #output> + ::core::marker::Send
    };
    quote! {
        #(#shown)*
        #(#conditions)*
        #(#lints)*
        #[allow(
            clippy::missing_errors_doc,
            clippy::too_many_arguments,
            clippy::used_underscore_binding
        )]
        #vis fn #ident(#(#names: #types),*) -> #private::Tagged<#marker, #future> {
            #private::Tagged::new(#marker::#ident(#(#names),*))
        }
    }
}

/// The function as it was written, in the hidden type that stands for it.
pub(super) fn written(annotated: &Annotated, placement: &Placement<'_>) -> TokenStream {
    let Placement {
        written,
        lints,
        conditions,
        ..
    } = placement;
    let function = &annotated.function;
    let (vis, sig, body) = (&function.vis, &function.sig, &function.body);
    let marker = annotated.marker();
    quote! {
        #(#conditions)*
        #[doc(hidden)]
        #[allow(non_camel_case_types, missing_copy_implementations, missing_debug_implementations)]
        #vis enum #marker {}

        // Whether the function is used, is told about the one that users call.
        #(#conditions)*
        #[allow(dead_code, clippy::needless_pass_by_value, clippy::unused_async)]
        impl #marker {
            #(#lints)*
            #(#written)*
            #sig #body
        }
    }
}
