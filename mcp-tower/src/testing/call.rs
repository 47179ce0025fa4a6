//! A request that is made when it is awaited.

use super::{
    Answer, Running, TestClient,
    answer::Arrival,
    exchange::{Exchange, Prepared},
    failure::Failure,
    seen::Seen,
};
use http::{HeaderName, HeaderValue};
use mcp_core::BoxFuture;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{fmt, future::IntoFuture, marker::PhantomData, sync::Arc, time::Duration};

/// A request: await it for its [`Answer`], or [start](Self::start) it and do something else
/// meanwhile.
#[must_use = "a request is made when it is awaited"]
pub struct Call<T> {
    client: TestClient,
    prepared: Prepared,
    read: fn(Value) -> Result<T, Failure>,
    result: PhantomData<fn() -> T>,
}

impl<T: Send + 'static> Call<T> {
    pub(super) fn new(
        client: TestClient,
        prepared: Prepared,
        read: fn(Value) -> Result<T, Failure>,
    ) -> Self {
        Self {
            client,
            prepared,
            read,
            result: PhantomData,
        }
    }

    /// Adds a member to the parameters, beside those that the method has by its name.
    ///
    /// # Panics
    /// When the value does not serialize.
    #[track_caller]
    pub fn param(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        let value = serde_json::to_value(value).expect("a parameter has to serialize");
        self.prepared.params.insert(name.into(), value);
        self
    }

    /// Adds a member to `_meta`: trace context, or what an extension needs.
    ///
    /// # Panics
    /// When the value does not serialize.
    #[track_caller]
    pub fn meta(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        let value = serde_json::to_value(value).expect("metadata has to serialize");
        let meta = self.prepared.params.entry("_meta");
        let meta = meta.or_insert_with(|| Value::Object(serde_json::Map::new()));
        meta[name.into()] = value;
        self
    }

    /// Sets a header of this request alone.
    ///
    /// # Panics
    /// When it cannot be a header.
    #[track_caller]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let (name, value) = header(name, value);
        self.prepared.headers.insert(name, value);
        self
    }

    /// Starts the request as a task: see [`Running`].
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn start(self) -> Running<T> {
        let seen = Arc::new(Seen::default());
        let (client, prepared) = (self.client.clone(), self.prepared.clone());
        let task = tokio::spawn(self.run(seen.clone(), None));
        Running::new(client, prepared, seen, task)
    }

    async fn run(self, seen: Arc<Seen>, patience: Option<Duration>) -> Answer<T> {
        let _ending = seen.ending();
        let (what, caller) = (self.prepared.what(), self.prepared.caller);
        let mut exchange = Exchange {
            client: &self.client,
            seen: &seen,
            patience,
            arrival: Arrival::default(),
            prepared: self.prepared,
        };
        let result = exchange.run().await;
        let arrival = exchange.arrival;
        Answer {
            outcome: result.and_then(self.read),
            arrived: arrival,
            seen,
            transcript: self.client.transcript.clone(),
            what,
            caller,
        }
    }
}

impl<T: Send + 'static> IntoFuture for Call<T> {
    type Output = Answer<T>;
    type IntoFuture = BoxFuture<'static, Answer<T>>;

    fn into_future(self) -> Self::IntoFuture {
        let patience = Some(self.client.config.patience);
        Box::pin(self.run(Arc::default(), patience))
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("method", &self.prepared.method)
            .finish_non_exhaustive()
    }
}

/// A header of a test, which knows what it writes.
#[track_caller]
pub(super) fn header(name: &str, value: &str) -> (HeaderName, HeaderValue) {
    let name = HeaderName::try_from(name).expect("the name of a header");
    let value = HeaderValue::from_str(value).expect("the value of a header");
    (name, value)
}

/// A result by its shape.
pub(super) fn parse<T: DeserializeOwned>(result: Value) -> Result<T, Failure> {
    // From text, since some members keep theirs.
    let text = result.to_string();
    serde_json::from_str(&text).map_err(|error| {
        let wanted = std::any::type_name::<T>();
        let why = format!("the result is no `{wanted}` ({error}): {text}");
        Failure::silence(why, http::StatusCode::OK)
    })
}
