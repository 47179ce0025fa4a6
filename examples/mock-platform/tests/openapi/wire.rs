//! From a document to calls, over a socket.

use crate::{
    expected::{self, Expected},
    world::{KEY, World},
};
use http_tests::{Post, Reply};
use serde_json::{Value, json};

/// The servers that came of documents.
impl World {
    async fn send_to(&self, post: Post, path: &str) -> Reply {
        self.send(post.path(path)).await
    }

    async fn administer(&self, path: &str, body: impl Into<Vec<u8>>) -> Reply {
        let post = Post::raw(body).set("x-api-key", KEY);
        self.send_to(post, &format!("/api/admin/{path}")).await
    }

    /// Imports a document and publishes what comes of it: the path of its endpoint.
    async fn import(&self, document: &str) -> String {
        let made = self.administer("import/openapi", document).await;
        assert_eq!(made.status, 201, "{made:?}");
        let id = made.json()["id"].as_str().unwrap().to_owned();
        let path = format!("/api/platform/{id}/mcp");
        let list = Post::modern("tools/list", json!({}));
        assert_eq!(self.send_to(list, &path).await.status, 404, "it is a draft");
        let publish = format!("servers/{id}/publish");
        assert_eq!(self.administer(&publish, "").await.status, 200);
        path
    }

    /// Whether a server has exactly these tools, and each does what is said of it.
    async fn check(&self, path: &str, expected: &[Expected]) {
        let list = Post::modern("tools/list", json!({}));
        let listed = self.send_to(list, path).await.result();
        let listed = listed["tools"].as_array().unwrap();
        let names: Vec<_> = listed.iter().map(|tool| &tool["name"]).collect();
        let wanted: Vec<_> = expected.iter().map(|tool| tool.name).collect();
        assert_eq!(names, wanted);
        for (tool, expected) in listed.iter().zip(expected) {
            let name = expected.name;
            assert_eq!(tool["inputSchema"], expected.takes, "{name}");
            let call = Post::call(name, expected.good.clone());
            let answer = self.send_to(call, path).await.result();
            assert_ne!(answer["isError"], true, "{name}: {answer}");
            assert_eq!(answer["structuredContent"], expected.answers, "{name}");
            for (bad, told) in &expected.bad {
                let context = format!("{name} {bad}");
                let call = Post::call(name, bad.clone());
                let answer = self.send_to(call, path).await;
                assert_eq!(answer.result()["isError"], true, "{context}: {answer:?}");
                let text = answer.text();
                assert!(text.starts_with(told), "{context}: {text}");
            }
        }
    }
}

#[tokio::test]
async fn operations_of_3_0_are_called() {
    let world = World::with([]).await;
    let path = world.import(include_str!("bookings.json")).await;
    world.check(&path, &expected::bookings()).await;
}

#[tokio::test]
async fn operations_of_3_1_are_called() {
    let world = World::with([]).await;
    let path = world.import(include_str!("parcels.json")).await;
    world.check(&path, &expected::parcels()).await;
}

#[tokio::test]
async fn what_no_server_can_have_is_told_where_the_document_has_it() {
    let world = World::with([]).await;
    let mut document: Value = serde_json::from_str(include_str!("bookings.json")).unwrap();
    document["components"]["schemas"]["RoomType"]["type"] = "sting".into();
    document["components"]["parameters"]["BookingId"]["schema"]["maxLength"] = (-1).into();
    let refused = world
        .administer("import/openapi", document.to_string())
        .await;
    assert_eq!(refused.status, 422);
    let faults = refused.json()["error"]["faults"].clone();
    let faults = faults.as_array().unwrap();
    for path in [
        "/paths/~1rooms/get",
        "/paths/~1bookings~1{booking-id}/delete",
    ] {
        let fault = faults.iter().find(|fault| fault["path"] == path);
        let fault = fault.unwrap_or_else(|| panic!("no {path} in {faults:?}"));
        let reason = fault["reason"].as_str().unwrap();
        assert!(reason.starts_with("its tool's /inputSchema: "), "{reason}");
    }
    let listed = world.send_to(
        Post::raw("").verb("GET").set("x-api-key", KEY),
        "/api/admin/servers",
    );
    assert_eq!(listed.await.json()["servers"], json!([]));
}
