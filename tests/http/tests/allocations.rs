//! How many allocations one call costs.

use bytes::Bytes;
use http_body_util::{BodyExt, Collected};
use http_tests::Post;
use mcp_tower::{Entry, McpService, Server, ToolError, ToolResult, mcp_tool, protocol::Tool};
use serde_json::json;
use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};
use tower::Service;

/// In a modern call, and in one of a session. Three are the test's: its own body's, and two of the
/// answer that it collects.
const MOST: (u64, u64) = (14, 18);

/// Add two integers.
#[mcp_tool]
async fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// Runs a future that never waits.
fn now<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits"),
    }
}

async fn answer(
    service: &mut McpService,
    request: http::Request<http_body_util::Full<Bytes>>,
) -> Collected<Bytes> {
    let reply = service.call(request).await.unwrap();
    assert_eq!(reply.status(), 200);
    reply.into_body().collect().await.unwrap()
}

/// What one request allocates, once the service has answered some; and its answer.
fn allocations(service: &mut McpService, post: &Post) -> (u64, Bytes) {
    for _ in 0..3 {
        now(answer(service, post.request()));
    }
    // As a server would hand it over: head and body, nothing of MCP.
    let request = post.request();
    let mut reply = None;
    let measured = allocation_counter::measure(|| {
        reply = Some(now(answer(service, request)));
    });
    (measured.count_total, reply.unwrap().to_bytes())
}

fn calculator() -> McpService {
    McpService::new(Server::builder("calculator", "1.0").tool(add).build())
}

fn at_most(most: u64, (count, body): (u64, Bytes)) {
    assert!(
        body.starts_with(br#"{"jsonrpc":"2.0","id":1,"result":"#),
        "{body:?}"
    );
    println!("{count} allocations, {most} are allowed");
    assert!(count <= most, "{count} allocations");
}

#[test]
fn a_call_allocates_little() {
    let mut service = calculator();
    let post = Post::call("add", json!({"a": 2, "b": 3}));
    at_most(MOST.0, allocations(&mut service, &post));
}

#[test]
fn who_calls_is_read_where_it_stands() {
    let mut service = calculator();
    let post = Post::call("add", json!({"a": 2, "b": 3}));
    let client = json!({"name": "a client", "version": "1.0", "title": "A client"});
    let named = post.meta("clientInfo", Some(client));
    at_most(MOST.0, allocations(&mut service, &named));
}

#[test]
fn a_call_of_a_session_allocates_little() {
    let mut service = calculator();
    let opened = now(service.call(Post::initialize("2025-11-25").request())).unwrap();
    let session = opened.headers()["mcp-session-id"].to_str().unwrap();
    let post = Post::legacy_call("add", json!({"a": 2, "b": 3})).session(session);
    at_most(MOST.1, allocations(&mut service, &post));
}

#[test]
fn lists_are_rendered_once() {
    let cost = |tools: usize| {
        let builder = (0..tools).fold(Server::builder("many", "1.0"), |builder, number| {
            let tool = Tool::new(format!("tool-{number}")).with_description("One of many.");
            builder.entry(Entry::tool(tool, |_, _| async {
                Ok::<_, ToolError>(ToolResult::text(""))
            }))
        });
        let mut service = McpService::new(builder.build());
        let (count, _) = allocations(&mut service, &Post::modern("tools/list", json!({})));
        count
    };
    assert!(cost(1) <= MOST.0, "{}", cost(1));
    assert_eq!(cost(1), cost(500));
}
