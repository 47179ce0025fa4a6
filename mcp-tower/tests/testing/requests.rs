//! What a client of the kit can do beside the scenarios of the matrix.

use crate::server::{Stopped, server, with};
use mcp_tower::{
    McpLayer, McpService, Principal,
    protocol::{ErrorCode, Revision},
    testing::{Accept, Reply, TestClient},
};
use serde_json::{Value, json};

#[tokio::test]
async fn mirrored_arguments_are_learnt() {
    let client = TestClient::new(server());
    let arguments = json!({"region": "münchen", "shard": 5});
    let answer = client.call_tool("route_to", arguments).await;
    assert_eq!(answer.text(), "münchen Some(5)");
}

#[tokio::test]
async fn callers_have_sessions_of_their_own() {
    for revision in Revision::LEGACY {
        let client = TestClient::new(server()).revision(revision);
        let ada = client.clone().principal(Principal::new("https://i", "ada"));
        assert_eq!(client.call_tool("whoami", ()).await.text(), "nobody");
        assert_eq!(ada.call_tool("whoami", ()).await.text(), "ada");
        assert_eq!(client.call_tool("whoami", ()).await.text(), "nobody");
    }
}

#[tokio::test]
async fn a_stack_is_called_as_a_server_would_call_it() {
    let home = axum::routing::get(|| async { "home" });
    let app: axum::Router = axum::Router::new()
        .route("/", home)
        .layer(McpLayer::new(server()).path("/api/mcp"));
    let client = TestClient::over(app).revision(Revision::V2025_06_18);
    let failure = client.ping().await.expect_error();
    assert_eq!(failure.status(), 404);
    assert_eq!(failure.code(), None);
    let client = client.path("/api/mcp");
    client.ping().await.result();
}

#[tokio::test]
async fn clients_that_take_json_alone_are_told_nothing() {
    let service = McpService::new(server()).accept(mcp_tower::AcceptPolicy::Either);
    let client = TestClient::over(service).accept(Accept::Json);
    let answer = client.call_tool("talk", ()).await;
    assert_eq!(answer.text(), "told");
    assert!(answer.notifications().is_empty());
    assert_eq!(answer.headers()["content-type"], "application/json");
}

#[tokio::test]
async fn a_session_ends() {
    let server = mcp_tower::Server::builder("s", "1").build();
    let client = TestClient::new(server).revision(Revision::V2025_11_25);
    client.ping().await.result();
    assert_eq!(client.end_session().await, 204);
    assert_eq!(client.ping().await.expect_error().status(), 404);
}

#[tokio::test]
async fn a_running_call_answers_disconnects_and_is_over() {
    let stopped = Stopped::default();
    let client = TestClient::new(with(stopped.clone()));
    let mut running = client.call_tool("talk", ()).start();
    for _ in 0..3 {
        running.progress().await;
    }
    assert_eq!(running.answer().await.progress().len(), 3);
    let mut running = client.call_tool("wait", ()).start();
    running.progress().await;
    running.disconnect();
    stopped.notified().await;
}

#[tokio::test]
async fn answers_are_used_in_order() {
    let replies = [
        Reply::accept(json!({"ok": false})),
        Reply::text("a thought"),
        Reply::agree(),
    ];
    for revision in [Revision::V2026_07_28, Revision::V2025_11_25] {
        let client = TestClient::new(server()).revision(revision);
        let client = client.answers(replies.clone()).roots(["file:///r"]);
        let answer = client.call_tool("ask", ()).await;
        assert_eq!(answer.text(), "false a thought file:///r");
    }
    let client = TestClient::new(server()).answers([Reply::decline()]);
    let failure = client.call_tool("ask", ()).await.expect_error();
    assert_eq!(failure.message(), "the user declined to answer");
}

#[tokio::test]
async fn errors_of_sessions_reach_the_tool() {
    let refused = Reply::error(ErrorCode(-1), "no");
    let client = TestClient::new(server())
        .revision(Revision::V2025_11_25)
        .answers([refused]);
    let failure = client.call_tool("ask", ()).await.expect_error();
    assert!(failure.is_for_the_model(), "{failure}");
}

#[tokio::test]
async fn lists_are_one_stable_text() {
    let client = TestClient::new(server());
    let snapshot = client.snapshot().await;
    assert_eq!(snapshot, client.snapshot().await);
    let lists: Value = serde_json::from_str(&snapshot).unwrap();
    assert_eq!(lists["tools"].as_array().unwrap().len(), 8);
    assert_eq!(
        lists["resourceTemplates"][0]["uriTemplate"],
        "page://{number}"
    );
    let add = snapshot.find(r#""name": "add""#).unwrap();
    assert!(add < snapshot.find(r#""name": "total""#).unwrap());
    assert!(
        snapshot[..add].contains(r#""inputSchema""#),
        "members are sorted"
    );
}

#[tokio::test]
async fn any_request_can_be_made() {
    let client = TestClient::new(server());
    let answer = client.request("tools/list", ()).await;
    assert_eq!(answer.json::<Value>()["tools"][0]["name"], "add");
    let failure = client.request("tasks/list", ()).await.expect_error();
    assert_eq!(failure.code(), Some(ErrorCode::METHOD_NOT_FOUND));
    let call = client.call_tool("add", json!({"a": 1, "b": 1}));
    let traced = call.meta("traceparent", "00-1-1-01").header("x-trace", "1");
    assert!(traced.await.transcript().contains("x-trace: 1"));
}

#[tokio::test]
async fn a_question_can_stay_without_an_answer() {
    for revision in [Revision::V2026_07_28, Revision::V2025_11_25] {
        let client = TestClient::new(server()).revision(revision);
        let client = client.on_elicitation(|_| Reply::never());
        let mut running = client.call_tool("ask", ()).start();
        assert_eq!(running.question().await.message(), "Really?");
        assert!(running.cancel().await.is_none());
    }
}
