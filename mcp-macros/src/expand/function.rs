//! The function that users call, with the one that they wrote inside, and the type that stands for
//! both.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use super::Placement;
use crate::annotated::Annotated;

/// The function under its name: its parameters and its output, in a future that is tagged.
pub(super) fn function(annotated: &Annotated, placement: &Placement<'_>) -> TokenStream {
    let Placement {
        shown,
        written,
        conditions,
    } = placement;
    let function = &annotated.function;
    let (vis, sig, body) = (&function.vis, &function.sig, &function.body);
    let (ident, output) = (&sig.ident, function.output());
    let (private, marker) = (annotated.root.private_at(ident.span()), annotated.marker());
    let names: Vec<_> = function.names().collect();
    let types = function.types();
    let inside = quote_spanned! {Span::mixed_site()=>
        enum __Written {}
        // Whether the function is used, is told about the outer one.
        #[allow(dead_code, clippy::needless_pass_by_value, clippy::unused_async)]
        impl __Written {
            #(#written)*
            #sig #body
        }
        #[allow(clippy::used_underscore_binding)]
        let future = __Written::#ident(#(#names),*);
        #private::Tagged::new(future)
    };
    // With these spans the compiler reports what is wrong with the function as a whole, such as a
    // future that is not `Send`, under its name; and that nobody uses it, at all.
    let fn_token = &sig.fn_token;
    let header = quote_spanned! {ident.span()=>
        #vis #fn_token #ident(#(#names: #types),*) -> #private::Tagged<
            #marker,
            impl ::core::future::Future<Output = #output> + ::core::marker::Send,
        >
    };
    let block = quote_spanned!(body.span()=> { #inside });
    quote! {
        #[allow(clippy::missing_errors_doc, clippy::too_many_arguments)]
        #(#shown)*
        #(#conditions)*
        #header #block
    }
}

/// The type that stands for the function.
pub(crate) fn marker(annotated: &Annotated, placement: &Placement<'_>) -> TokenStream {
    let conditions = &placement.conditions;
    let vis = &annotated.function.vis;
    let marker = annotated.marker();
    quote! {
        #(#conditions)*
        #[doc(hidden)]
        #[allow(non_camel_case_types, missing_copy_implementations, missing_debug_implementations)]
        #vis enum #marker {}
    }
}
