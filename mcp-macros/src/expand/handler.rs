//! How a function is called.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use super::{names::Names, parameter::Slot};
use crate::{annotated::Annotated, kind::Kind};

/// The fields of a function, and the implementation of the trait that calls it.
pub(super) fn handler(annotated: &Annotated) -> TokenStream {
    let names = Names::of(annotated.kind);
    let Names {
        handler, result, ..
    } = &names;
    let marker = annotated.marker();
    let slots: Vec<_> = annotated
        .function
        .parameters
        .iter()
        .enumerate()
        .map(|(index, parameter)| Slot::new(index, parameter))
        .collect();
    let vias: Vec<_> = slots.iter().filter_map(Slot::via).collect();
    let bounds = slots.iter().filter_map(Slot::bound);
    let describe = slots.iter().map(Slot::describe);
    let fields = slots.iter().map(Slot::field);
    let count = slots.len();
    let records = slots.iter().map(|slot| slot.record(&annotated.root));
    let returns = returns(annotated, &names);
    let output = match annotated.kind {
        Kind::Tool => Some(quote! {
            fn output() -> ::core::option::Option<__mcp::OutputSchema> {
                __schema::<Self>()
            }
        }),
        Kind::Prompt | Kind::Resource => None,
    };
    let body = body(annotated, &slots);
    quote_spanned! {Span::mixed_site()=>
        static __FIELDS: [__mcp::Field; #count] = [#(#fields),*];
        #(#records)*
        #returns

        #[automatically_derived]
        impl<__State, #(#vias),*> __mcp::#handler<__State, (#(#vias,)*)> for #marker
        where
            __State: ::core::marker::Send + ::core::marker::Sync + 'static,
            #(#bounds,)*
        {
            fn input(schema: &mut __mcp::InputSchema) {
                #(#describe)*
            }
            #output
            fn call(
                input: __mcp::Input,
                state: ::std::sync::Arc<__State>,
            ) -> __mcp::BoxFuture<::core::result::Result<__mcp::#result, __mcp::Failure>> {
                #body
            }
        }
    }
}

/// Says what the function returns in one place, so that an output that is none is reported there
/// and nowhere else.
fn returns(annotated: &Annotated, names: &Names) -> TokenStream {
    let Names {
        result,
        into_result,
        convert,
        ..
    } = names;
    let marker = annotated.marker();
    let output = annotated.function.output();
    let schema = (annotated.kind == Kind::Tool).then(|| {
        quote! {
            fn __schema<T: __Returns>() -> ::core::option::Option<__mcp::OutputSchema> {
                __mcp::tool_output::<T::Output>()
            }
        }
    });
    quote! {
        trait __Returns {
            type Output: __mcp::#into_result;
        }
        impl __Returns for #marker {
            type Output = #output;
        }
        fn __convert<T: __Returns>(
            output: T::Output,
        ) -> ::core::result::Result<__mcp::#result, __mcp::Failure> {
            __mcp::#into_result::#convert(output)
        }
        #schema
    }
}

/// Reads every parameter, then calls the function; or says what is wrong with all of them.
fn body(annotated: &Annotated, slots: &[Slot<'_>]) -> TokenStream {
    let ident = &annotated.function.sig.ident;
    let wanted = slots.iter().map(Slot::wanted);
    let values: Vec<_> = slots.iter().map(Slot::value).collect();
    let reads = slots.iter().map(Slot::read);
    let (slots, gather) = if slots.is_empty() {
        (None, None)
    } else {
        let gather = quote_spanned! {Span::mixed_site()=>
            let (#(#values,)*) = match (#(#values,)*) {
                (#(::core::result::Result::Ok(#values),)*) => (#(#values,)*),
                (#(#values,)*) => {
                    return ::core::result::Result::Err(
                        __mcp::Failure::gather([#(#values.err()),*]),
                    );
                }
            };
        };
        (
            Some(quote_spanned!(Span::mixed_site()=> let slots =)),
            Some(gather),
        )
    };
    quote_spanned! {Span::mixed_site()=>
        ::std::boxed::Box::pin(async move {
            #slots input.slots([#(#wanted),*])?;
            #(let #values = #reads;)*
            #gather
            __convert::<Self>(#ident(#(#values),*).await)
        })
    }
}
