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

const MOST: u64 = 20;

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

#[test]
fn a_call_allocates_little() {
    let mut service = McpService::new(Server::builder("calculator", "1.0").tool(add).build());
    // As a server would hand it over: head and body, nothing of MCP.
    let request = || Post::call("add", json!({"a": 2, "b": 3})).request();
    for _ in 0..3 {
        now(answer(&mut service, request()));
    }
    let request = request();
    let mut reply = None;
    let measured = allocation_counter::measure(|| {
        reply = Some(now(answer(&mut service, request)));
    });
    let body = reply.unwrap().to_bytes();
    assert!(
        body.starts_with(br#"{"jsonrpc":"2.0","id":1,"result":"#),
        "{body:?}"
    );
    println!(
        "{} allocations, {} bytes",
        measured.count_total, measured.bytes_total
    );
    assert!(
        measured.count_total <= MOST,
        "{} allocations",
        measured.count_total
    );
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
        let request = || Post::modern("tools/list", json!({})).request();
        now(answer(&mut service, request()));
        let request = request();
        let measured = allocation_counter::measure(|| {
            now(answer(&mut service, request));
        });
        measured.count_total
    };
    assert_eq!(cost(1), cost(500));
}
