//! The client: what it is told before it begins, and what everything else is made of.

use super::{
    Accept, Call,
    ask::{Asked, Reply},
    call::header,
    config::Config,
    exchange::Prepared,
    failure::Failure,
    http::Http,
    transcript::Transcript,
    transport::{Arrived, Content, Outgoing, Sending, SessionInfo, Transport},
};
use crate::{Body, McpService};
use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use mcp_core::{
    BoxError, BoxFuture, LogLevel, Principal, Server,
    protocol::{Era, Revision, key},
};
use serde_json::{Map, Value, json};
use std::{
    fmt,
    panic::Location,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::OnceCell;
use tower_service::Service;

/// A client of a server in this process, for tests.
///
/// It speaks the revision it is told to, as clients of that revision do: it opens a session when it
/// needs one, answers what the server asks, comes back to streams that were cut. Nothing listens on
/// a port; the service is called as a hyper or axum server would call it. Clones share a session
/// and a transcript, and every test that fails while it has a client shows that transcript.
///
/// ```
/// use mcp_tower::{Server, mcp_tool, testing::TestClient};
/// use serde_json::json;
///
/// #[mcp_tool]
/// async fn add(a: i64, b: i64) -> i64 {
///     a + b
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let client = TestClient::new(Server::builder("calculator", "1.0").tool(add).build());
/// assert_eq!(client.call_tool("add", json!({"a": 1, "b": 2})).await.text(), "3");
/// # }
/// ```
///
/// It needs a tokio runtime with time, such as that of `#[tokio::test]`.
#[derive(Clone)]
pub struct TestClient {
    transport: Arc<dyn Transport>,
    pub(super) config: Arc<Config>,
    state: Arc<State>,
    pub(super) transcript: Transcript,
}

/// What a client learns on its way.
#[derive(Default)]
struct State {
    ids: AtomicU64,
    session: OnceCell<Opened>,
    /// Of a client of 2026-07-28, which says it with every request.
    log_level: Mutex<Option<LogLevel>>,
}

/// What a handshake has led to.
struct Opened {
    info: SessionInfo,
    /// The result of `initialize`.
    hello: Value,
}

impl TestClient {
    /// A client of a server, through a mount with the defaults of [`McpService::new`].
    pub fn new(server: Server) -> Self {
        Self::over(McpService::new(server))
    }

    /// A client of any stack of layers and services: an [`McpService`] with options, an axum
    /// router, an application inside [`McpLayer`](crate::McpLayer).
    ///
    /// ```
    /// use mcp_tower::{McpLayer, Server, testing::TestClient};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let server = Server::builder("s", "1").build();
    /// let app: axum::Router = axum::Router::new()
    ///     .route("/", axum::routing::get(|| async { "home" }))
    ///     .layer(McpLayer::new(server).path("/api/mcp"));
    /// let client = TestClient::over(app).path("/api/mcp");
    /// client.ping().await.result();
    /// # }
    /// ```
    ///
    /// The service must take bodies of the type [`Body`]: services and layers that take any body
    /// do, those that name hyper's `Incoming` do not.
    pub fn over<S, B>(service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        Self::with_transport(Http::new(vec![service], None))
    }

    pub(super) fn with_transport(transport: impl Transport) -> Self {
        Self {
            transport: Arc::new(transport),
            config: Arc::default(),
            state: Arc::default(),
            transcript: Transcript::default(),
        }
    }

    /// The revision to speak. Default: the newest, 2026-07-28.
    #[must_use]
    pub fn revision(self, revision: Revision) -> Self {
        self.with(|config| config.revision = revision)
    }

    /// The path of the endpoint, with its query if it has one. Default: `/mcp`.
    #[must_use]
    pub fn path(self, path: impl Into<String>) -> Self {
        self.with(|config| config.path = path.into())
    }

    /// Who calls, as an outer layer of the application would say it.
    ///
    /// ```
    /// use mcp_tower::{Principal, Server, mcp_tool, testing::TestClient};
    /// use serde_json::json;
    ///
    /// #[mcp_tool]
    /// async fn whoami(principal: Principal) -> String {
    ///     principal.subject().unwrap_or("nobody").to_owned()
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let client = TestClient::new(Server::builder("s", "1").tool(whoami).build());
    /// let ada = client.clone().principal(Principal::new("https://login.example.com", "ada"));
    /// assert_eq!(client.call_tool("whoami", json!({})).await.text(), "nobody");
    /// assert_eq!(ada.call_tool("whoami", json!({})).await.text(), "ada");
    /// # }
    /// ```
    #[must_use]
    pub fn principal(self, principal: Principal) -> Self {
        self.extension(principal)
    }

    /// Puts a value into the `http::Extensions` of every request, as outer layers do:
    /// [`Scopes`](crate::Scopes), a [`PeerAddr`](crate::PeerAddr), whatever handlers extract.
    #[must_use]
    pub fn extension<T: Clone + Send + Sync + 'static>(self, value: T) -> Self {
        self.with(|config| {
            config.extensions.insert(value);
        })
    }

    /// Sets a header of every request. Transcripts mask `Authorization`, cookies and `X-Api-Key`.
    ///
    /// # Panics
    /// When it cannot be a header.
    #[must_use]
    #[track_caller]
    pub fn header(self, name: &str, value: &str) -> Self {
        let (name, value) = header(name, value);
        self.with(|config| {
            config.headers.insert(name, value);
        })
    }

    /// What the client takes as an answer. Default: JSON or events.
    #[must_use]
    pub fn accept(self, accept: Accept) -> Self {
        self.with(|config| config.accept = accept)
    }

    /// Answers whatever the server asks, in this order. The client says that it can be asked
    /// about forms, links and its model. When all are used, `on_elicitation` and `on_sampling`
    /// answer, and a test without those fails.
    ///
    /// ```
    /// use mcp_tower::{Context, Server, ToolError, mcp_tool, testing::{Reply, TestClient}};
    /// use serde_json::json;
    ///
    /// #[derive(serde::Deserialize, schemars::JsonSchema)]
    /// struct Confirm {
    ///     ok: bool,
    /// }
    ///
    /// #[mcp_tool]
    /// async fn erase(cx: Context) -> Result<String, ToolError> {
    ///     let confirm: Confirm = cx.elicit("confirm", "Erase everything?").await?;
    ///     Ok(format!("erased: {}", confirm.ok))
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let client = TestClient::new(Server::builder("s", "1").tool(erase).build())
    ///     .answers([Reply::accept(json!({"ok": true}))]);
    /// let answer = client.call_tool("erase", json!({})).await;
    /// assert_eq!(answer.text(), "erased: true");
    /// assert_eq!(answer.questions()[0].message(), "Erase everything?");
    /// # }
    /// ```
    #[must_use]
    pub fn answers(self, replies: impl IntoIterator<Item = Reply>) -> Self {
        let replies = replies.into_iter().collect();
        self.with(|config| config.answers.set_script(replies))
    }

    /// Answers forms and links. The client says that it can be asked about both.
    #[must_use]
    pub fn on_elicitation(self, answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        self.with(|config| config.answers.set_elicitation(Arc::new(answer)))
    }

    /// Answers as the client's model. The client says that it has one, which may use tools.
    #[must_use]
    pub fn on_sampling(self, answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        self.with(|config| config.answers.set_sampling(Arc::new(answer)))
    }

    /// The client's file-system roots. The client says that it has some.
    #[must_use]
    pub fn roots(self, uris: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let uris = uris.into_iter().map(Into::into);
        self.with(|config| config.answers.set_roots(uris))
    }

    /// What the client declares, in the place of what follows from its answers: nothing, to see
    /// what a tool does with a client that cannot be asked, or extensions.
    ///
    /// # Panics
    /// When it is no object.
    #[must_use]
    #[track_caller]
    pub fn capabilities(self, capabilities: Value) -> Self {
        let Value::Object(capabilities) = capabilities else {
            panic!("capabilities are an object, not {capabilities}");
        };
        self.with(|config| config.capabilities = Some(capabilities))
    }

    /// How long the next message may take that has to come, before the test fails. Default: 10 s.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        self.with(|config| config.patience = patience)
    }

    /// Cuts the connection of every stream of a call after so many events, and comes back for the
    /// rest with `Last-Event-ID`: in sessions, since streams of 2026-07-28 cannot be resumed.
    ///
    /// # Panics
    /// When it is 0: nobody could come back then.
    #[must_use]
    #[track_caller]
    pub fn cut_streams_after(self, events: usize) -> Self {
        assert!(events > 0, "the name of one event is needed to come back");
        self.with(|config| config.cut_after = Some(events))
    }

    /// Another client of the same service that is told the same, with a session of its own.
    #[must_use]
    pub fn another(&self) -> Self {
        self.clone().with(|_| {})
    }

    /// Whoever is told something else is another client, with a session of its own.
    fn with(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(Arc::make_mut(&mut self.config));
        self.state = Arc::default();
        self
    }
}

