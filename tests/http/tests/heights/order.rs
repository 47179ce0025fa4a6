//! The order of layers, outermost first, and what passes between them.

use http_tests::{Client, Post, Probe, hyper, open};
use mcp_tower::{
    Context, LogLevel, McpService, Refusal, Server, State,
    core::{BoxError, BoxFuture, Request, Response, Route},
    mcp_prompt, mcp_resource, mcp_tool,
};
use serde_json::{Value, json};
use std::{
    fmt,
    task::{self, Poll},
    time::Duration,
};
use tower::{
    Layer, Service, ServiceExt, layer::layer_fn, limit::ConcurrencyLimitLayer,
    load_shed::LoadShedLayer, timeout::TimeoutLayer,
};

/// The layers that a request has passed, in order.
#[derive(Clone, Debug, Default)]
struct Passed(Vec<&'static str>);

/// Adds its name to what a request has passed.
#[derive(Clone, Debug)]
struct Mark<S> {
    inner: S,
    name: &'static str,
}

impl<S: Service<Request>> Service<Request> for Mark<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> S::Future {
        let extensions = request.extensions_mut();
        extensions
            .get_or_insert_default::<Passed>()
            .0
            .push(self.name);
        self.inner.call(request)
    }
}

fn mark<S>(name: &'static str) -> impl Layer<S, Service = Mark<S>> + Send {
    layer_fn(move |inner| Mark { inner, name })
}

fn passed(cx: &Context) -> String {
    let passed = cx.extensions().get::<Passed>();
    passed.cloned().unwrap_or_default().0.join(" ")
}

#[mcp_tool(layer = (mark("macro 1"), mark("macro 2")))]
async fn tool(cx: Context) -> String {
    passed(&cx)
}

#[mcp_prompt(layer = (mark("macro 1"), mark("macro 2")))]
async fn prompt(cx: Context) -> String {
    passed(&cx)
}

#[mcp_resource("order://one", layer = (mark("macro 1"), mark("macro 2")))]
async fn resource(cx: Context) -> String {
    passed(&cx)
}

#[mcp_resource("order://all/{id}", layer = (mark("macro 1"), mark("macro 2")))]
async fn template(id: u8, cx: Context) -> String {
    let _ = id;
    passed(&cx)
}

#[tokio::test]
async fn layers_are_passed_from_the_outermost_to_the_innermost() {
    let around_http = |mut request: http::Request<_>| {
        request.extensions_mut().insert(Passed(vec!["http"]));
        request
    };
    let with = || (mark("with 1"), mark("with 2"));
    let server = Server::builder("order", "1")
        .tool_with(tool, with())
        .prompt_with(prompt, with())
        .resource_with(resource, with())
        .resource_with(template, with())
        .layer(mark("inner server layer"))
        .layer(mark("outer server layer"))
        .build();
    let service = McpService::new(server);
    let session = open(&service, "2025-11-25").await;
    let service = tower::util::MapRequest::new(service, around_http);
    let order = "http, outer server layer, inner server layer, with 1, with 2, macro 1, macro 2";
    let requests = [
        ("tools/call", json!({"name": "tool"})),
        ("prompts/get", json!({"name": "prompt"})),
        ("resources/read", json!({"uri": "order://one"})),
        ("resources/read", json!({"uri": "order://all/7"})),
    ];
    for (method, params) in requests {
        let legacy = Post::legacy(method, params.clone()).session(&session);
        for post in [Post::modern(method, params.clone()), legacy] {
            let response = service.clone().oneshot(post.request()).await.unwrap();
            let body = http_body_util::BodyExt::collect(response.into_body()).await;
            let body = String::from_utf8(body.unwrap().to_bytes().to_vec()).unwrap();
            assert!(body.contains(&order.replace(", ", " ")), "{method}: {body}");
        }
    }
}

/// Wait to be released.
#[mcp_tool]
async fn hold(State(probe): State<Probe>) -> &'static str {
    probe.hold().await;
    "held"
}

/// Wait to be released; one at a time.
#[mcp_tool(layer = ConcurrencyLimitLayer::new(1))]
async fn hold_alone(State(probe): State<Probe>) -> &'static str {
    probe.hold().await;
    "held"
}

