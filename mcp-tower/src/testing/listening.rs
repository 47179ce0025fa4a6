//! Being told of changes: `subscriptions/listen`, or the stream of a session.

use super::{
    TestClient,
    call::parse,
    exchange::{Prepared, notification},
    failure::Failure,
    transport::{Arrived, Content, Outgoing},
};
use http::HeaderMap;
use mcp_core::{
    BoxFuture, SubscriptionFilter,
    protocol::{Era, Notification},
};
use serde_json::{Map, Value, json};
use std::{fmt, future::IntoFuture, panic::Location};

const TOOLS: &str = "notifications/tools/list_changed";
const PROMPTS: &str = "notifications/prompts/list_changed";
const RESOURCES: &str = "notifications/resources/list_changed";
const UPDATED: &str = "notifications/resources/updated";
const ACKNOWLEDGED: &str = "notifications/subscriptions/acknowledged";

/// What to listen to: all lists, and the resources that are added. Await it to begin.
#[derive(Debug)]
#[must_use = "listening begins when it is awaited"]
pub struct Listen {
    client: TestClient,
    uris: Vec<String>,
    caller: &'static Location<'static>,
}

impl TestClient {
    /// Listens to changes: with `subscriptions/listen` in 2026-07-28, with the stream of the
    /// session and `resources/subscribe` before.
    ///
    /// ```
    /// use mcp_tower::{Entry, Server, mcp_resource, testing::TestClient};
    ///
    /// #[mcp_resource("notes://1")]
    /// async fn note() -> &'static str {
    ///     "a note"
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let server = Server::builder("s", "1").resource(note).build();
    /// let client = TestClient::new(server.clone());
    /// let mut changes = client.listen().to_resource("notes://1").await;
    /// server.resource_updated("notes://1");
    /// assert_eq!(changes.resource_updated().await, "notes://1");
    /// # }
    /// ```
    #[track_caller]
    pub fn listen(&self) -> Listen {
        Listen {
            client: self.clone(),
            uris: Vec::new(),
            caller: Location::caller(),
        }
    }
}

impl Listen {
    /// Listens to changes of a resource too.
    pub fn to_resource(mut self, uri: impl Into<String>) -> Self {
        self.uris.push(uri.into());
        self
    }

    async fn begin(self) -> Listening {
        let modern = self.client.config.revision.era() == Era::Modern;
        let opened = if modern {
            self.modern().await
        } else {
            self.legacy().await
        };
        let client = self.client;
        let arrived = match opened {
            Ok(arrived) => arrived,
            Err(failure) => client.fail(self.caller, "listen", &failure.report()),
        };
        let mut listening = Listening {
            client,
            arrived,
            caller: self.caller,
            acknowledged: None,
        };
        if !listening.arrived.status.is_success() {
            let status = listening.arrived.status;
            let refused = listening.arrived.messages.next().await;
            listening.fail(&match refused.map(|refused| refused.content) {
                Some(Content::Message(message)) => {
                    Failure::protocol(&message["error"], status).report()
                }
                Some(Content::Text(text)) => Failure::http(status, &text).report(),
                _ => Failure::http(status, "").report(),
            });
        }
        if modern {
            // From here on changes are told.
            let told = listening.expect(ACKNOWLEDGED).await;
            let told: Option<Value> = told.params.parse().ok();
            let filter = told.and_then(|mut told| parse(told["notifications"].take()).ok());
            listening.acknowledged = filter;
        }
        listening
    }

    async fn modern(&self) -> Result<Arrived, Failure> {
        let mut filter = SubscriptionFilter::default();
        filter.tools_list_changed = true;
        filter.prompts_list_changed = true;
        filter.resources_list_changed = true;
        filter.resource_subscriptions.clone_from(&self.uris);
        let prepared = Prepared {
            method: "subscriptions/listen".to_owned(),
            params: Map::from_iter([("notifications".to_owned(), json!(filter))]),
            headers: HeaderMap::new(),
            id: self.client.next_id(),
            caller: self.caller,
        };
        let message = self.client.message(&prepared, prepared.id).await?;
        let sent = self
            .client
            .send(Outgoing::Message(&message), &prepared.headers);
        sent.await
    }

