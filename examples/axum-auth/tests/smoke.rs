//! The example as it is started, over the wire: pages and MCP have one login and one state.

use http_tests::{Client, LEGACY, Post, Program};
use serde_json::{Value, json};

// Base64 of `ada:analytical` and `jane:persuasion`.
const ADA: &str = "Basic YWRhOmFuYWx5dGljYWw=";
const JANE: &str = "Basic amFuZTpwZXJzdWFzaW9u";

fn of(user: &str, post: Post) -> Post {
    post.set("authorization", user)
}

fn borrow(title: &str) -> Post {
    Post::call("borrow", json!({"title": title}))
}

fn get(path: &str) -> Post {
    Post::raw("").verb("GET").path(path)
}

#[tokio::test]
async fn nobody_is_let_in_without_a_login() {
    let program = Program::start(env!("CARGO_BIN_EXE_axum-auth"));
    let mut client = Client::connect(program.address).await;
    let wrong = "Basic YWRhOndyb25n";
    for credentials in [None, Some(wrong), Some("Basic ="), Some("Bearer x")] {
        for post in [borrow("Emma"), get("/books"), Post::initialize(LEGACY[0])] {
            let post = match credentials {
                Some(credentials) => of(credentials, post),
                None => post,
            };
            let reply = client.send(&post).await;
            assert_eq!(reply.status, 401, "{credentials:?} {reply:?}");
            assert_eq!(reply.header("www-authenticate"), "Basic realm=\"library\"");
        }
    }
    let books = client.send(&of(ADA, get("/books"))).await.json();
    assert_eq!(books[0]["borrower"], Value::Null, "nothing has happened");
}

#[tokio::test]
async fn the_user_reaches_pages_tools_prompts_and_resources() {
    let program = Program::start(env!("CARGO_BIN_EXE_axum-auth"));
    let mut client = Client::connect(program.address).await;
    let home = client.send(&of(JANE, get("/"))).await;
    assert_eq!(home.body, "a small library, open to jane\n");
    assert_eq!(
        client.send(&of(JANE, borrow("Emma"))).await.text(),
        "jane has Emma"
    );
    // The pages know, and so does everybody else.
    let books = client.send(&of(ADA, get("/books"))).await.json();
    assert_eq!(books[0], json!({"title": "Emma", "borrower": "jane"}));
    let taken = client.send(&of(ADA, borrow("Emma"))).await;
    assert_eq!(taken.text(), "somebody else has it");

    let loans = Post::modern("resources/read", json!({"uri": "loans://mine"}));
    for (user, expected) in [(JANE, json!(books[0])), (ADA, Value::Null)] {
        let result = client.send(&of(user, loans.clone())).await.result();
        let text = result["contents"][0]["text"].as_str().unwrap().to_owned();
        let mine: Vec<Value> = serde_json::from_str(&text).unwrap();
        assert_eq!(mine.first().unwrap_or(&Value::Null), &expected, "{user}");
    }
    let prompt = Post::modern("prompts/get", json!({"name": "recommend"}));
    let result = client.send(&of(ADA, prompt)).await.result();
    let text = result["messages"][0]["content"]["text"].as_str().unwrap();
    assert!(text.contains("to ada"), "{text}");

    let acquire = Post::call("acquire", json!({"title": "Sanditon"}));
    let refused = client.send(&of(JANE, acquire.clone())).await;
    assert_eq!(refused.text(), "only librarians may do this");
    assert_eq!(client.send(&of(ADA, acquire)).await.text(), "on the shelf");
}

#[tokio::test]
async fn a_session_belongs_to_its_user() {
    let program = Program::start(env!("CARGO_BIN_EXE_axum-auth"));
    let mut client = Client::connect(program.address).await;
    let opened = client.send(&of(JANE, Post::initialize(LEGACY[0]))).await;
    let session = opened.header("mcp-session-id").to_owned();
    let call = Post::legacy_call("borrow", json!({"title": "Persuasion"})).session(&session);
    assert_eq!(client.send(&of(ADA, call.clone())).await.status, 404);
    assert_eq!(
        client.send(&of(JANE, call)).await.text(),
        "jane has Persuasion"
    );
}
