//! A mount that holds its clients to the letter of the protocol.

use http_tests::{Case, Client, Post, axum, builder, check, open, server};
use mcp_tower::{AcceptPolicy, KeyRing, McpService, Replicas, SessionOptions, bus::LocalBus};
use serde_json::json;

fn add() -> Post {
    Post::legacy_call("add", json!({"a": 1, "b": 2}))
}

fn ready(session: &str) -> Post {
    Post::notification("notifications/initialized", json!({})).session(session)
}

fn strict() -> SessionOptions {
    SessionOptions::new().require_initialized()
}

#[tokio::test]
async fn both_media_types_must_be_named() {
    let call = || Post::call("add", json!({"a": 1, "b": 2}));
    let served = |value: &str| Case::served(value, call().set("accept", value));
    let refused = |value: &str| {
        let post = call().set("accept", value);
        Case::refused(value, post, 406, -32600).no_id()
    };
    let cases = [
        served("application/json, text/event-stream"),
        served("text/event-stream;q=0.5, */*, application/json;q=0.1"),
        Case::refused("absent", call().without("accept"), 406, -32600).no_id(),
        refused("*/*"),
        refused("application/*, text/*"),
        refused("application/json, text/*"),
        refused("application/json"),
        refused("application/json, text/event-stream;q=0, */*"),
    ];
    check(&server().accept(AcceptPolicy::BothNamed), &cases).await;
}

#[tokio::test]
async fn a_call_waits_for_its_client_to_be_ready() {
    for version in http_tests::LEGACY {
        let service = server().sessions(strict());
        let session = open(&service, version).await;
        let early = Case::refused("early", add().session(&session), 400, -32600);
        let ping = Post::legacy("ping", json!({})).session(&session);
        check(&service, &[early, Case::served("ping", ping)]).await;
        check(&service, &[Case::empty("ready", ready(&session), 202)]).await;
        check(&service, &[Case::served("late", add().session(&session))]).await;
    }
}

#[tokio::test]
async fn a_client_that_is_ready_is_ready_everywhere() {
    let bus = LocalBus::new();
    let mut replicas = Vec::new();
    for _ in 0..2 {
        let joined = Replicas::join(bus.clone()).await.unwrap();
        let server = builder().keys(KeyRing::new([7; 32])).build();
        let service = McpService::new(server).replicas(&joined).sessions(strict());
        replicas.push((service.clone(), axum(service).await));
    }
    let session = open(&replicas[0].0, "2025-11-25").await;
    let mut here = Client::connect(replicas[0].1.address).await;
    let mut there = Client::connect(replicas[1].1.address).await;
    assert_eq!(there.send(&add().session(&session)).await.status, 400);
    assert_eq!(here.send(&ready(&session)).await.status, 202);
    http_tests::until("the other replica knows", async || {
        there.send(&add().session(&session)).await.status == 200
    })
    .await;
}
