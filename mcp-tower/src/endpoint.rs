//! The path of one HTTP request, up to the fork between the eras.

use crate::{
    accept::{self, AcceptPolicy},
    batch,
    collect::{CollectError, Watched, collect, discard},
    cors::Cors,
    entrance::Entrance,
    exchange::{Exchange, classify},
    host::{AllowedHosts, Forbidden},
    http_sse,
    incoming::{Begun, Caller, Incoming},
    legacy,
    limits::Limits,
    modern,
    peer_addr::PeerAddr,
    replicas::Replicas,
    reply::{self, Reply},
    resolve::Source,
    running::Delivery,
    session::{SessionOptions, Sessions},
    sse::EventName,
    standing,
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts};
use mcp_core::{
    Mount, Principal, Quirks, Refusal,
    governor::{Budget, Governor, Payer, Permit},
    protocol::{ErrorObject, Message, strings_within},
};
use std::{mem, pin::pin, time::Duration};

/// How much is read of the body of a request that is refused by its head, and for how long.
const UNREAD_BYTES: usize = 64 * 1024;
const UNREAD_TIME: Duration = Duration::from_secs(1);

/// Everything a mount shares between its requests.
#[derive(Clone)]
pub(crate) struct Endpoint {
    source: Source,
    options: Option<SessionOptions>,
    /// Made of the options and the governor.
    sessions: Option<Sessions>,
    pub(crate) governor: Governor,
    replicas: Option<Replicas>,
    pub(crate) hosts: AllowedHosts,
    pub(crate) limits: Limits,
    pub(crate) accept: AcceptPolicy,
    pub(crate) quirks: Option<Quirks>,
    pub(crate) misdirected_host: bool,
    pub(crate) cors: Option<Cors>,
    /// Set where this is the transport of 2024-11-05.
    pub(crate) http_sse: Option<http_sse::Connections>,
    pub(crate) entrance: Entrance,
}

impl Endpoint {
    pub(crate) fn new(source: Source) -> Self {
        Self {
            source,
            options: None,
            sessions: None,
            governor: Governor::default(),
            replicas: None,
            hosts: AllowedHosts::new(),
            limits: Limits::new(),
            accept: AcceptPolicy::Both,
            quirks: None,
            misdirected_host: false,
            cors: None,
            http_sse: None,
            entrance: Entrance::default(),
        }
        .with_sessions(Some(SessionOptions::new()))
    }

    pub(crate) fn set_mount(&mut self, mount: Mount) {
        self.source.set_mount(mount);
    }

    pub(crate) fn sessions(&self) -> Option<&Sessions> {
        self.sessions.as_ref()
    }

    fn with_sessions(mut self, options: Option<SessionOptions>) -> Self {
        self.set_sessions(options);
        self
    }

    pub(crate) fn set_sessions(&mut self, options: Option<SessionOptions>) {
        self.options = options;
        let replicas = &self.replicas;
        self.sessions =
            options.map(|options| Sessions::new(options, self.governor.clone(), replicas.clone()));
    }

    pub(crate) fn set_replicas(&mut self, replicas: &Replicas) {
        if let Source::Fixed(resolved) = &self.source {
            let name = format!(
                "{}/{}",
                resolved.mount.as_str(),
                resolved.server.info().name
            );
            replicas.relay(&resolved.server, name);
        }
        self.replicas = Some(replicas.clone());
        self.set_sessions(self.options);
    }

    pub(crate) fn set_governor(&mut self, governor: Governor) {
        self.governor = governor;
        self.set_sessions(self.options);
    }

    pub(crate) async fn handle<B>(&self, parts: &mut Parts, body: B) -> Reply
    where
        B: http_body::Body<Data = Bytes> + Send,
    {
        let waits = parts.headers.contains_key(header::EXPECT);
        let mut body = pin!(Watched::new(body));
        let mut reply = self.checked(parts, body.as_mut()).await;
        // Refused by its head. A client that is still sending may never see an answer after which
        // its connection is closed, and every client of OAuth begins with such a request.
        if !body.has_ended() && !reply.headers().contains_key(header::CONNECTION) {
            // Who waits to be asked for the body is not asked.
            if waits || !discard(body, UNREAD_BYTES, UNREAD_TIME).await {
                close(&mut reply);
            }
        }
        reply
    }

