//! HTTP+SSE, the transport of 2024-11-05: a GET opens a stream, whose first event says where to
//! send messages; all else the server says is an event of that stream.
//!
//! The connection lives as long as its stream, in this process: where there are several, a proxy
//! has to send a client to the same one each time.

mod options;
mod stream;
mod table;

pub use options::HttpSse;

pub(crate) use stream::OutboxEvents;

use self::table::{Id, Table};
use crate::{
    accept,
    body::Body,
    endpoint::Endpoint,
    incoming::{self, Caller},
    reply::{self, Reply},
};
use bytes::Bytes;
use http::{Method, StatusCode, request::Parts};
use mcp_core::{
    Reference, Refusal,
    call::Link,
    connection::{Closed, Connection, ConnectionOptions},
    governor::Budget,
    protocol::ErrorObject,
};
use tokio::time::timeout;

/// The methods that are served.
pub(crate) const METHODS: &str = "GET, POST";

/// The connections of one mount.
#[derive(Clone)]
pub(crate) struct Connections {
    options: HttpSse,
    table: Table,
}

impl Connections {
    pub(crate) fn new(options: HttpSse) -> Self {
        Self {
            options,
            table: Table::default(),
        }
    }

    /// Answers a request that was let in.
    pub(crate) async fn answer<B>(
        &self,
        endpoint: &Endpoint,
        parts: &mut Parts,
        body: B,
        caller: Caller,
    ) -> Reply
    where
        B: http_body::Body<Data = Bytes> + Send,
    {
        match parts.method {
            Method::GET => match self.open(endpoint, parts, &caller) {
                Ok(stream) => reply::events(Body::outbox(stream)),
                Err(refused) => *refused,
            },
            Method::POST => match self.take(endpoint, parts, body, &caller).await {
                Ok(()) => reply::empty(StatusCode::ACCEPTED),
                Err(refused) => *refused,
            },
            _ => reply::method_not_allowed(METHODS),
        }
    }

    /// Opens a connection.
    fn open(
        &self,
        endpoint: &Endpoint,
        parts: &Parts,
        caller: &Caller,
    ) -> Result<OutboxEvents, Box<Reply>> {
        if !accept::allows_events(&parts.headers) {
            return Err(refuse(
                StatusCode::NOT_ACCEPTABLE,
                "`Accept` must allow text/event-stream",
            ));
        }
        let governor = &endpoint.governor;
        let acquire = |budget| governor.acquire(budget, &caller.payer, 1).map_err(refused);
        let permits = [acquire(Budget::Streams)?, acquire(Budget::Rows)?];
        let options = ConnectionOptions::new()
            .principal(caller.principal.clone())
            .mount(caller.resolved.mount.clone())
            .governor(governor.clone(), caller.payer.clone())
            .depth(endpoint.limits.depth)
            .batch_messages(endpoint.limits.batch_messages)
            .sessions_only();
        let opened = Connection::open(&caller.resolved.server, options);
        let (connection, outbox) = opened.map_err(refused)?;
        let entered = self.table.enter(&caller.owner(), connection);
        let (id, place) = entered.map_err(|error| {
            let reference = Reference::log(&format!("a connection has no id: {error}"));
            refused(Refusal::internal(reference))
        })?;
        let path = self.options.path.as_deref().unwrap_or_default();
        // A reference replaces the query of the stream, by which it may have been routed.
        let query = parts.uri.query().unwrap_or_default().split('&');
        let query = query.filter(|pair| !pair.is_empty() && !pair.starts_with("session="));
        let query: String = query.flat_map(|pair| [pair, "&"]).collect();
        let first = format!("event: endpoint\ndata: {path}?{query}{id}\n\n").into();
        let name = caller.event_name;
        Ok(OutboxEvents::new(first, outbox, name, place, permits))
    }

    /// Takes a message: what it comes to is said on the stream, as is an error about a request
    /// that was understood.
    async fn take<B>(
        &self,
        endpoint: &Endpoint,
        parts: &mut Parts,
        body: B,
        caller: &Caller,
    ) -> Result<(), Box<Reply>>
    where
        B: http_body::Body<Data = Bytes> + Send,
    {
        let id = Id::of_query(parts.uri.query());
        let connection = id.and_then(|id| self.table.find(&caller.owner(), &id));
        let connection = connection.ok_or_else(unknown)?;
        if !accept::is_json(&parts.headers) {
            return Err(refuse(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "`Content-Type` must be application/json",
            ));
        }
        // Each message is charged when it is received.
        let (body, _arriving) = endpoint.collect(body, &caller.payer).await?;
        endpoint.check_strings(&body)?;
        let received = connection.read(body).map_err(|unreadable| {
            let (error, id) = (&unreadable.error, unreadable.id.as_ref());
            Box::new(reply::error(StatusCode::BAD_REQUEST, error, id))
        })?;
        let receiving = connection.receive(received, incoming::take(parts).into());
        match timeout(Link::STALL, receiving).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(Closed)) => Err(unknown()),
            // A client that does not read its stream.
            Err(_) => Err(refused(Refusal::overloaded())),
        }
    }
}

fn unknown() -> Box<Reply> {
    refuse(
        StatusCode::NOT_FOUND,
        "the session is unknown, or its stream has ended",
    )
}

fn refused(refusal: Refusal) -> Box<Reply> {
    Box::new(reply::refused(&refusal, None))
}

fn refuse(status: StatusCode, message: &'static str) -> Box<Reply> {
    let error = ErrorObject::invalid_request(message);
    Box::new(reply::error(status, &error, None))
}