impl TestClient {
    /// A request.
    pub(super) fn call<T: Send + 'static>(
        &self,
        method: &str,
        params: Map<String, Value>,
        read: fn(Value) -> Result<T, Failure>,
        caller: &'static Location<'static>,
    ) -> Call<T> {
        let prepared = Prepared {
            method: method.to_owned(),
            params,
            headers: HeaderMap::new(),
            id: self.next_id(),
            caller,
        };
        Call::new(self.clone(), prepared, read)
    }

    pub(super) fn next_id(&self) -> u64 {
        self.state.ids.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// A request as a message. Opens a session where the revision has them.
    pub(super) async fn message(&self, prepared: &Prepared, id: u64) -> Result<Value, Failure> {
        self.open().await?;
        let mut params = prepared.params.clone();
        let meta = params.entry("_meta").or_insert_with(|| json!({}));
        meta[key::PROGRESS_TOKEN] = prepared.id.into();
        self.add_meta(meta);
        Ok(json!({"jsonrpc": "2.0", "id": id, "method": prepared.method, "params": params}))
    }

    /// What every message of 2026-07-28 carries.
    fn add_meta(&self, meta: &mut Value) {
        if self.config.revision.era() == Era::Legacy {
            return;
        }
        meta[key::PROTOCOL_VERSION] = self.config.revision.as_str().into();
        meta[key::CLIENT_CAPABILITIES] = self.config.capabilities();
        meta[key::CLIENT_INFO] = client_info();
        let level = *self.log_level();
        if let Some(level) = level {
            meta[key::LOG_LEVEL] = json!(level);
        }
    }

    pub(super) fn log_level(&self) -> std::sync::MutexGuard<'_, Option<LogLevel>> {
        let level = self.state.log_level.lock();
        level.unwrap_or_else(PoisonError::into_inner)
    }

    /// The session, where one was opened.
    pub(super) fn session(&self) -> Option<&SessionInfo> {
        let info = &self.state.session.get()?.info;
        Some(info)
    }

    /// What `initialize` has answered; none in 2026-07-28.
    ///
    /// # Errors
    /// When no session could be opened.
    pub(super) async fn open(&self) -> Result<Option<&Value>, Failure> {
        if self.config.revision.era() == Era::Modern {
            return Ok(None);
        }
        let opened = self.state.session.get_or_try_init(|| self.initialize());
        Ok(Some(&opened.await?.hello))
    }

    /// The handshake.
    async fn initialize(&self) -> Result<Opened, Failure> {
        let params = json!({
            "protocolVersion": self.config.revision.as_str(),
            "capabilities": self.config.capabilities(),
            "clientInfo": client_info(),
        });
        let id = self.next_id();
        let message = json!({"jsonrpc": "2.0", "id": id, "method": "initialize", "params": params});
        let mut arrived = self
            .send(Outgoing::Message(&message), &HeaderMap::new())
            .await?;
        let status = arrived.status;
        let message = match arrived.messages.next().await.map(|first| first.content) {
            Some(Content::Message(message)) => message,
            Some(Content::Text(text)) => return Err(Failure::http(status, &text)),
            _ => return Err(Failure::http(status, "")),
        };
        if let Some(error) = message.get("error") {
            return Err(Failure::protocol(error, status));
        }
        let hello = message["result"].clone();
        let agreed = hello["protocolVersion"].as_str().map(str::parse);
        let Some(Ok(revision)) = agreed else {
            return Err(Failure::silence("the handshake names no revision", status));
        };
        let id = arrived.headers.get(crate::exchange::SESSION);
        let id = id.and_then(|id| id.to_str().ok()).map(str::to_owned);
        let opened = Opened {
            info: SessionInfo { id, revision },
            hello,
        };
        let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        let ready = Outgoing::Message(&ready);
        self.send_in(ready, &HeaderMap::new(), Some(&opened.info))
            .await?;
        Ok(opened)
    }

    pub(super) async fn send(
        &self,
        what: Outgoing<'_>,
        headers: &HeaderMap,
    ) -> Result<Arrived, Failure> {
        self.send_in(what, headers, self.session()).await
    }

    async fn send_in(
        &self,
        what: Outgoing<'_>,
        headers: &HeaderMap,
        session: Option<&SessionInfo>,
    ) -> Result<Arrived, Failure> {
        let sending = Sending {
            what,
            config: &self.config,
            transcript: &self.transcript,
            session,
            headers,
        };
        let sent = self.transport.send(sending).await;
        sent.map_err(|why| Failure::silence(why, StatusCode::OK))
    }

    /// Sends a notification; answers with the status of its response. A client of 2026-07-28 has
    /// none that a server of this library understands.
    #[track_caller]
    pub fn notify<'a>(&'a self, method: &'a str, params: Value) -> BoxFuture<'a, StatusCode> {
        let caller = Location::caller();
        Box::pin(self.notify_from(method, params, caller))
    }

    async fn notify_from(
        &self,
        method: &str,
        mut params: Value,
        caller: &Location<'_>,
    ) -> StatusCode {
        let sent = async {
            self.open().await?;
            if self.config.revision.era() == Era::Modern {
                let mut meta = params["_meta"].take();
                self.add_meta(&mut meta);
                params["_meta"] = meta;
            }
            let message = json!({"jsonrpc": "2.0", "method": method, "params": params});
            self.send(Outgoing::Message(&message), &HeaderMap::new())
                .await
        };
        match sent.await {
            Ok(arrived) => arrived.status,
            Err(failure) => self.fail(caller, method, &failure.report()),
        }
    }

    /// Ends the test.
    pub(super) fn fail(&self, caller: &Location<'_>, what: &str, why: &str) -> ! {
        self.transcript.show_once();
        panic!(
            "{what} ({caller}): {why}\n\nOn the wire:\n{}\n",
            self.transcript
        )
    }
}

fn client_info() -> Value {
    json!({"name": "mcp-tower-testing", "version": env!("CARGO_PKG_VERSION")})
}

impl Drop for TestClient {
    /// Shows what went over the wire when a test fails by itself, by an `assert_eq!` say.
    #[expect(
        clippy::print_stderr,
        reason = "test harnesses capture it, and show it with the failure"
    )]
    fn drop(&mut self) {
        if std::thread::panicking() && self.transcript.show_once() {
            eprintln!("\nOn the wire:\n{}\n", self.transcript);
        }
    }
}

impl fmt::Debug for TestClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestClient")
            .field("revision", &self.config.revision)
            .finish_non_exhaustive()
    }
}