    /// Answers a request if its host and its origin are allowed. The document about an endpoint is
    /// for pages of any origin; what is resolved for it is asked for by a host that is allowed.
    async fn checked<B>(&self, parts: &mut Parts, body: B) -> Reply
    where
        B: http_body::Body<Data = Bytes> + Send,
    {
        if let Some(document) = self.entrance.document(parts) {
            return document;
        }
        let allowed = self.hosts.check(&parts.uri, &parts.headers);
        if allowed != Err(Forbidden::Host)
            && !self.entrance.is_guarded()
            && let Some(asked) = self.source.document(parts)
            && let Some(document) = asked.await
        {
            return document;
        }
        if let Err(forbidden) = allowed {
            return self.forbid(forbidden);
        }
        let Some(cors) = &self.cors else {
            // A preflight has no credentials: it would reach the resolver as nobody.
            if parts.method == Method::OPTIONS {
                return reply::method_not_allowed(self.allowed_methods());
            }
            return self.authorized(parts, body).await;
        };
        let origin = parts.headers.get(header::ORIGIN).cloned();
        let named = origin
            .as_ref()
            .is_some_and(|origin| self.hosts.names(origin));
        let mut reply = match parts.method {
            Method::OPTIONS => cors.options(parts, self.allowed_methods()),
            _ => self.authorized(parts, body).await,
        };
        cors.decorate(&mut reply, origin, named);
        reply
    }

    /// Answers a request for a host and from an origin that are allowed, if its caller is too.
    async fn authorized<B>(&self, parts: &mut Parts, body: B) -> Reply
    where
        B: http_body::Body<Data = Bytes> + Send,
    {
        if let Err(refusal) = self.entrance.admit(parts).await {
            return reply::refused(&refusal, None);
        }
        let mut inner = Entrance::default();
        let mut reply = self.answer(parts, body, &mut inner).await;
        inner.complete(reply.headers_mut());
        self.entrance.complete(reply.headers_mut());
        reply
    }

    /// Answers a request that was let in, if the server that it is for does so too: its own
    /// entrance is what `inner` becomes.
    async fn answer<B>(&self, parts: &mut Parts, body: B, inner: &mut Entrance) -> Reply
    where
        B: http_body::Body<Data = Bytes> + Send,
    {
        let mut principal: Principal = parts.extensions.get().cloned().unwrap_or_default();
        let mut resolved = match self.source.resolve(parts, &principal).await {
            Ok(resolved) => resolved,
            Err(unresolved) => return unresolved.into_reply(),
        };
        if resolved.entrance.is_guarded() {
            *inner = mem::take(&mut resolved.entrance);
            if let Err(refusal) = inner.admit(parts).await {
                return reply::refused(&refusal, None);
            }
            principal = parts.extensions.get().cloned().unwrap_or_default();
        }
        let address = parts.extensions.get().map(|PeerAddr(address)| address.ip());
        let payer = Payer::new(&principal, address);
        let quirks = resolved.quirks.as_ref().or(self.quirks.as_ref());
        if let Some(quirks) = quirks {
            parts.extensions.insert(quirks.clone());
        }
        let caller = Caller {
            principal,
            payer,
            event_name: EventName::of(quirks),
            resolved,
        };
        // Boxed, like all that is rare: the future of a call is not to have room for it.
        if let Some(connections) = &self.http_sse {
            return Box::pin(connections.answer(self, parts, body, caller)).await;
        }
        if parts.method != Method::POST {
            return Box::pin(self.answer_without_body(parts, caller)).await;
        }
        let policy = caller.resolved.accept.unwrap_or(self.accept);
        let delivery = match Self::check_media(policy, &parts.headers) {
            Ok(delivery) => delivery,
            Err(refused) => return *refused,
        };
        let (body, bytes) = match self.collect(body, &caller.payer).await {
            Ok(collected) => collected,
            Err(refused) => return *refused,
        };
        if let Err(refused) = self.check_strings(&body) {
            return *refused;
        }
        let incoming = Incoming {
            parts,
            caller,
            call: None,
            bytes: Some(bytes),
            delivery,
        };
        match self.begin(incoming, body) {
            Begun::Running(running) => running.answer().await,
            Begun::Reply(reply) => reply,
            Begun::Later(reply) => reply.await,
        }
    }

    /// Answers a request that is no POST.
    async fn answer_without_body(&self, parts: &Parts, caller: Caller) -> Reply {
        match (&parts.method, &self.sessions) {
            (&Method::GET, Some(sessions)) => standing::open(sessions, parts, caller).await,
            (&Method::DELETE, Some(sessions)) => legacy::delete(sessions, parts, caller).await,
            (&Method::GET | &Method::DELETE, None) => reply::method_not_allowed("POST"),
            _ => reply::method_not_allowed(self.allowed_methods()),
        }
    }

    /// Reads a body, and what its bytes hold.
    pub(crate) async fn collect<B>(
        &self,
        body: B,
        payer: &Payer,
    ) -> Result<(Bytes, Permit), Box<Reply>>
    where
        B: http_body::Body<Data = Bytes> + Send,
    {
        let limits = &self.limits;
        let mut refused = None;
        let bytes = self.governor.acquire(Budget::BodyBytes, payer, 0);
        let mut bytes = bytes.map_err(|refusal| Box::new(reply::refused(&refusal, None)))?;
        let room = |more| {
            bytes
                .try_grow(more)
                .map_err(|refusal| refused = Some(refusal))
                .is_ok()
        };
        let read = collect(body, limits.body_bytes, limits.body_time, room).await;
        match read {
            Ok(body) => Ok((body, bytes)),
            Err(error) => Err(Box::new(uncollected(error, refused))),
        }
    }

