//! Extensions of the protocol: methods, capability and requirements, registered at one place.

use super::NameSource;
use crate::route::Route;
use serde_json::{Map, Value};

/// An extension that a server speaks (2026-07-28).
///
/// Its identifier and settings appear in the server's capabilities; its methods answer only
/// clients that declare it.
///
/// ```
/// use mcp_core::{NameSource, ProtocolExtension, RequestError, Route, Server, protocol::RawJson};
///
/// let greet = Route::from_fn(|_| async { Ok::<_, RequestError>(RawJson::EMPTY_OBJECT) });
/// let extension = ProtocolExtension::new("com.example/greetings")
///     .method("greetings/get", Some(NameSource::Name), greet);
/// let server = Server::builder("hello", "1.0").extension(extension).build();
/// assert!(server.method("greetings/get").is_some());
/// ```
#[derive(Clone, Debug)]
pub struct ProtocolExtension {
    identifier: String,
    settings: Map<String, Value>,
    methods: Vec<ExtensionMethod>,
}

#[derive(Clone, Debug)]
pub(super) struct ExtensionMethod {
    name: String,
    pub(super) name_source: Option<NameSource>,
    pub(super) route: Route,
}

impl ProtocolExtension {
    /// An extension with a reverse-domain identifier.
    pub fn new(identifier: impl Into<String>) -> Self {
        Self {
            identifier: identifier.into(),
            settings: Map::new(),
            methods: Vec::new(),
        }
    }

    /// Sets what the capabilities say about it; `{}` unless set.
    #[must_use]
    pub fn settings(mut self, settings: Map<String, Value>) -> Self {
        self.settings = settings;
        self
    }

    /// Adds a method. `name_source` is the parameter that `Mcp-Name` mirrors. Methods of the
    /// protocol itself cannot be replaced.
    #[must_use]
    pub fn method(
        mut self,
        name: impl Into<String>,
        name_source: Option<NameSource>,
        route: Route,
    ) -> Self {
        self.methods.push(ExtensionMethod {
            name: name.into(),
            name_source,
            route,
        });
        self
    }

    /// Its identifier.
    pub fn identifier(&self) -> &str {
        &self.identifier
    }

    pub(super) fn capability(&self) -> (String, Value) {
        (self.identifier.clone(), self.settings.clone().into())
    }

    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.methods.iter().position(|method| method.name == name)
    }

    pub(super) fn method_at(&self, position: usize) -> Option<&ExtensionMethod> {
        self.methods.get(position)
    }
}
