//! DNS rebinding: which hosts and origins are answered, for both eras and every HTTP method.

use http_tests::{Case, Post, check, open, server};
use mcp_tower::AllowedHosts;
use serde_json::json;

fn add() -> Post {
    Post::call("add", json!({"a": 1, "b": 2}))
}

#[tokio::test]
async fn pages_of_other_sites_are_refused() {
    let service = server();
    let session = open(&service, "2025-11-25").await;
    let host = |value: &str| add().set("host", value);
    let origin = |value: &str| add().set("origin", value);
    let served = |what: &str, post| Case::served(what, post);
    let refused = |what: &str, post| Case::refused(what, post, 403, -32600).no_id();
    let cases = [
        served("any port", host("localhost:9999")),
        served("IPv4", host("127.0.0.1:80")),
        served("IPv6", host("[::1]:80")),
        refused("a rebound name", host("evil.example.com")),
        refused(
            "a name that begins well",
            host("localhost.evil.example.com"),
        ),
        refused(
            "an address that begins well",
            host("127.0.0.1.evil.example.com"),
        ),
        refused("a public address", host("203.0.113.7:8080")),
        refused("all addresses", host("0.0.0.0")),
        served("a page of this machine", origin("http://localhost:5173")),
        served("a page at an address", origin("http://127.0.0.1")),
        refused("a page elsewhere", origin("https://evil.example.com")),
        refused("no page in particular", origin("null")),
        refused("no origin at all", origin("")),
        refused(
            "two origins",
            origin("http://localhost").add("origin", "http://localhost"),
        ),
        refused(
            "`initialize` from elsewhere",
            Post::initialize("2025-11-25").set("origin", "https://evil.example.com"),
        ),
        refused(
            "a session from elsewhere",
            Post::legacy("ping", json!({}))
                .session(&session)
                .set("host", "evil.example.com"),
        ),
        refused(
            "GET from elsewhere",
            Post::raw("")
                .verb("GET")
                .set("origin", "https://evil.example.com"),
        ),
        refused(
            "DELETE from elsewhere",
            Post::raw("")
                .verb("DELETE")
                .session(&session)
                .set("host", "evil.example.com"),
        ),
        // The checks of hosts come before all others.
        refused(
            "not even JSON",
            host("evil.example.com").set("content-type", "text/plain"),
        ),
        served(
            "the session is untouched",
            Post::legacy("ping", json!({})).session(&session),
        ),
    ];
    check(&service, &cases).await;
}

#[tokio::test]
async fn public_names_can_be_allowed() {
    let hosts = AllowedHosts::new()
        .allow_host("mcp.example.com")
        .allow_origin("https://app.example.com");
    let service = server().allowed_hosts(hosts).misdirected_host();
    let host = |value: &str| add().set("host", value);
    let cases = [
        Case::served("the name", host("mcp.example.com")),
        Case::served(
            "its page",
            host("mcp.example.com").set("origin", "https://mcp.example.com"),
        ),
        Case::served(
            "another page",
            host("MCP.example.com").set("origin", "https://app.example.com"),
        ),
        Case::served("still this machine", add()),
        Case::refused("another name", host("www.example.com"), 421, -32600).no_id(),
        Case::refused(
            "another origin",
            add().set("origin", "https://www.example.com"),
            403,
            -32600,
        )
        .no_id(),
    ];
    check(&service, &cases).await;
}

#[tokio::test]
async fn a_proxy_may_do_the_checking() {
    let hosts = AllowedHosts::new().allow_any_host().allow_any_origin();
    let post = add()
        .set("host", "anything")
        .set("origin", "https://any.example.com");
    let case = Case::served("anything", post);
    check(&server().allowed_hosts(hosts), &[case]).await;
}