#[tokio::test]
async fn readiness_passes_through_all_layers_that_were_added_apart() {
    let probe = Probe::default();
    let limit = || ConcurrencyLimitLayer::new(1);
    let builder = || Server::builder("ready", "1").state(probe.clone());
    let servers = [
        // From the server's own limit, and through a layer in between.
        builder()
            .tool(hold)
            .layer(limit())
            .layer(mark("between"))
            .layer(LoadShedLayer::new()),
        // From the limit of the attribute to a layer around it.
        builder().tool_with(hold_alone, LoadShedLayer::new()),
        builder().tool_with(hold_alone, (LoadShedLayer::new(), mark("between"))),
    ];
    for (server, tool) in servers
        .into_iter()
        .zip(["hold", "hold_alone", "hold_alone"])
    {
        let running = hyper(McpService::new(server.build())).await;
        let mut first = Client::connect(running.address).await;
        let mut second = Client::connect(running.address).await;
        first.write(&Post::call(tool, json!({}))).await;
        probe.entered().await;
        let shed = second.send(&Post::call(tool, json!({}))).await;
        assert_eq!(shed.status, 503, "{shed:?}");
        probe.release();
        assert_eq!(first.reply().await.text(), "held");
        probe.finished().await;
        probe.dropped().await;
        // What was asked and not called has given its permit back.
        probe.release();
        assert_eq!(
            second.send(&Post::call(tool, json!({}))).await.text(),
            "held"
        );
        probe.entered().await;
        probe.finished().await;
        probe.dropped().await;
    }
}

/// Speak, then wait for ever.
#[mcp_tool]
async fn speak(State(probe): State<Probe>, cx: Context) -> &'static str {
    cx.log(LogLevel::Error, "working").await;
    probe.hold().await;
    "spoke"
}

/// Wait for ever.
#[mcp_tool]
async fn silent(State(probe): State<Probe>) -> &'static str {
    probe.hold().await;
    "silent"
}

/// The same as a prompt.
#[mcp_prompt]
async fn speak_prompt(State(probe): State<Probe>, cx: Context) -> &'static str {
    cx.log(LogLevel::Error, "working").await;
    probe.hold().await;
    "spoke"
}

type Fails = fn() -> BoxError;

/// Fails once the handler has begun.
#[derive(Clone)]
struct Failing {
    route: Route,
    probe: Probe,
    error: Fails,
}

impl Service<Request> for Failing {
    type Response = Response;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Response, BoxError>>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), BoxError>> {
        self.route.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let mut call = self.route.call(request);
        let (probe, error) = (self.probe.clone(), self.error);
        Box::pin(async move {
            tokio::select! {
                biased;
                answer = &mut call => answer,
                () = probe.entered() => Err(error()),
            }
        })
    }
}

/// An error of an application, around one that means something.
#[derive(Debug)]
struct Wrapped(Refusal);

impl fmt::Display for Wrapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a secret around a refusal")
    }
}

