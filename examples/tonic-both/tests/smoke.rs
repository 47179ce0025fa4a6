//! The example as it is started: what one protocol changes the other sees, and neither lets
//! strangers in.

use http_tests::{Client, LEGACY, Post, Program};
use serde_json::json;
use tonic::{Code, Request, transport::Endpoint};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

const ADA: &str = "Bearer token-of-ada";

/// What gRPC says of the service, or why it does not.
#[expect(clippy::unwrap_used, reason = "a test that fails panics")]
async fn check(program: &Program, token: Option<&'static str>) -> Result<ServingStatus, Code> {
    let endpoint = Endpoint::try_from(format!("http://{}", program.address)).unwrap();
    let mut client = HealthClient::new(endpoint.connect().await.unwrap());
    let mut request = Request::new(HealthCheckRequest::default());
    if let Some(token) = token {
        let token = token.parse().unwrap();
        request.metadata_mut().insert("authorization", token);
    }
    let answer = client.check(request).await;
    answer
        .map(|answer| answer.into_inner().status())
        .map_err(|status| status.code())
}

fn mark(serving: bool) -> Post {
    Post::call("mark", json!({"serving": serving})).set("authorization", ADA)
}

#[tokio::test]
async fn both_protocols_share_a_state() {
    let program = Program::start(env!("CARGO_BIN_EXE_tonic-both"));
    assert_eq!(check(&program, Some(ADA)).await, Ok(ServingStatus::Serving));
    let mut client = Client::connect(program.address).await;
    assert_eq!(client.send(&mark(false)).await.text(), "marked by ada");
    let status = check(&program, Some("Bearer token-of-grace")).await;
    assert_eq!(status, Ok(ServingStatus::NotServing));
    assert_eq!(client.send(&mark(true)).await.text(), "marked by ada");
    assert_eq!(check(&program, Some(ADA)).await, Ok(ServingStatus::Serving));
}

#[tokio::test]
async fn neither_lets_strangers_in() {
    let program = Program::start(env!("CARGO_BIN_EXE_tonic-both"));
    let mut client = Client::connect(program.address).await;
    for token in [None, Some("Bearer guessed"), Some("Basic token-of-ada")] {
        assert_eq!(check(&program, token).await, Err(Code::Unauthenticated));
        let post = match token {
            Some(token) => mark(false).set("authorization", token),
            None => mark(false).without("authorization"),
        };
        let reply = client.send(&post).await;
        assert_eq!(reply.status, 401, "{token:?}");
        assert_eq!(reply.header("www-authenticate"), "Bearer");
    }
    assert_eq!(check(&program, Some(ADA)).await, Ok(ServingStatus::Serving));
}

#[tokio::test]
async fn a_session_belongs_to_its_caller() {
    let program = Program::start(env!("CARGO_BIN_EXE_tonic-both"));
    let mut client = Client::connect(program.address).await;
    let open = Post::initialize(LEGACY[0]).set("authorization", ADA);
    let session = client.send(&open).await.header("mcp-session-id").to_owned();
    let ping = Post::legacy("ping", json!({})).session(&session);
    let stranger = ping.clone().set("authorization", "Bearer token-of-grace");
    assert_eq!(client.send(&stranger).await.status, 404);
    let own = client.send(&ping.set("authorization", ADA)).await;
    assert_eq!(own.status, 200);
}
