//! The seams that later parts of the library, and other transports, stand on.

use http_tests::{Case, Client, Post, Probe, all, builder, check, open, server};
use mcp_tower::{
    Context, LogLevel, McpService, Principal, RequestError, Server, State,
    core::{
        BoxFuture, Facts, Mount, NameSource, Payload, Peer, ProtocolExtension, Request, Response,
        Route,
        call::{CallEvent, CancelReason, Link, RunningCall},
    },
    mcp_tool,
    protocol::{Message, Notification, RawJson, Revision},
};
use serde_json::{Value, json};
use std::{
    convert::Infallible,
    future::poll_fn,
    sync::{Arc, Mutex},
    task,
};
use tower::{Service, ServiceExt, layer::layer_fn, service_fn};

/// The facts of a self-contained request.
fn facts(post: &Post) -> Facts {
    let Ok(Message::Request(message)) = Message::parse(post.body.clone().into(), 64) else {
        panic!("not a request: {post:?}");
    };
    Facts::new(message, Revision::NEWEST_MODERN)
}

fn text(response: &Response) -> String {
    match response.outcome().unwrap() {
        Payload::Tool(result) => serde_json::to_string(&result.content).unwrap(),
        other => panic!("not the result of a tool: {other:?}"),
    }
}

/// Wait to be released.
#[mcp_tool]
async fn wait(State(probe): State<Probe>) -> &'static str {
    probe.hold().await;
    "waited"
}

fn waiting(probe: &Probe) -> Server {
    let server = Server::builder("waiting", "1").state(probe.clone());
    server.tool(wait).build()
}

#[tokio::test]
async fn a_running_call_is_an_owned_value() {
    fn owned<T: Send + 'static>(value: T) -> T {
        value
    }
    let probe = Probe::default();
    let request = Request::new(facts(&Post::call("wait", json!({}))));
    let link = Arc::new(Link::new());
    let mut call = owned(RunningCall::start(&waiting(&probe), request, link));
    // It goes from task to task, and whoever holds it drives it.
    let (silent, mut call) = tokio::spawn(async move {
        let silent = poll_fn(|cx| task::Poll::Ready(call.poll_event(cx).is_pending())).await;
        (silent, call)
    })
    .await
    .unwrap();
    assert!(silent);
    probe.entered().await;
    probe.release();
    let CallEvent::Done(response) = poll_fn(|cx| call.poll_event(cx)).await else {
        panic!("not done");
    };
    assert!(text(&response).contains("waited"));
}

#[tokio::test]
async fn a_running_call_is_cancelled_from_outside() {
    let probe = Probe::default();
    let request = Request::new(facts(&Post::call("wait", json!({}))));
    let link = Arc::new(Link::new());
    let call = tokio::spawn(RunningCall::start(&waiting(&probe), request, link.clone()));
    probe.entered().await;
    link.cancel(CancelReason::Shutdown);
    probe.dropped().await;
    call.await.unwrap();
}

/// A listener of one's own: it keeps what it hears.
#[derive(Default)]
struct Recorder(Mutex<Vec<Notification>>);

impl Peer for Recorder {
    fn emit(&self, notification: Notification) -> BoxFuture<'_, ()> {
        self.0.lock().unwrap().push(notification);
        Box::pin(std::future::ready(()))
    }

    fn is_cancelled(&self) -> bool {
        true
    }
}

/// Speak in every way there is.
#[mcp_tool]
async fn speak(cx: Context) -> String {
    cx.progress(0.5).await;
    cx.log(LogLevel::Error, &json!({"what": "it"})).await;
    cx.is_cancelled().to_string()
}