impl std::error::Error for Wrapped {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

/// The error of a layer; the status before a stream, and a part of the text.
fn errors() -> [(Fails, u16, &'static str); 5] {
    [
        (
            || tower::load_shed::error::Overloaded::new().into(),
            503,
            "overloaded",
        ),
        (|| Refusal::rate_limited().into(), 429, "too many requests"),
        (
            || Wrapped(Refusal::forbidden("not you")).into(),
            403,
            "not you",
        ),
        (
            || tower::timeout::error::Elapsed::new().into(),
            200,
            "timed out",
        ),
        (|| "a secret".into(), 200, "internal error (reference "),
    ]
}

/// A call in either era, which has both kinds of streams switched on.
fn calls(session: &str, method: &str, name: &str) -> [Post; 2] {
    let params = json!({"name": name});
    let level = json!({"io.modelcontextprotocol/logLevel": "error"});
    let legacy = Post::legacy(method, params.clone()).session(session);
    [Post::modern_with(method, params, level), legacy]
}

#[tokio::test]
async fn a_layer_that_fails_is_a_status_before_a_stream_and_a_tool_error_in_it() {
    for (error, status, text) in errors() {
        for at_the_server in [false, true] {
            let probe = Probe::default();
            let layer = |route| Failing {
                route,
                probe: probe.clone(),
                error,
            };
            let builder = Server::builder("failing", "1").state(probe.clone());
            let probe_of_layer = probe.clone();
            let server = if at_the_server {
                let owned = move |route| Failing {
                    route,
                    probe: probe_of_layer.clone(),
                    error,
                };
                let builder = builder.tool(speak).tool(silent).prompt(speak_prompt);
                builder.layer(layer_fn(owned))
            } else {
                builder
                    .tool_with(speak, layer_fn(layer))
                    .tool_with(silent, layer_fn(layer))
                    .prompt_with(speak_prompt, layer_fn(layer))
            };
            let service = McpService::new(server.build());
            let session = open(&service, "2025-11-25").await;
            let running = hyper(service).await;
            let mut client = Client::connect(running.address).await;
            let what = format!("{text}, at the server: {at_the_server}");

            for post in calls(&session, "tools/call", "silent") {
                let reply = client.send(&post).await;
                probe.dropped().await;
                assert_eq!(reply.status, status, "{what} {reply:?}");
                assert_eq!(reply.header("content-type"), "application/json");
                assert_told(&reply.json(), text, text == "timed out", &what);
            }
            for post in calls(&session, "tools/call", "speak") {
                let reply = client.send(&post).await;
                probe.dropped().await;
                assert_eq!(reply.status, 200, "{what} {reply:?}");
                assert_eq!(reply.header("content-type"), "text/event-stream");
                assert_told(&reply.message(), text, true, &what);
            }
            // Nobody but a tool has results that are errors.
            for post in calls(&session, "prompts/get", "speak_prompt") {
                let reply = client.send(&post).await;
                probe.dropped().await;
                assert_eq!(reply.header("content-type"), "text/event-stream");
                assert_told(&reply.message(), text, false, &what);
            }
        }
    }
}

fn assert_told(message: &Value, text: &str, as_tool_error: bool, what: &str) {
    let told = if as_tool_error {
        assert_eq!(message["result"]["isError"], true, "{what}: {message}");
        &message["result"]["content"][0]["text"]
    } else {
        &message["error"]["message"]
    };
    let told = told.as_str().unwrap_or_else(|| panic!("{what}: {message}"));
    assert!(told.contains(text), "{what}: {told}");
    assert!(!message.to_string().contains("secret"), "{what}: {message}");
}

/// The server's own limits and Tower's, all of which end a tool that streams.
#[tokio::test]
async fn a_deadline_ends_a_tool_that_already_streams() {
    let short = Duration::from_millis(20);
    let probe = Probe::default();
    let builder = || Server::builder("timely", "1").state(probe.clone());
    let servers = [
        (
            builder().tool(speak).timeout(short),
            "timed out after 0.02 s",
        ),
        (builder().tool(speak_briefly), "timed out after 0.02 s"),
        (
            builder().tool(speak).layer(TimeoutLayer::new(short)),
            "timed out",
        ),
        (
            builder().tool_with(speak, TimeoutLayer::new(short)),
            "timed out",
        ),
    ];
    for (index, (server, text)) in servers.into_iter().enumerate() {
        let name = if index == 1 { "speak_briefly" } else { "speak" };
        let service = McpService::new(server.build());
        let session = open(&service, "2025-11-25").await;
        let running = hyper(service).await;
        let mut client = Client::connect(running.address).await;
        for post in calls(&session, "tools/call", name) {
            let reply = client.send(&post).await;
            let events = reply.events();
            assert_eq!(events[0]["method"], "notifications/message", "{events:?}");
            assert_eq!(reply.text(), text);
            assert_eq!(reply.result()["isError"], true);
            probe.entered().await;
            probe.dropped().await;
        }
    }
}

/// Speak, then wait for ever; not for long.
#[mcp_tool(timeout = "20ms")]
async fn speak_briefly(State(probe): State<Probe>, cx: Context) -> &'static str {
    cx.log(LogLevel::Error, "working").await;
    probe.hold().await;
    "spoke"
}