    /// Looks at the limit on strings, where there is one.
    pub(crate) fn check_strings(&self, body: &[u8]) -> Result<(), Box<Reply>> {
        let most = self.limits.string_bytes;
        if most.is_none_or(|most| strings_within(body, most)) {
            return Ok(());
        }
        let error = ErrorObject::invalid_request("a string is too long");
        let refused = reply::error(StatusCode::PAYLOAD_TOO_LARGE, &error, None);
        Err(Box::new(refused))
    }

    /// Begins to answer a message.
    fn begin<'a>(&'a self, mut incoming: Incoming<'a>, body: Bytes) -> Begun<'a> {
        if Message::is_batch(&body) {
            let reply = async move { batch::handle(self, incoming, body).await };
            return Begun::Later(Box::pin(reply));
        }
        let message = match Message::parse(body, self.limits.depth) {
            Ok(message) => message,
            Err(error) => {
                return reply::error(StatusCode::BAD_REQUEST, &error.to_error(), error.id()).into();
            }
        };
        // Answers and notifications are no calls: what runs may wait for them.
        if let Message::Request(request) = &message
            && let Some(id) = request.id()
        {
            match self.permit(&incoming, request.method()) {
                Ok(permit) => incoming.call = Some(permit),
                Err(refusal) => return reply::refused(&refusal, Some(id)).into(),
            }
        }
        let exchange = match classify(&message, &incoming.parts.headers) {
            Ok(exchange) => exchange,
            Err(refusal) => return reply::refused(&refusal, None).into(),
        };
        match (exchange, message) {
            (Exchange::Modern, Message::Request(message)) => modern::begin(incoming, message),
            (Exchange::Initialize, Message::Request(message)) => {
                legacy::initialize(self.sessions(), incoming, message)
            }
            // Answers belong to sessions.
            (_, message) => legacy::begin(self.sessions(), incoming, message),
        }
    }

    /// A place among the calls of the mount, or among its streams.
    pub(crate) fn permit(&self, incoming: &Incoming<'_>, method: &str) -> Result<Permit, Refusal> {
        let method = incoming.caller.resolved.server.method(method);
        let budget = match method.is_some_and(|method| method.is_stream()) {
            true => Budget::Streams,
            false => Budget::Calls,
        };
        self.governor.acquire(budget, &incoming.caller.payer, 1)
    }

    fn forbid(&self, forbidden: Forbidden) -> Reply {
        let (status, message) = match forbidden {
            Forbidden::Host if self.misdirected_host => (
                StatusCode::MISDIRECTED_REQUEST,
                "the host is not served here",
            ),
            Forbidden::Host => (StatusCode::FORBIDDEN, "the host is not allowed"),
            Forbidden::Origin => (StatusCode::FORBIDDEN, "the origin is not allowed"),
        };
        reply::error(status, &ErrorObject::invalid_request(message), None)
    }

    fn check_media(policy: AcceptPolicy, headers: &HeaderMap) -> Result<Delivery, Box<Reply>> {
        let refuse = |status, message| {
            let error = ErrorObject::invalid_request(message);
            Err(Box::new(reply::error(status, &error, None)))
        };
        // Also what keeps other sites' forms out: they cannot send this type without asking first.
        if !accept::is_json(headers) {
            return refuse(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "`Content-Type` must be application/json",
            );
        }
        let delivery = policy.delivery(headers);
        delivery.map_or_else(|| refuse(StatusCode::NOT_ACCEPTABLE, policy.demand()), Ok)
    }

    fn allowed_methods(&self) -> &'static str {
        if self.http_sse.is_some() {
            return http_sse::METHODS;
        }
        match self.sessions {
            Some(_) => "GET, POST, DELETE",
            None => "POST",
        }
    }
}

/// A body that was not read, for want of room perhaps.
fn uncollected(error: CollectError, refused: Option<Refusal>) -> Reply {
    let (status, message) = match error {
        CollectError::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "the body is too large"),
        CollectError::TimedOut => (StatusCode::REQUEST_TIMEOUT, "the body took too long"),
        CollectError::NoRoom => (
            StatusCode::SERVICE_UNAVAILABLE,
            "there is no room for the body",
        ),
        CollectError::Broken => (StatusCode::BAD_REQUEST, "the body could not be read"),
    };
    let mut reply = match refused {
        Some(refusal) => reply::refused(&refusal, None),
        None => reply::error(status, &ErrorObject::invalid_request(message), None),
    };
    // What is left of the body is not worth reading.
    close(&mut reply);
    reply
}

/// Tells the client that the connection ends with this answer.
fn close(reply: &mut Reply) {
    let close = HeaderValue::from_static("close");
    reply.headers_mut().insert(header::CONNECTION, close);
}