#[tokio::test]
async fn a_handler_speaks_to_any_peer() {
    let server = Server::builder("s", "1").tool(speak).build();
    let meta = json!({"progressToken": "p", "io.modelcontextprotocol/logLevel": "info"});
    let post = Post::modern_with("tools/call", json!({"name": "speak"}), meta);
    let recorder = Arc::new(Recorder::default());
    let request = Request::new(facts(&post)).with_peer(recorder.clone());
    let response = server.oneshot(request).await.unwrap();
    assert!(text(&response).contains("true"));
    let heard = recorder.0.lock().unwrap();
    let methods: Vec<_> = heard.iter().map(|heard| &*heard.method).collect();
    assert_eq!(methods, ["notifications/progress", "notifications/message"]);
    let params: Value = heard[1].params.parse().unwrap();
    assert_eq!(params, json!({"level": "error", "data": {"what": "it"}}));
}

#[tokio::test]
async fn facts_alone_repeat_a_call_elsewhere() {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keep = kept.clone();
    let keeper = layer_fn(move |route: Route| {
        let keep = keep.clone();
        service_fn(move |request: Request| {
            let facts = serde_json::to_string(request.facts()).unwrap();
            keep.lock().unwrap().push(facts);
            route.clone().oneshot(request)
        })
    });
    let service = McpService::new(builder().layer(keeper).build());
    let running = http_tests::hyper(service).await;
    let mut client = Client::connect(running.address).await;
    let add = Post::call("add", json!({"a": 20, "b": 22})).set("x-user", "ada");
    assert_eq!(client.send(&add).await.text(), "42");
    let text_of_facts = kept.lock().unwrap().remove(0);
    // Elsewhere: another process would have only this text.
    let facts: Facts = serde_json::from_str(&text_of_facts).unwrap();
    let ada = Principal::new("https://login.example.com", "ada");
    assert_eq!((&facts.principal, &facts.mount), (&ada, &Mount::unnamed()));
    assert_eq!(facts.revision, Revision::NEWEST_MODERN);
    assert_eq!(facts.message.raw().as_str().as_bytes(), add.body);
    let mut worker = builder().build();
    let response = worker.call(Request::new(facts)).await.unwrap();
    assert!(text(&response).contains("42"));
}

/// Answers with everything it was sent.
fn echo() -> Route {
    Route::from_fn(|request: Request| async move {
        let raw = request.facts().message.raw().clone();
        RawJson::from_text(format!("{{\"echo\":{}}}", raw.as_str()))
    })
}

#[tokio::test]
async fn a_fallback_gets_any_method_as_it_came() {
    let service = McpService::new(builder().fallback(echo()).build());
    let session = open(&service, "2025-11-25").await;
    let params = json!({"deep": {"unknown": [1, 2.50, null]}, "ünïcode": "\u{1f600}"});
    for running in all(&service).await {
        let mut client = Client::connect(running.address).await;
        for method in ["vendor/anything", "vendor/else", "tools", ""] {
            for post in [
                Post::modern(method, params.clone()),
                Post::legacy(method, params.clone()).session(&session),
            ] {
                // Written as no serializer would: the text must survive.
                let body = String::from_utf8(post.body.clone()).unwrap();
                let body = body.replacen("{\"", "{ \"x-extra\" : 1e0 , \"", 1);
                let post = Post {
                    body: body.clone().into_bytes(),
                    ..post
                };
                let reply = client.send(&post).await;
                assert_eq!(reply.status, 200, "{} {method}", running.name);
                let sent = format!("\"result\":{{\"echo\":{body}}}");
                let text = String::from_utf8(reply.body.to_vec()).unwrap();
                assert!(text.contains(&sent), "{text}");
            }
        }
        // What the server knows itself never gets there.
        let list = client.send(&Post::modern("tools/list", json!({}))).await;
        assert!(list.result().get("echo").is_none());
    }
}

