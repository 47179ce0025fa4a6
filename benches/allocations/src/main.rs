//! How many allocations one call costs in process: from a request as hyper would hand it over to the
//! last byte of its answer.

use allocation_counter::AllocationInfo;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response};
use mcp_tower::{Body, McpService, Server, mcp_tool};
use serde_json::{Value, json};
use std::{
    error::Error,
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};
use tower_service::Service;

/// Add two integers.
#[mcp_tool]
async fn add(a: i64, b: i64) -> String {
    (a + b).to_string()
}

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let _entered = runtime.enter();
    let mut service = McpService::new(Server::builder("bench", "1.0").tool(add).build());
    let modern = measure(&mut service, &modern)?;
    let session = open(&mut service)?;
    let session = measure(&mut service, &|| in_session(&session))?;
    let figures = json!({
        "modern": {"allocations": modern.count_total, "bytes": modern.bytes_total},
        "session": {"allocations": session.count_total, "bytes": session.bytes_total},
    });
    println!("{figures}");
    Ok(())
}

fn measure(
    service: &mut McpService,
    request: &dyn Fn() -> Outcome<Request<Full<Bytes>>>,
) -> Outcome<AllocationInfo> {
    for _ in 0..3 {
        now(whole(service, request()?))?;
    }
    let request = request()?;
    let mut answered = None;
    let measured = allocation_counter::measure(|| answered = Some(now(whole(service, request))));
    let (_, body) = answered.ok_or("nothing was answered")??;
    let expected = body.windows(10).any(|text| text == b"\"text\":\"3\"");
    match expected {
        true => Ok(measured),
        false => Err(format!("not the answer: {body:?}").into()),
    }
}

async fn whole(
    service: &mut McpService,
    request: Request<Full<Bytes>>,
) -> Outcome<(Response<()>, Bytes)> {
    let (head, body) = service.call(request).await?.into_parts();
    let body: Body = body;
    let body = body.collect().await?.to_bytes();
    Ok((Response::from_parts(head, ()), body))
}

/// Runs a future that never waits.
fn now<T>(future: impl Future<Output = Outcome<T>>) -> Outcome<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => Err("it waits".into()),
    }
}

fn post(body: &Value, headers: &[(&str, &str)]) -> Outcome<Request<Full<Bytes>>> {
    let mut request = Request::post("/mcp")
        .header("host", "localhost")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Ok(request.body(Full::from(body.to_string()))?)
}

fn modern() -> Outcome<Request<Full<Bytes>>> {
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
        "name": "add", "arguments": {"a": 1, "b": 2}, "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1.0"}}}});
    let headers = [
        ("mcp-protocol-version", "2026-07-28"),
        ("mcp-method", "tools/call"),
        ("mcp-name", "add"),
    ];
    post(&body, &headers)
}

fn open(service: &mut McpService) -> Outcome<String> {
    let client = json!({"name": "bench", "version": "1.0"});
    let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client});
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params});
    let (head, _) = now(whole(service, post(&body, &[])?))?;
    let id = head.headers().get("mcp-session-id");
    Ok(id.ok_or("no session was opened")?.to_str()?.to_owned())
}

fn in_session(session: &str) -> Outcome<Request<Full<Bytes>>> {
    let params = json!({"name": "add", "arguments": {"a": 1, "b": 2}});
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
    let headers = [
        ("mcp-protocol-version", "2025-11-25"),
        ("mcp-session-id", session),
    ];
    post(&body, &headers)
}
