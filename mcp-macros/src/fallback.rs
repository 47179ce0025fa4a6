//! What is left of the output after an error: enough that the function can still be called and
//! registered, and that its body is still checked, so that one mistake is one message.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, Safety, Signature, Token, parse_quote};

use crate::{
    annotated::Annotated,
    check,
    expand::{self, Names, Placement},
    kind::Kind,
};

/// The item as it was written, below the message.
pub(crate) fn verbatim(error: &Error, item: &TokenStream) -> TokenStream {
    let error = error.to_compile_error();
    quote!(#error #item)
}

pub(crate) fn expand(error: &Error, annotated: &Annotated) -> TokenStream {
    let function = &annotated.function;
    if function.is_method() {
        let (attrs, vis, sig, body) = (
            &function.attrs,
            &function.vis,
            &function.sig,
            &function.body,
        );
        return verbatim(error, &quote!(#(#attrs)* #vis #sig #body));
    }
    let error = error.to_compile_error();
    let placement = Placement::of(&function.attrs);
    let conditions = &placement.conditions;
    let private = annotated.root.private();
    let function = endless(annotated, &placement);
    let marker = expand::marker(annotated, &placement);
    let traits = traits(annotated);
    quote! {
        #error
        #function
        #marker

        #(#conditions)*
        const _: () = {
            use #private as __mcp;
            #traits
        };
    }
}

/// The function that users call, which never ends, with the one that they wrote inside.
fn endless(annotated: &Annotated, placement: &Placement<'_>) -> TokenStream {
    let (shown, conditions) = (&placement.shown, &placement.conditions);
    let function = &annotated.function;
    let (vis, ident, generics) = (&function.vis, &function.sig.ident, &function.sig.generics);
    let clause = &generics.where_clause;
    let (names, types) = (function.names(), function.types());
    let (private, marker) = (annotated.root.private(), annotated.marker());
    let (output, written) = if check::has_usable_output(function) {
        (function.output(), Some(written(annotated, placement)))
    } else {
        (parse_quote!(()), None)
    };
    quote! {
        #(#shown)*
        #(#conditions)*
        #[allow(unused_variables)]
        #vis fn #ident #generics(
            #(#names: #types),*
        ) -> #private::Tagged<#marker, ::core::future::Pending<#output>> #clause {
            #written
            #private::Tagged::new(::core::future::pending())
        }
    }
}

/// The function as it was written, for the sake of what is wrong in its body.
fn written(annotated: &Annotated, placement: &Placement<'_>) -> TokenStream {
    let written = &placement.written;
    let (sig, body) = (simple(&annotated.function.sig), &annotated.function.body);
    quote! {
        enum __Written {}
        #[allow(dead_code)]
        impl __Written {
            #(#written)*
            #sig #body
        }
    }
}

/// The signature, less what a function of this kind cannot have.
fn simple(sig: &Signature) -> Signature {
    let mut sig = sig.clone();
    sig.asyncness.get_or_insert_with(<Token![async]>::default);
    sig.constness = None;
    sig.safety = Safety::Default;
    sig.abi = None;
    sig.variadic = None;
    sig
}

/// What makes the function a tool, prompt or resource that works with any state.
fn traits(annotated: &Annotated) -> TokenStream {
    let marker = annotated.marker();
    let Names {
        marker: describes,
        definition,
        item,
        handler,
        result,
        ..
    } = Names::of(annotated.kind);
    let output = (annotated.kind == Kind::Tool).then(|| {
        quote! {
            fn output() -> ::core::option::Option<__mcp::OutputSchema> {
                ::core::unreachable!()
            }
        }
    });
    quote! {
        #[automatically_derived]
        impl __mcp::#describes for #marker {
            fn #definition() -> __mcp::#item {
                ::core::unreachable!()
            }
            fn options() -> __mcp::Options {
                ::core::unreachable!()
            }
        }
        #[automatically_derived]
        impl<__State> __mcp::#handler<__State, ()> for #marker {
            fn input(_: &mut __mcp::InputSchema) {}
            #output
            fn call(
                _: __mcp::Input,
                _: ::std::sync::Arc<__State>,
            ) -> __mcp::BoxFuture<::core::result::Result<__mcp::#result, __mcp::Failure>> {
                ::core::unreachable!()
            }
        }
    }
}
