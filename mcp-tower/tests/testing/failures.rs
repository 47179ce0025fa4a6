//! What a test that fails is told.

use crate::server::server;
use mcp_tower::{
    McpService, Server,
    protocol::Revision,
    testing::{Accept, Matrix, Reply, TestClient},
};
use serde_json::json;
use std::{future::Future, time::Duration};

/// What a test says that fails.
async fn complaint(test: impl Future<Output = ()> + Send + 'static) -> String {
    let panic = tokio::spawn(test).await.unwrap_err().into_panic();
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(literal) => (*literal.downcast::<&str>().unwrap()).to_owned(),
    }
}

#[tokio::test]
async fn an_answer_that_is_not_there_shows_place_reason_and_wire() {
    let text = complaint(async {
        let client = TestClient::new(server()).header("authorization", "Bearer hunter2");
        client.call_tool("ad", json!({"a": 1})).await.text();
    })
    .await;
    assert!(
        text.starts_with("tools/call ad (mcp-tower/tests/testing/failures.rs:"),
        "{text}"
    );
    assert!(text.contains("error -32602:"), "{text}");
    assert!(text.contains("--> POST /mcp"), "{text}");
    assert!(text.contains("authorization: ***"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
    let text = complaint(async {
        let client = TestClient::new(server());
        let call = client.call_tool("add", json!({"a": 1, "b": 1}));
        call.await.expect_error();
    })
    .await;
    assert!(text.contains("it should have failed"), "{text}");
    let text = complaint(async {
        let client = TestClient::new(server());
        let call = client.call_tool("add", json!({"a": 1, "b": 1}));
        call.await.json::<String>();
    })
    .await;
    assert!(text.contains("`2` is no `alloc::string::String`"), "{text}");
}

#[tokio::test]
async fn a_question_without_an_answer_says_how_to_give_one() {
    for revision in [Revision::V2026_07_28, Revision::V2025_11_25] {
        let text = complaint(async move {
            let client = TestClient::new(server()).revision(revision);
            let client = client.capabilities(json!({"elicitation": {}}));
            client.call_tool("ask", ()).await.text();
        })
        .await;
        assert!(text.contains("`TestClient::on_elicitation`"), "{text}");
        let text = complaint(async move {
            let client = TestClient::new(server()).revision(revision).answers([]);
            client.call_tool("ask", ()).await.text();
        })
        .await;
        assert!(
            text.contains("all answers of the script are used"),
            "{text}"
        );
        let text = complaint(async move {
            let client = TestClient::new(server()).revision(revision);
            let client = client.on_elicitation(|_| Reply::never());
            client.call_tool("ask", ()).await.text();
        })
        .await;
        assert!(text.contains("has to be started: `.start()`"), "{text}");
    }
}

#[tokio::test]
async fn hints_say_what_to_do() {
    let text = complaint(async {
        let client = TestClient::new(server()).accept(Accept::Events);
        client.ping().await.result();
    })
    .await;
    assert!(text.contains("hint: `Accept::Json` and"), "{text}");
    let text = complaint(async {
        let client = TestClient::new(server()).header("host", "example.com");
        client.ping().await.result();
    })
    .await;
    assert!(text.contains("`.header(\"host\", ..)`"), "{text}");
    let text = complaint(async {
        let matrix = Matrix::new(|| Server::builder("s", "1").build());
        matrix.run(async |_| {}).await;
    })
    .await;
    assert!(text.contains(".keys(KeyRing::new"), "{text}");
}

#[tokio::test]
async fn what_never_comes_fails_in_time() {
    let text = complaint(async {
        let client = TestClient::new(server()).patience(Duration::from_millis(1));
        client.call_tool("wait", ()).await.text();
    })
    .await;
    assert!(text.contains("nothing more came within 1ms"), "{text}");
    let text = complaint(async {
        let client = TestClient::new(server());
        let mut running = client.call_tool("add", json!({"a": 1, "b": 1})).start();
        running.progress().await;
    })
    .await;
    assert!(text.contains("the request is over"), "{text}");
}

#[tokio::test]
async fn a_refused_handshake_is_the_answer_of_the_call() {
    let limit = mcp_tower::Limits::new().body_bytes(10);
    let service = McpService::new(server()).limits(limit);
    for revision in [Revision::V2026_07_28, Revision::V2025_03_26] {
        let client = TestClient::over(service.clone()).revision(revision);
        let failure = client.ping().await.expect_error();
        assert_eq!(failure.status(), 413, "{failure}");
    }
}
