//! An attribute together with the function below it.

use proc_macro2::TokenStream;
use quote::format_ident;
use syn::{Ident, Path, ext::IdentExt};

use crate::{attr::Attributes, errors::Errors, function::Function, kind::Kind, root::Root};

pub(crate) struct Annotated {
    pub(crate) kind: Kind,
    pub(crate) root: Root,
    pub(crate) attributes: Attributes,
    pub(crate) function: Function,
}

impl Annotated {
    /// `None` where there is no function at all.
    pub(crate) fn parse(
        kind: Kind,
        root: Path,
        arguments: TokenStream,
        item: &TokenStream,
        errors: &mut Errors,
    ) -> Option<Self> {
        let mut attributes = Attributes::parse(kind, arguments, errors);
        Some(Self {
            kind,
            root: Root(attributes.root.take().unwrap_or(root)),
            attributes,
            function: Function::parse(kind, item, errors)?,
        })
    }

    /// The hidden type that stands for the function.
    pub(crate) fn marker(&self) -> Ident {
        let ident = &self.function.sig.ident;
        format_ident!(
            "__mcp_{}_{}",
            self.kind.as_str(),
            ident.unraw(),
            span = ident.span()
        )
    }

    /// The name under which clients know the function.
    pub(crate) fn name(&self) -> String {
        match &self.attributes.name {
            Some(name) => name.value(),
            None => self.function.sig.ident.unraw().to_string(),
        }
    }
}
