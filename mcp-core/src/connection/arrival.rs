use crate::scopes::Scopes;
use http::{Extensions, request::Parts};

/// What came with a message: extensions, and the head of an HTTP request where there was one.
///
/// What the caller was granted are the [`Scopes`] among the extensions.
#[derive(Clone, Debug, Default)]
pub struct Arrival(Kind);

#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "it lives as long as one message is looked at"
)]
enum Kind {
    Plain(Extensions),
    Http(Parts),
}

impl Default for Kind {
    fn default() -> Self {
        Self::Plain(Extensions::new())
    }
}

impl Arrival {
    pub(super) fn scopes(&self) -> Scopes {
        self.extensions().get().cloned().unwrap_or_default()
    }

    pub(super) fn extensions(&self) -> &Extensions {
        match &self.0 {
            Kind::Plain(extensions) => extensions,
            Kind::Http(parts) => &parts.extensions,
        }
    }

    /// Gives a request what came with it.
    pub(super) fn dress(self, mut request: crate::Request) -> crate::Request {
        match self.0 {
            Kind::Plain(extensions) => {
                *request.extensions_mut() = extensions;
                request
            }
            Kind::Http(parts) => request.with_http(parts),
        }
    }
}

impl From<Extensions> for Arrival {
    fn from(extensions: Extensions) -> Self {
        Self(Kind::Plain(extensions))
    }
}

impl From<Parts> for Arrival {
    fn from(parts: Parts) -> Self {
        Self(Kind::Http(parts))
    }
}
