//! How a function is called.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use super::{names::Names, parameter::Slot};
use crate::annotated::Annotated;

/// The fields of a function, and the implementation of the trait that calls it.
pub(super) fn handler(annotated: &Annotated) -> TokenStream {
    let Names {
        handler, result, ..
    } = Names::of(annotated.kind);
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
    let body = body(annotated, &slots);
    quote_spanned! {Span::mixed_site()=>
        static __FIELDS: [__mcp::Field; #count] = [#(#fields),*];
        #(#records)*

        #[automatically_derived]
        impl<__State, #(#vias),*> __mcp::#handler<__State, (#(#vias,)*)> for #marker
        where
            __State: ::core::marker::Send + ::core::marker::Sync + 'static,
            #(#bounds,)*
        {
            fn input(schema: &mut __mcp::InputSchema) {
                #(#describe)*
            }
            fn call(
                input: __mcp::Input,
                state: ::std::sync::Arc<__State>,
            ) -> __mcp::BoxFuture<::core::result::Result<__mcp::#result, __mcp::Failure>> {
                #body
            }
        }
    }
}

/// Reads every parameter, then calls the function; or says what is wrong with all of them.
fn body(annotated: &Annotated, slots: &[Slot<'_>]) -> TokenStream {
    let ident = &annotated.function.sig.ident;
    let convert = Names::of(annotated.kind).convert;
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
            __mcp::#convert::<Self>(#ident(#(#values),*).await)
        })
    }
}
