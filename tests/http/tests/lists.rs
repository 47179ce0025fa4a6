//! Lists: order, pages and cursors.

use http_tests::{Case, Client, Post, all, builder, check, hyper, open, server};
use mcp_tower::{McpService, core::List, protocol::CacheHint};
use serde_json::{Value, json};
use std::time::Duration;

fn list(method: &str, cursor: Option<&str>) -> Post {
    let params = cursor.map_or(json!({}), |cursor| json!({"cursor": cursor}));
    Post::modern(method, params)
}

fn names(page: &Value, member: &str) -> Vec<String> {
    let items = page[member].as_array().unwrap().iter();
    items
        .map(|item| item["name"].as_str().unwrap().to_owned())
        .collect()
}

fn paged(size: usize) -> McpService {
    McpService::new(builder().page_size(size).build())
}

#[tokio::test]
async fn lists_are_in_the_order_of_registration() {
    let service = server();
    for running in all(&service).await {
        let mut client = Client::connect(running.address).await;
        let first = client.send(&list("tools/list", None)).await;
        let tools = names(&first.result(), "tools");
        assert_eq!(tools[..4], ["add", "total", "forecast", "find"]);
        assert_eq!(tools.last().unwrap(), "handwritten");
        // The same bytes every time, on every connection, whatever was called before.
        client.send(&Post::call("boom", json!({}))).await;
        let mut other = Client::connect(running.address).await;
        let again = other
            .send(&list("tools/list", None).set("x-user", "ada"))
            .await;
        assert_eq!(again.body, first.body, "{}", running.name);
        assert!(first.result().get("nextCursor").is_none());
    }
}

#[tokio::test]
async fn pages_join_to_the_whole_list() {
    for (method, member) in [
        ("tools/list", "tools"),
        ("prompts/list", "prompts"),
        ("resources/list", "resources"),
        ("resources/templates/list", "resourceTemplates"),
    ] {
        let whole = http_tests::hyper(server()).await;
        let mut client = Client::connect(whole.address).await;
        let whole = names(&client.send(&list(method, None)).await.result(), member);
        for size in [1, 2, 100] {
            for running in all(&paged(size)).await {
                let mut client = Client::connect(running.address).await;
                let (mut found, mut cursor) = (Vec::new(), None);
                loop {
                    let page = client.send(&list(method, cursor.as_deref())).await.result();
                    let items = names(&page, member);
                    assert!((1..=size).contains(&items.len()), "{method}");
                    found.extend(items);
                    match page.get("nextCursor") {
                        Some(next) => cursor = Some(next.as_str().unwrap().to_owned()),
                        None => break,
                    }
                }
                assert_eq!(found, whole, "{} {method} by {size}", running.name);
            }
        }
    }
}

#[tokio::test]
async fn cursors_that_were_not_given_out_are_refused() {
    let service = paged(2);
    let session = open(&service, "2025-11-25").await;
    let running = http_tests::axum(service.clone()).await;
    let mut client = Client::connect(running.address).await;
    let page = client.send(&list("tools/list", None)).await.result();
    let cursor = page["nextCursor"].as_str().unwrap();
    let ada = list("tools/list", None).set("x-user", "ada");
    let page = client.send(&ada).await.result();
    let of_ada = page["nextCursor"].as_str().unwrap();
    let refused = |what: &str, post| Case::refused(what, post, 200, -32602);
    let number = Post::modern("tools/list", json!({"cursor": 5}));
    let legacy = |cursor| Post::legacy("tools/list", json!({"cursor": cursor})).session(&session);
    let cases = [
        // The empty string is a cursor like any other: here, a bad one.
        refused("empty", list("tools/list", Some(""))),
        refused("made up", list("tools/list", Some("bmV4dA"))),
        refused("no Base64", list("tools/list", Some("not a cursor!"))),
        refused(
            "cut short",
            list("tools/list", Some(&cursor[..cursor.len() - 4])),
        ),
        refused("of another list", list("prompts/list", Some(cursor))),
        refused("a number", number),
        refused("of another principal", list("tools/list", Some(of_ada))),
        refused(
            "of nobody",
            list("tools/list", Some(cursor)).set("x-user", "ada"),
        ),
        refused("empty in a session", legacy("")),
        Case::served("one's own", list("tools/list", Some(cursor))),
        Case::served("in a session", legacy(cursor)),
        Case::served(
            "of ada",
            list("tools/list", Some(of_ada)).set("x-user", "ada"),
        ),
    ];
    check(&service, &cases).await;
    // Without pages there are no cursors.
    let cases = [
        refused("empty", list("tools/list", Some(""))),
        refused("made up", list("tools/list", Some("bmV4dA"))),
    ];
    check(&server(), &cases).await;
}

#[tokio::test]
async fn every_page_has_the_same_cache_hint() {
    let hint = CacheHint::public(Duration::from_secs(60));
    let service = McpService::new(builder().page_size(5).cache_lists(hint).build());
    let running = http_tests::tonic(service).await;
    let mut client = Client::connect(running.address).await;
    let mut cursor = None;
    loop {
        let page = client
            .send(&list("tools/list", cursor.as_deref()))
            .await
            .result();
        assert_eq!(
            (&page["ttlMs"], &page["cacheScope"]),
            (&json!(60_000), &json!("public"))
        );
        match page.get("nextCursor") {
            Some(next) => cursor = Some(next.as_str().unwrap().to_owned()),
            None => break,
        }
    }
}

#[tokio::test]
async fn each_list_has_its_own_cache_hint() {
    let hour = CacheHint::public(Duration::from_secs(3600));
    let server = builder().cache_list(List::Prompts, hour).build();
    let running = hyper(McpService::new(server)).await;
    let mut client = Client::connect(running.address).await;
    for (method, ttl, scope) in [
        ("tools/list", 0, "private"),
        ("prompts/list", 3_600_000, "public"),
    ] {
        let result = client.send(&Post::modern(method, json!({}))).await.result();
        assert_eq!(result["ttlMs"], ttl);
        assert_eq!(result["cacheScope"], scope);
    }
}
