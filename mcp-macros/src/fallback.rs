//! What is left of the output after an error: enough that the function can still be called and
//! registered, and that its body is still checked, so that one mistake is one message.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, Safety, Signature, Token, TypeImplTrait, visit::Visit};

use crate::{
    annotated::Annotated,
    expand::{Names, Placement},
    kind::Kind,
};

/// The item as it was written, below the message.
pub(crate) fn verbatim(error: &Error, item: &TokenStream) -> TokenStream {
    let error = error.to_compile_error();
    quote!(#error #item)
}

pub(crate) fn expand(error: &Error, annotated: &Annotated) -> TokenStream {
    let function = &annotated.function;
    if function.is_method() || Anonymous::is_in_output(&function.sig) {
        let (attrs, vis, sig, body) = (
            &function.attrs,
            &function.vis,
            &function.sig,
            &function.body,
        );
        return verbatim(error, &quote!(#(#attrs)* #vis #sig #body));
    }
    let error = error.to_compile_error();
    let function = function_pair(annotated);
    let traits = traits(annotated);
    quote! {
        #error
        #function
        #traits
    }
}

/// The function that users call, which never ends, and the one that they wrote.
fn function_pair(annotated: &Annotated) -> TokenStream {
    let function = &annotated.function;
    let Placement {
        shown,
        written,
        lints,
        conditions,
    } = Placement::of(&function.attrs);
    let (vis, sig, body) = (&function.vis, simple(&function.sig), &function.body);
    let (ident, generics, output) = (&sig.ident, &sig.generics, function.output());
    let clause = &generics.where_clause;
    let names: Vec<_> = function
        .parameters
        .iter()
        .map(|parameter| &parameter.ident)
        .collect();
    let types = function.parameters.iter().map(|parameter| &parameter.ty);
    let (private, marker) = (annotated.root.private(), annotated.marker());
    quote! {
        #(#shown)*
        #(#conditions)*
        #[allow(unused_variables)]
        #vis fn #ident #generics(
            #(#names: #types),*
        ) -> #private::Tagged<#marker, ::core::future::Pending<#output>> #clause {
            #private::Tagged::new(::core::future::pending())
        }

        #(#conditions)*
        #[doc(hidden)]
        #[allow(non_camel_case_types)]
        #vis enum #marker {}

        #(#conditions)*
        #[allow(dead_code)]
        impl #marker {
            #(#lints)*
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

fn traits(annotated: &Annotated) -> TokenStream {
    let conditions = Placement::of(&annotated.function.attrs).conditions;
    let (private, marker) = (annotated.root.private(), annotated.marker());
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
        #(#conditions)*
        const _: () = {
            use #private as __mcp;
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
                    _: __mcp::Arc<__State>,
                ) -> __mcp::BoxFuture<::core::result::Result<__mcp::#result, __mcp::Failure>> {
                    ::core::unreachable!()
                }
            }
        };
    }
}

/// Finds `impl Trait`, which only a function that names a concrete value can return.
#[derive(Default)]
struct Anonymous {
    found: bool,
}

impl Anonymous {
    fn is_in_output(sig: &Signature) -> bool {
        let mut search = Self::default();
        search.visit_return_type(&sig.output);
        search.found
    }
}

impl Visit<'_> for Anonymous {
    fn visit_type_impl_trait(&mut self, _: &TypeImplTrait) {
        self.found = true;
    }
}
