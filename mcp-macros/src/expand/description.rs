//! What a client is told about a function.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Ident, spanned::Spanned};

use super::{names::Names, prompt, resource, tool};
use crate::{
    annotated::Annotated,
    attr::{Attributes, Icon},
    function::Function,
    kind::Kind,
};

/// The implementation of the trait that describes.
pub(super) fn marker(annotated: &Annotated) -> TokenStream {
    let Names {
        marker: describes,
        definition,
        item,
        ..
    } = Names::of(annotated.kind);
    let marker = annotated.marker();
    let value = match annotated.kind {
        Kind::Tool => tool::definition(annotated),
        Kind::Prompt => prompt::definition(annotated),
        Kind::Resource => resource::definition(annotated),
    };
    let common = common(annotated);
    let options = options(&annotated.attributes);
    let layer = layer(&annotated.attributes);
    let completers = completers(&annotated.function);
    let output = annotated.function.output();
    quote! {
        #[automatically_derived]
        impl __mcp::#describes for #marker {
            type Output = #output;
            fn #definition() -> __mcp::#item {
                #value #common
            }
            fn options() -> __mcp::Options {
                __mcp::Options::new() #options
            }
            #layer
            #completers
        }
    }
}

/// What every kind can say.
fn common(annotated: &Annotated) -> TokenStream {
    let attributes = &annotated.attributes;
    let title = attributes.title.iter();
    let description = match &attributes.description {
        Some(expr) => Some(quote!(#expr)),
        None => annotated.function.doc().expr(),
    };
    let description = description.iter();
    let icons = attributes.icons.iter().map(icon);
    let meta = attributes.meta.iter();
    quote! {
        #(.with_title(#title))*
        #(.with_description(#description))*
        #(.with_icon(#icons))*
        #(.with_meta(__mcp::meta(#meta)))*
    }
}

fn icon(icon: &Icon) -> TokenStream {
    let Icon {
        src,
        mime_type,
        sizes,
        theme,
    } = icon;
    let mime_type = mime_type.iter();
    let theme = theme.iter().map(|theme| format_ident!("{theme}"));
    quote! {
        __mcp::Icon::new(#src)
            #(.with_mime_type(#mime_type))*
            #(.with_size(#sizes))*
            #(.with_theme(__mcp::IconTheme::#theme))*
    }
}

fn options(attributes: &Attributes) -> TokenStream {
    let requires = attributes
        .requires
        .iter()
        .map(|name| format_ident!("{name}"));
    let ignore_unknown = attributes
        .tool
        .ignore_unknown
        .then(|| quote!(.ignore_unknown()));
    let timeout = attributes.timeout.map(|limit| {
        // The unit is the finest that can be written.
        let milliseconds = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        quote!(.timeout(::core::time::Duration::from_millis(#milliseconds)))
    });
    let run_to_completion = attributes
        .run_to_completion
        .then(|| quote!(.run_to_completion()));
    let scopes = attributes.scopes.iter();
    quote! {
        #(.requires(__mcp::Capability::#requires))*
        #ignore_unknown
        #timeout
        #run_to_completion
        #(.scopes(#scopes))*
    }
}

/// What wraps the handler; nothing where there is no layer. What is wrong with a layer is reported
/// at its expression.
fn layer(attributes: &Attributes) -> Option<TokenStream> {
    let layer = attributes.layer.as_ref()?;
    let route = Ident::new("route", Span::mixed_site());
    let wrapped = quote_spanned!(layer.span()=> __mcp::Route::layer(#route, #layer));
    Some(quote_spanned! {Span::mixed_site()=>
        fn layer(#route: __mcp::Route) -> __mcp::Route {
            #wrapped
        }
    })
}

/// What suggests values for arguments; nothing where no argument has that.
fn completers(function: &Function) -> Option<TokenStream> {
    let mut adds = function
        .parameters
        .iter()
        .filter_map(|parameter| {
            let (name, complete) = (&parameter.name, parameter.attrs.complete.as_ref()?);
            Some(quote_spanned!(Span::mixed_site()=> completers.add(#name, #complete);))
        })
        .peekable();
    adds.peek()?;
    Some(quote_spanned! {Span::mixed_site()=>
        fn completers(completers: &mut __mcp::Completers) {
            #(#adds)*
        }
    })
}
