//! One MCP request on its way to a handler.

mod batch;
mod claim;
mod facts;
mod handshake;
mod trace;

pub use batch::Batch;
pub use claim::Claim;
pub use facts::{Client, Facts};
pub use handshake::Handshake;
pub use trace::{TraceContext, TraceParent, TraceParentError};

use crate::{
    call::{Hold, Link},
    peer::{NoPeer, Peer},
    protocol::{ErrorObject, Known, RawJson, ResourceItem},
    refusal::Refusal,
    resource::Variables,
    server::{Entry, ServerHandle, Snapshot},
    session::Session,
};
use http::Extensions;
use std::{
    fmt,
    sync::{Arc, LazyLock},
};

/// A request as layers and handlers see it. Cheap to clone: it counts references.
///
/// It has three parts. The [`Facts`] are all that an operation depends on; they serialize, so a
/// worker elsewhere can run it. `Extensions` and the HTTP head are what a transport adds in this
/// process. The [`Peer`] is whoever listens to the call.
///
/// ```
/// use mcp_core::{Facts, Request, protocol::{Message, Revision}};
///
/// let body = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add"}}"#;
/// let Message::Request(message) = Message::parse(body.as_slice().into(), 64)? else { panic!() };
/// let request = Request::new(Facts::new(message, Revision::V2026_07_28));
/// assert_eq!(request.method(), "tools/call");
/// assert_eq!(request.target_name(), Some("add"));
/// # Ok::<(), mcp_core::protocol::ParseError>(())
/// ```
#[derive(Clone)]
pub struct Request {
    /// Together, so that a request is small to move and a clone of it counts one reference.
    told: Arc<Told>,
    extensions: Extensions,
    /// Nobody, where there is none.
    peer: Option<Arc<dyn Peer>>,
    variables: Option<Variables>,
    snapshot: Option<Snapshot>,
    session: Option<Arc<dyn Session>>,
    server: ServerHandle,
    resource: Option<Arc<Entry<ResourceItem>>>,
    call: Option<Arc<Link>>,
}

/// What a request says.
#[derive(Clone)]
struct Told {
    facts: Facts,
    http: Option<HttpHead>,
}

/// Listens to requests that nobody listens to.
static NOBODY: LazyLock<Arc<dyn Peer>> = LazyLock::new(|| Arc::new(NoPeer));

/// What an HTTP request says beside its body; extensions are with the [`Request`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HttpHead {
    /// The method.
    pub method: http::Method,
    /// The URI as the mount saw it.
    pub uri: http::Uri,
    /// The HTTP version.
    pub version: http::Version,
    /// The headers.
    pub headers: http::HeaderMap,
}

impl From<http::request::Parts> for HttpHead {
    fn from(parts: http::request::Parts) -> Self {
        Self {
            method: parts.method,
            uri: parts.uri,
            version: parts.version,
            headers: parts.headers,
        }
    }
}

impl Request {
    /// A request without HTTP parts that nobody listens to.
    #[inline]
    pub fn new(facts: Facts) -> Self {
        Self {
            told: Arc::new(Told { facts, http: None }),
            extensions: Extensions::new(),
            peer: None,
            variables: None,
            snapshot: None,
            session: None,
            server: ServerHandle::default(),
            resource: None,
            call: None,
        }
    }

    /// Adds the head of the HTTP request. Its extensions become the request's, untouched.
    #[must_use]
    #[inline]
    pub fn with_http(mut self, mut parts: http::request::Parts) -> Self {
        self.extensions = std::mem::take(&mut parts.extensions);
        Arc::make_mut(&mut self.told).http = Some(parts.into());
        self
    }

    /// Says who listens.
    #[must_use]
    #[inline]
    pub fn with_peer(mut self, peer: Arc<dyn Peer>) -> Self {
        self.peer = Some(peer);
        self
    }

    /// Says which session the request belongs to.
    #[must_use]
    #[inline]
    pub fn with_session(mut self, session: Arc<dyn Session>) -> Self {
        self.session = Some(session);
        self
    }

    /// The session the request belongs to, in the legacy era.
    pub fn session(&self) -> Option<&Arc<dyn Session>> {
        self.session.as_ref()
    }

    /// Everything the operation depends on.
    #[inline]
    pub fn facts(&self) -> &Facts {
        &self.told.facts
    }

    /// The method.
    #[inline]
    pub fn method(&self) -> &str {
        self.facts().message.method()
    }

    /// The tool, prompt, resource or task that the request is about.
    pub fn target_name(&self) -> Option<&str> {
        let params = self.facts().message.params();
        [&params.name, &params.uri, &params.task_id]
            .into_iter()
            .find_map(|name| name.get())
            .map(|name| name.as_str())
    }

    /// What outer layers have put beside the HTTP request.
    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// The same, to add to.
    pub fn extensions_mut(&mut self) -> &mut Extensions {
        &mut self.extensions
    }

    /// The HTTP head, where there is HTTP.
    pub fn http(&self) -> Option<&HttpHead> {
        self.told.http.as_ref()
    }

    /// Whoever listens.
    pub fn peer(&self) -> &Arc<dyn Peer> {
        self.peer.as_ref().unwrap_or_else(|| &NOBODY)
    }

    /// The arguments; absent ones are the empty object.
    pub(crate) fn arguments(&self) -> Result<RawJson, Refusal> {
        match &self.facts().message.params().arguments {
            Known::Absent => Ok(RawJson::EMPTY_OBJECT),
            Known::Is(arguments) => Ok(arguments.clone()),
            Known::Malformed => {
                let error = ErrorObject::invalid_params("`arguments` must be an object");
                Err(Refusal::answer(error))
            }
        }
    }

    /// The resource that the URI names, and what it says about the variables of its template.
    pub(crate) fn set_resource(&mut self, entry: Arc<Entry<ResourceItem>>, variables: Variables) {
        self.resource = Some(entry);
        self.variables = Some(variables);
    }

    /// The resource that the request was found to be about.
    pub(crate) fn resource(&self) -> Option<&Arc<Entry<ResourceItem>>> {
        self.resource.as_ref()
    }

    pub(crate) fn take_variables(&mut self) -> Option<Variables> {
        self.variables.take()
    }

    #[inline]
    pub(crate) fn set_server(&mut self, server: ServerHandle) {
        self.server = server;
    }

    #[inline]
    pub(crate) fn set_call(&mut self, call: Arc<Link>) {
        self.call = Some(call);
    }

    /// Keeps the call that the request runs in from being over, where there is one.
    pub(crate) fn hold(&self) -> Option<Hold> {
        self.call.as_ref().map(Hold::new)
    }

    pub(crate) fn server(&self) -> &ServerHandle {
        &self.server
    }

    /// The catalog that answers this request, however often it is asked for.
    pub(crate) fn snapshot(&mut self, take: impl FnOnce() -> Snapshot) -> Snapshot {
        self.snapshot.get_or_insert_with(take).clone()
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("facts", self.facts())
            .finish_non_exhaustive()
    }
}

impl From<Facts> for Request {
    fn from(facts: Facts) -> Self {
        Self::new(facts)
    }
}

/// Reads a request from a body, for tests and examples in this crate.
#[cfg(test)]
pub(crate) fn from_json(body: &str, revision: crate::protocol::Revision) -> Request {
    use crate::protocol::Message;
    let body = bytes::Bytes::copy_from_slice(body.as_bytes());
    match Message::parse(body, crate::protocol::DEFAULT_MAX_DEPTH) {
        Ok(Message::Request(message)) => Request::new(Facts::new(message, revision)),
        other => panic!("not a request: {other:?}"),
    }
}
