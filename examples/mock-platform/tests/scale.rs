//! A thousand servers in one process.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

use http_body_util::BodyExt;
use http_tests::Post;
use mcp_tower::{McpService, core::BoxFuture};
use mock_platform::{
    platform::Platform,
    store::{Loaded, Store, StoreError, Stored},
};
use serde_json::{Value, json};
use std::{
    future::{Future, ready},
    io::{Write, stderr},
    pin::pin,
    task::{Context, Poll, Waker},
};
use tower::ServiceExt;

const TOOLS: usize = 20;

/// What a server of so many tools may keep: their schemas are compiled for two dialects.
const MOST_BYTES: i64 = 300_000;

/// Designs that were never written anywhere.
struct Made(usize);

impl Store for Made {
    fn load(&self) -> BoxFuture<'_, Result<Loaded, StoreError>> {
        let documents = (0..self.0)
            .map(|number| format!("server-{number:04}"))
            .map(|id| (id.clone(), design(&id)))
            .collect();
        Box::pin(ready(Ok(Loaded {
            documents,
            ..Loaded::default()
        })))
    }

    fn read<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Stored, StoreError>> {
        Box::pin(ready(Ok(Stored::Document(design(id)))))
    }

    fn save<'a>(&'a self, _: &'a str, _: &'a Value) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(ready(Ok(())))
    }

    fn remove<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(ready(Ok(())))
    }

    fn stamp(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(ready(Ok(0)))
    }
}

fn design(id: &str) -> Value {
    let schema = json!({"type": "object", "required": ["city"],
        "properties": {"city": {"type": "string", "description": "City"}}});
    let tools: Vec<Value> = (0..TOOLS)
        .map(|number| {
            json!({
                "name": format!("tool_{number}"),
                "description": "Weather for a city",
                "inputSchema": schema,
                "scenarios": [{
                    "condition": {"field": "city", "operator": "equals", "value": "San Francisco"},
                    "response": {"temperature": 72, "conditions": "Sunny"},
                }],
                "default": {"temperature": 15, "server": id},
            })
        })
        .collect();
    json!({"id": id, "name": "Forecast", "version": "1", "status": "published", "tools": tools})
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

/// How often a call of the last server allocates.
fn allocations(platform: &Platform) -> u64 {
    let service = McpService::resolved_by(platform.resolver()).without_sessions();
    let last = platform.servers().pop().unwrap();
    let post = Post::call("tool_7", json!({"city": "Graz"}))
        .path(&format!("/api/platform/{}/mcp", last.id));
    let call = |request| {
        let reply = now(service.clone().oneshot(request)).unwrap();
        assert_eq!(reply.status(), 200);
        now(reply.into_body().collect()).unwrap().to_bytes()
    };
    for _ in 0..3 {
        let text = String::from_utf8(call(post.request()).to_vec()).unwrap();
        assert!(text.contains(&last.id), "{text}");
    }
    // The log of calls grows by doubling its room, which must not happen while it is counted.
    (0..4)
        .map(|_| {
            let request = post.request();
            allocation_counter::measure(|| drop(call(request))).count_total
        })
        .min()
        .unwrap()
}

/// Whoever runs the tests is to see it: what `println!` says is shown of those that fail alone.
fn tell(line: &str) {
    stderr().write_all(line.as_bytes()).unwrap();
}

#[test]
fn a_thousand_servers_cost_memory_and_nothing_else() {
    const SERVERS: usize = 1_000;
    // Streams have timers, which wait for nothing here.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let _inside = runtime.enter();
    let few = now(Platform::open(Made(1))).unwrap();
    let mut many = None;
    let measured = allocation_counter::measure(|| many = Some(now(Platform::open(Made(SERVERS)))));
    let many = many.unwrap().unwrap();
    assert_eq!(many.servers().len(), SERVERS);
    assert_eq!(many.problems(), []);
    let kept = measured.bytes_current / SERVERS as i64;
    tell(&format!("{kept} bytes for a server of {TOOLS} tools\n"));
    assert!(kept < MOST_BYTES, "{kept} bytes");
    let (one, thousand) = (allocations(&few), allocations(&many));
    tell(&format!("{thousand} allocations in a call\n"));
    assert_eq!(one, thousand);
}