#[tokio::test]
async fn requests_are_cheap_to_clone_and_results_may_be_raw() {
    let twice = layer_fn(|route: Route| {
        service_fn(move |request: Request| {
            let (first, second) = (route.clone(), route.clone());
            async move {
                // A layer that tries again, as a proxy would.
                let _ = first.oneshot(request.clone()).await;
                let answer = second.oneshot(request).await?;
                let raw = RawJson::from_text("{\"kept\": [1,  2]}".to_owned())?;
                let _ = answer;
                Ok::<_, mcp_tower::core::BoxError>(Response::from(Payload::Raw(raw)))
            }
        })
    });
    let service = McpService::new(builder().layer(twice).build());
    let running = http_tests::axum(service).await;
    let mut client = Client::connect(running.address).await;
    let reply = client
        .send(&Post::call("add", json!({"a": 1, "b": 2})))
        .await;
    let text = String::from_utf8(reply.body.to_vec()).unwrap();
    assert_eq!(
        text,
        r#"{"jsonrpc":"2.0","id":1,"result":{"kept": [1,  2]}}"#
    );
}

#[tokio::test]
async fn an_extension_is_registered_at_one_place() {
    let get = Route::from_fn(|request: Request| async move {
        let name = request.target_name().unwrap_or("nobody").to_owned();
        RawJson::from_serialize(&json!({"greeting": format!("Hello, {name}!")}))
    });
    let fail = Route::from_fn(|_| async { Err::<RawJson, _>(RequestError::invalid_params("no")) });
    let extension = ProtocolExtension::new("com.example/greetings")
        .settings(json!({"polite": true}).as_object().unwrap().clone())
        .method("greetings/get", Some(NameSource::Name), get)
        .method("greetings/fail", None, fail);
    let service = McpService::new(builder().extension(extension).build());
    let session = open(&service, "2025-11-25").await;
    let declared = json!({"extensions": {"com.example/greetings": {}}});
    let get = |declared: &Value| {
        Post::modern("greetings/get", json!({"name": "Ada"}))
            .meta("clientCapabilities", Some(declared.clone()))
            .set("mcp-name", "Ada")
    };
    let cases = [
        Case::served("declared", get(&declared)),
        Case::refused("not declared", get(&json!({})), 400, -32021),
        Case::refused(
            "a name that differs",
            get(&declared).set("mcp-name", "x"),
            400,
            -32020,
        ),
        Case::refused(
            "a name that is absent",
            get(&declared).without("mcp-name"),
            400,
            -32020,
        ),
        Case::refused("both", get(&json!({})).without("mcp-name"), 400, -32020),
        Case::refused(
            "an error of its own",
            Post::modern("greetings/fail", json!({}))
                .meta("clientCapabilities", Some(declared.clone())),
            200,
            -32602,
        ),
        Case::refused(
            "another method",
            Post::modern("greetings/put", json!({})),
            404,
            -32601,
        ),
        Case::refused(
            "in a session",
            Post::legacy("greetings/get", json!({"name": "Ada"})).session(&session),
            200,
            -32601,
        ),
    ];
    check(&service, &cases).await;
    let running = http_tests::tonic(service).await;
    let mut client = Client::connect(running.address).await;
    let result = client.send(&get(&declared)).await.result();
    assert_eq!(result["greeting"], "Hello, Ada!");
    let missing = client.send(&get(&json!({}))).await.json();
    assert_eq!(
        missing["error"]["data"],
        json!({"requiredCapabilities": declared})
    );
    let discovered = client
        .send(&Post::modern("server/discover", json!({})))
        .await
        .result();
    let expected = json!({"com.example/greetings": {"polite": true}});
    assert_eq!(discovered["capabilities"]["extensions"], expected);
    let opened = client.send(&Post::initialize("2025-11-25")).await.result();
    assert!(opened["capabilities"].get("extensions").is_none());
}

#[tokio::test]
async fn a_server_is_a_service_that_cannot_fail() {
    fn check<S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + Sync>(
        _: &S,
    ) {
    }
    check(&builder().build());
    let mut seen = Vec::new();
    for running in all(&server()).await {
        let mut client = Client::connect(running.address).await;
        let reply = client.send(&Post::modern("tools/list", json!({}))).await;
        seen.push(reply.body);
    }
    // One value behind every mount: the same bytes from each.
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]));
}
