//! How a parameter is described and read.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Ident, Type};

use crate::{
    attr::{Bound, Rule, RuleKind},
    function::Parameter,
    root::Root,
};

/// A parameter and its place in the output.
pub(super) struct Slot<'a> {
    parameter: &'a Parameter,
    index: usize,
    way: Way,
}

/// How a parameter gets its value.
enum Way {
    /// As its type decides; the compiler finds out.
    Inferred { via: Ident },
    /// As its attributes say, from the one field of a struct that derives what they belong to.
    Declared { record: Ident, field: Ident },
}

impl<'a> Slot<'a> {
    pub(super) fn new(index: usize, parameter: &'a Parameter) -> Self {
        let way = match parameter.attrs.argument {
            None => Way::Inferred {
                via: format_ident!("__Via{index}"),
            },
            Some(_) => Way::Declared {
                record: format_ident!("__Declared{index}"),
                field: parameter.ident.clone(),
            },
        };
        Self {
            parameter,
            index,
            way,
        }
    }

    /// The variable for its value.
    pub(super) fn value(&self) -> Ident {
        format_ident!("p{}", self.index, span = Span::mixed_site())
    }

    /// The type parameter that tells how the value is found.
    pub(super) fn via(&self) -> Option<&Ident> {
        match &self.way {
            Way::Inferred { via } => Some(via),
            Way::Declared { .. } => None,
        }
    }

    /// The condition under which it can be read, under its type.
    pub(super) fn bound(&self) -> Option<TokenStream> {
        let via = self.via()?;
        let ty = &self.parameter.ty;
        let (first, last) = ends(ty);
        let path = quote_spanned!(first=> __mcp::Param);
        let arguments = quote_spanned!(last=> <__State, #via>);
        Some(quote!(#ty: #path #arguments))
    }

    /// Its entry in the table of fields.
    pub(super) fn field(&self) -> TokenStream {
        let name = self.parameter.name.as_deref().unwrap_or_default();
        let aliases = &self.parameter.attrs.aliases;
        let description = self.parameter.doc.expr().unwrap_or_else(|| quote!(""));
        quote! {
            __mcp::Field {
                name: #name,
                aliases: &[#(#aliases),*],
                description: #description,
            }
        }
    }

    /// The struct that carries its attributes.
    pub(super) fn record(&self, root: &Root) -> Option<TokenStream> {
        let Way::Declared { record, field } = &self.way else {
            return None;
        };
        let (docs, derived) = (&self.parameter.attrs.docs, &self.parameter.attrs.derived);
        let ty = &self.parameter.ty;
        let (serde, schemars) = (root.private_str("serde"), root.private_str("schemars"));
        Some(quote! {
            #[derive(__mcp::serde::Deserialize, __mcp::schemars::JsonSchema)]
            #[serde(crate = #serde)]
            #[schemars(crate = #schemars)]
            struct #record {
                #(#docs)*
                #(#derived)*
                #field: #ty,
            }
        })
    }

    /// Adds it to the schema.
    pub(super) fn describe(&self) -> TokenStream {
        let (index, ty) = (self.index, &self.parameter.ty);
        let describe = match &self.way {
            Way::Inferred { via } => quote_spanned! {Span::mixed_site()=>
                <#ty as __mcp::Param<__State, #via>>::describe(&__FIELDS[#index], schema);
            },
            Way::Declared { record, .. } => quote_spanned! {Span::mixed_site()=>
                __mcp::describe_declared::<#record>(schema);
            },
        };
        let header = self.parameter.attrs.header.iter();
        quote_spanned! {Span::mixed_site()=>
            #describe
            #(__mcp::header(schema, &__FIELDS[#index], #header);)*
        }
    }

    /// What to look for among the arguments.
    pub(super) fn wanted(&self) -> TokenStream {
        let (index, ty) = (self.index, &self.parameter.ty);
        let kind = match &self.way {
            Way::Inferred { via } => quote!(<#ty as __mcp::Param<__State, #via>>::KIND),
            Way::Declared { .. } => quote!(__mcp::Kind::Argument),
        };
        quote!((&__FIELDS[#index], #kind))
    }

    /// Its value, or why there is none.
    pub(super) fn read(&self) -> TokenStream {
        let (index, ty) = (self.index, &self.parameter.ty);
        match &self.way {
            Way::Inferred { via } => quote_spanned! {Span::mixed_site()=>
                <#ty as __mcp::Param<__State, #via>>::read(
                    &__FIELDS[#index],
                    slots.get(#index),
                    input.context(),
                    &state,
                )
                .await
            },
            Way::Declared { record, field } => {
                let rules = self.parameter.attrs.rules.iter();
                let checks = rules.map(|rule| check(rule, index, ty));
                quote_spanned! {Span::mixed_site()=>
                    __mcp::read_declared::<#record>(&__FIELDS[#index], slots.get(#index))
                        .map(|declared| declared.#field)
                        #(.and_then(#checks))*
                }
            }
        }
    }
}

/// A closure that lets a value pass that obeys `rule`.
fn check(rule: &Rule, index: usize, ty: &Type) -> TokenStream {
    let span = rule.span.resolved_at(Span::mixed_site());
    let (name, limits) = match &rule.kind {
        RuleKind::Range { min, max } => {
            let (min, max) = (min.as_ref().map(bound), max.as_ref().map(bound));
            let (min, max) = (option(min), option(max));
            ("range", quote!(, #min, #max))
        }
        RuleKind::Length { min, max } => {
            let (min, max) = (option(min.as_ref()), option(max.as_ref()));
            ("length", quote!(, #min, #max))
        }
        RuleKind::Pattern(pattern) => ("pattern", quote!(, #pattern)),
    };
    let name = Ident::new(name, span);
    quote_spanned! {span=>
        |value: #ty| __mcp::check::#name(&__FIELDS[#index], &value #limits).map(|()| value)
    }
}

fn bound(bound: &Bound) -> TokenStream {
    match bound {
        Bound::Int(int) => quote!(__mcp::Bound::int(#int)),
        Bound::Float(float) => quote!(__mcp::Bound::float(#float)),
        Bound::Expr(expr) => quote!(__mcp::Bound::from(#expr)),
    }
}

fn option(value: Option<impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

/// The spans of the first and of the last token of `tokens`: a message about what lies between
/// them points at all of it.
pub(super) fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let mut spans = tokens
        .to_token_stream()
        .into_iter()
        .map(|token| token.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    (first, spans.last().unwrap_or(first))
}
