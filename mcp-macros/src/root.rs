//! The crate that the output names.

use std::fmt;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::Path;

/// The path of a crate with a module `private`.
pub(crate) struct Root(pub(crate) Path);

impl Root {
    /// The module with everything that the output may name.
    pub(crate) fn private(&self) -> TokenStream {
        let Self(path) = self;
        quote!(#path::private)
    }

    /// The same, for output that stands where users look.
    pub(crate) fn private_at(&self, span: Span) -> TokenStream {
        let tokens = self.private().into_iter();
        tokens
            .map(|mut token| {
                token.set_span(span);
                token
            })
            .collect()
    }

    /// The path of `module` in there, as `#[serde(crate = "..")]` takes it.
    pub(crate) fn private_str(&self, module: &str) -> String {
        format!("{}::private::{module}", compact(&self.0))
    }
}

/// As users would name the crate.
impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(compact(&self.0).trim_start_matches(':'))
    }
}

fn compact(path: &Path) -> String {
    path.to_token_stream().to_string().replace(' ', "")
}
