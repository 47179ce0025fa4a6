//! The same scenarios in every way a client can come.

use crate::server::{Stopped, server, with};
use mcp_tower::{
    LogLevel, McpService, ToolResult,
    protocol::{Era, Revision},
    testing::{Accept, Answer, Matrix, Reply, TestClient},
};
use serde_json::json;
use std::sync::Mutex;

fn can_be_asked(client: TestClient) -> TestClient {
    client
        .on_elicitation(|asked| match asked.url() {
            Some(_) => Reply::agree(),
            None => Reply::accept(json!({"ok": asked.message() == "Really?"})),
        })
        .on_sampling(|asked| Reply::text(asked.prompt().to_uppercase()))
        .roots(["file:///home"])
}

#[tokio::test]
async fn results_are_the_same_everywhere() {
    Matrix::new(server)
        .run(async |client| {
            let answer = client.call_tool("add", json!({"a": 1, "b": 2})).await;
            assert_eq!(answer.text(), "3");
            let answer = client.call_tool("total", json!({"numbers": [1, 2]})).await;
            assert_eq!(answer.json::<i64>(), 3);
            let failure = client.call_tool("fail", ()).await.expect_error();
            assert_eq!(failure.message(), "try something else");
            let prompt = client.get_prompt("greet", json!({"name": "Ada"})).await;
            assert_eq!(prompt.text(), "Greet Ada.");
            assert_eq!(client.read_resource("doc://readme").await.text(), "read me");
            assert_eq!(client.read_resource("page://7").await.json::<u8>(), 7);
            let values = client.complete_prompt("greet", "name", "A").await.values();
            assert_eq!(values, ["Ada"]);
            assert_eq!(client.list_tools().await.len(), 8);
            assert_eq!(client.list_prompts().await.len(), 1);
            assert_eq!(client.list_resources().await[0].uri, "doc://readme");
            assert_eq!(client.list_resource_templates().await.len(), 1);
            client.ping().await.result();
            let instructions = client.instructions().await;
            assert_eq!(instructions.as_deref(), Some("Try everything."));
        })
        .await;
}

#[tokio::test]
async fn whatever_is_told_arrives_once_and_in_order() {
    Matrix::new(server)
        .run(async |client| {
            client.set_log_level(LogLevel::Warning).await;
            let answer = client.call_tool("talk", ()).await;
            assert_eq!(answer.text(), "told");
            let steps: Vec<f64> = answer.progress().iter().map(|step| step.progress).collect();
            assert_eq!(steps, [1.0, 2.0, 3.0]);
            assert_eq!(answer.logs().len(), 3);
            assert_eq!(answer.notifications().len(), 6);
            client.set_log_level(LogLevel::Error).await;
            assert_eq!(client.call_tool("talk", ()).await.logs(), []);
        })
        .await;
}

fn methods(answer: &Answer<ToolResult>) -> Vec<String> {
    let asked = answer.questions().into_iter();
    asked.map(|one| one.method).collect()
}

#[tokio::test]
async fn questions_are_answered_in_both_eras() {
    // Older ones have no links to agree to.
    Matrix::new(server)
        .client(can_be_asked)
        .revisions([Revision::V2025_11_25, Revision::V2026_07_28])
        .run(async |client| {
            let answer = client.call_tool("ask", ()).await;
            assert_eq!(answer.text(), "true THINK. file:///home");
            let [elicit, sample] = ["elicitation/create", "sampling/createMessage"];
            assert_eq!(methods(&answer), [elicit, sample, "roots/list", elicit]);
        })
        .await;
}

/// Whatever a client declares: links come later than forms, and forms than sessions.
#[tokio::test]
async fn clients_are_asked_what_their_revision_knows() {
    let forms = ["elicitation/create", "sampling/createMessage", "roots/list"];
    for (revision, known) in [
        (Revision::V2024_11_05, 0),
        (Revision::V2025_03_26, 0),
        (Revision::V2025_06_18, 3),
    ] {
        Matrix::new(server)
            .client(can_be_asked)
            .revisions([revision])
            .run(async |client| {
                let answer = client.call_tool("ask", ()).await;
                assert_eq!(methods(&answer), forms[..known]);
                let failure = answer.expect_error();
                let message = failure.message();
                assert!(message.contains("does not declare"), "{message}");
            })
            .await;
    }
}

#[tokio::test]
async fn changes_are_told() {
    // On which replica something changes does not matter: the client listens on one of them.
    let servers = std::sync::Arc::new(Mutex::new(Vec::new()));
    let made = servers.clone();
    let stack = Matrix::over(move |replicas| {
        let server = server();
        let service = McpService::new(server.clone())
            .accept(mcp_tower::AcceptPolicy::Either)
            .replicas(replicas);
        made.lock().unwrap().push(server);
        service
    });
    stack
        .run(async |client| {
            let mut changes = client.listen().to_resource("doc://readme").await;
            let server = servers.lock().unwrap().last().unwrap().clone();
            server.resource_updated("doc://other");
            server.resource_updated("doc://readme");
            assert_eq!(changes.resource_updated().await, "doc://readme");
            server
                .update(|tools| {
                    tools.remove_tool("add");
                })
                .unwrap();
            changes.tools_changed().await;
            server.prompts_changed();
            changes.prompts_changed().await;
            server.resources_changed();
            changes.resources_changed().await;
        })
        .await;
}

#[tokio::test]
async fn cancelled_calls_stop() {
    let stopped = Stopped::default();
    let watched = stopped.clone();
    Matrix::new(move || with(watched.clone()))
        .run(async |client| {
            let mut running = client.call_tool("wait", ()).start();
            assert_eq!(running.progress().await.progress, 1.0);
            running.cancel().await;
            stopped.notified().await;
        })
        .await;
}

#[tokio::test]
async fn cells_are_all_there_and_a_failure_names_its_own() {
    let matrix = Matrix::new(server);
    let cells = matrix.cells();
    assert_eq!(cells.len(), 4 * 2 * 2 * 2 + 2 * 2);
    let modern = cells
        .iter()
        .filter(|cell| cell.revision.era() == Era::Modern);
    assert!(modern.clone().count() == 4 && modern.clone().all(|cell| !cell.is_cut));
    let matrix = matrix
        .revisions([Revision::V2025_06_18])
        .accepts([Accept::Events]);
    let failed = tokio::spawn(async move {
        matrix
            .run(async |client| {
                let answer = client.call_tool("talk", ()).await;
                // The second one has crossed a cut.
                assert!(!answer.transcript().contains("is cut"), "was cut");
            })
            .await;
    });
    let panic = failed.await.unwrap_err().into_panic();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(text.starts_with("2 of 4 cells have failed"), "{text}");
    let cell = "=== 2025-06-18, events, 2 replica(s), connections cut after every event ===";
    assert!(text.contains(cell), "{text}");
    assert!(
        text.contains("was cut\n\nOn the wire:\n#1   --> POST /mcp"),
        "{text}"
    );
}
