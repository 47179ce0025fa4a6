//! What requests cost: a connection without a socket, our server behind it, and floors to compare
//! with.

#![expect(clippy::unwrap_used, reason = "a measurement that fails panics")]

mod floor;
mod server;
mod wire;

pub use floor::Floor;
pub use server::service;
pub use wire::{Counted, Ending, Wire};

use http_tests::Post;
use hyper::service::Service;
use mcp_tower::McpService;
use serde_json::json;

/// A request whose cost is measured.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The request as HTTP/1.1.
    pub request: Vec<u8>,
    /// How its answer ends.
    pub ending: Ending,
    /// Who answers with as little as possible.
    pub floor: Floor,
}

impl Scenario {
    /// What is measured, by name.
    pub const NAMES: [&str; 7] = [
        "call",
        "session",
        "list",
        "echo",
        "initialize",
        "progress",
        "refused",
    ];

    /// A scenario; a session is opened at `service` where it needs one.
    ///
    /// # Panics
    /// When there is no such scenario.
    pub fn named(name: &str, service: &McpService) -> Self {
        let add = json!({"a": 2, "b": 3});
        let (post, ending, floor) = match name {
            "call" => (Post::call("add", add), Ending::Object, Floor::Call),
            "session" => {
                let post = Post::legacy_call("add", add);
                (post.session(&session(service)), Ending::Object, Floor::Call)
            }
            "list" => {
                let post = Post::modern("tools/list", json!({}));
                (post, Ending::Object, Floor::list(service))
            }
            "echo" => {
                let text = "x".repeat(64 * 1024);
                let post = Post::call("echo", json!({ "text": text }));
                (post, Ending::Object, Floor::Echo)
            }
            "initialize" => {
                let post = Post::initialize("2025-11-25");
                (post, Ending::Object, Floor::Initialize)
            }
            "progress" => {
                let post = Post::modern_with(
                    "tools/call",
                    json!({"name": "progress", "arguments": {}}),
                    json!({"progressToken": 1}),
                );
                (post, Ending::Chunks, Floor::Progress)
            }
            "refused" => {
                let post = Post::call("add", add).set("mcp-name", "other");
                (post, Ending::Object, Floor::Call)
            }
            _ => panic!("no scenario {name}; there are: {:?}", Self::NAMES),
        };
        Self {
            request: post.bytes(),
            ending,
            floor,
        }
    }

    /// Sends the request `times` times over one connection to our server.
    pub fn ours(&self, service: &McpService, times: usize) -> Counted {
        let service = hyper_util::service::TowerToHyperService::new(service.clone());
        self.serve(service, times)
    }

    /// The same to the floor.
    pub fn floor(&self, times: usize) -> Counted {
        self.serve(self.floor.clone(), times)
    }

    fn serve<S, B>(&self, service: S, times: usize) -> Counted
    where
        S: Service<http::Request<hyper::body::Incoming>, Response = http::Response<B>>,
        S::Error: std::error::Error + Send + Sync + 'static,
        B: http_body::Body + 'static,
        B::Error: std::error::Error + Send + Sync + 'static,
    {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        let (wire, counted) = Wire::new(self.request.clone().into(), self.ending, times);
        runtime.block_on(async {
            let builder = hyper::server::conn::http1::Builder::new();
            builder.serve_connection(wire, service).await.unwrap();
        });
        let counted = counted.lock().unwrap().clone();
        assert_eq!(counted.answers, times, "{counted:?}");
        counted
    }
}

/// Opens a session.
fn session(service: &McpService) -> String {
    let opening = Post::initialize("2025-11-25").bytes();
    let scenario = Scenario {
        request: opening,
        ending: Ending::Object,
        floor: Floor::Initialize,
    };
    let answer = scenario.ours(service, 1).last;
    let answer = String::from_utf8(answer).unwrap();
    let id = answer
        .lines()
        .find_map(|line| line.strip_prefix("mcp-session-id: "));
    id.unwrap().to_owned()
}
