//! What sessions and streams cost when there are many of them.

#![expect(clippy::unwrap_used, reason = "a measurement that fails panics")]

use http_body_util::BodyExt;
use http_tests::Post;
use mcp_tower::{
    McpService, Server,
    core::governor::{Budgets, Governor},
};
use tower::ServiceExt;

/// A service without limits, and the governor that counts what is alive in it.
pub fn service() -> (McpService, Governor) {
    let governor = Governor::new(Budgets::unlimited());
    let server = Server::builder("soak", "1").build();
    (McpService::new(server).governor(governor.clone()), governor)
}

/// Opens a session and forgets about it: returns its id, which most clients never use again.
///
/// # Panics
/// When no session is opened.
pub async fn open(service: &McpService) -> String {
    let request = Post::initialize("2025-11-25").request();
    let reply = service.clone().oneshot(request).await.unwrap();
    let id = reply.headers()["mcp-session-id"]
        .to_str()
        .unwrap()
        .to_owned();
    // As a client would: the answer is read to its end.
    reply.into_body().collect().await.unwrap();
    id
}

/// The resident memory of a process, in bytes. `process` is a process id, or `self`.
///
/// # Panics
/// When the system does not tell.
pub fn resident(process: &str) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: usize = line
        .unwrap()
        .trim()
        .strip_suffix(" kB")
        .unwrap()
        .parse()
        .unwrap();
    kib * 1024
}
