//! The example as it is started, over the wire.

use http_tests::{Client, LEGACY, Post, Program};
use serde_json::json;

#[tokio::test]
async fn it_adds_in_both_eras_and_serves_one_path() {
    let program = Program::start(env!("CARGO_BIN_EXE_hyper-min"));
    let mut client = Client::connect(program.address).await;
    let add = json!({"a": 2, "b": 3});
    assert_eq!(
        client.send(&Post::call("add", add.clone())).await.text(),
        "5"
    );
    let session = client.open(LEGACY[0]).await;
    let legacy = Post::legacy_call("add", add).session(&session);
    assert_eq!(client.send(&legacy).await.text(), "5");
    let too_much = Post::call("add", json!({"a": i64::MAX, "b": 1}));
    assert_eq!(client.send(&too_much).await.result()["isError"], true);
    let elsewhere = Post::raw("").path("/");
    assert_eq!(client.send(&elsewhere).await.status, 404);
    let rebound = legacy.set("host", "evil.example.com");
    assert_eq!(client.send(&rebound).await.status, 403);
}