    async fn legacy(&self) -> Result<Arrived, Failure> {
        self.client.open().await?;
        for uri in &self.uris {
            let params = Map::from_iter([("uri".to_owned(), Value::from(uri.as_str()))]);
            let subscribe = self
                .client
                .call("resources/subscribe", params, Ok, self.caller);
            subscribe.await.into_result()?;
        }
        let stream = Outgoing::Stream { last: None };
        self.client.send(stream, &HeaderMap::new()).await
    }
}

impl IntoFuture for Listen {
    type Output = Listening;
    type IntoFuture = BoxFuture<'static, Listening>;

    /// # Panics
    /// When the server refuses.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.begin())
    }
}

/// A stream of changes. Dropping it closes the connection.
///
/// Nothing is told at a certain time, so none of its methods say that nothing was told: make another
/// change, and see that it is told first.
pub struct Listening {
    client: TestClient,
    arrived: Arrived,
    caller: &'static Location<'static>,
    acknowledged: Option<SubscriptionFilter>,
}

impl Listening {
    /// What the server has said that it will tell; none in sessions, whose servers do not say it.
    pub fn acknowledged(&self) -> Option<&SubscriptionFilter> {
        self.acknowledged.as_ref()
    }

    /// The next notification; none once the server has ended the stream.
    ///
    /// # Panics
    /// When neither comes in time: see [`TestClient::patience`].
    pub async fn next(&mut self) -> Option<Notification> {
        loop {
            let next = self.arrived.messages.next();
            let patience = self.client.config.patience;
            let Ok(arriving) = tokio::time::timeout(patience, next).await else {
                self.fail(&format!("nothing more was told within {patience:?}"));
            };
            match arriving?.content {
                Content::Message(message) => {
                    if let Some(told) = notification(&message) {
                        return Some(told);
                    }
                }
                Content::Nothing => {}
                Content::Text(text) | Content::Broken(text) => self.fail(&text),
            }
        }
    }

    /// The next notification with this method; others are skipped.
    ///
    /// # Panics
    /// When it does not come in time, or the stream ends.
    pub async fn expect(&mut self, method: &str) -> Notification {
        loop {
            match self.next().await {
                Some(told) if told.method == method => return told,
                Some(_) => {}
                None => self.fail(&format!("the stream has ended without `{method}`")),
            }
        }
    }

    /// Waits until it is told that the list of tools has changed.
    ///
    /// # Panics
    /// As [`expect`](Self::expect).
    pub async fn tools_changed(&mut self) {
        self.expect(TOOLS).await;
    }

    /// Waits until it is told that the list of prompts has changed.
    ///
    /// # Panics
    /// As [`expect`](Self::expect).
    pub async fn prompts_changed(&mut self) {
        self.expect(PROMPTS).await;
    }

    /// Waits until it is told that a list of resources has changed.
    ///
    /// # Panics
    /// As [`expect`](Self::expect).
    pub async fn resources_changed(&mut self) {
        self.expect(RESOURCES).await;
    }

    /// Waits until it is told that a resource has changed, and says which.
    ///
    /// # Panics
    /// As [`expect`](Self::expect).
    pub async fn resource_updated(&mut self) -> String {
        let told = self.expect(UPDATED).await;
        let params: Value = told.params.parse().unwrap_or_default();
        params["uri"].as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the server ends the stream; what is told until then is skipped.
    ///
    /// # Panics
    /// When nothing comes in time.
    pub async fn ended(mut self) {
        while self.next().await.is_some() {}
    }

    fn fail(&self, why: &str) -> ! {
        self.client.fail(self.caller, "listen", why)
    }
}

impl fmt::Debug for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listening").finish_non_exhaustive()
    }
}
