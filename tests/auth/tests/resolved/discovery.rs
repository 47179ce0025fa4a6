//! Where a client of one of many servers is told where to get its token.

use super::{mount, refused, send, serve};
use http_tests::Post;
use mcp_tower::Cors;
use serde_json::{Value, json};

const ROOT: &str = "/.well-known/oauth-protected-resource";

/// As a page of any site asks, without a token, and with a host that only a proxy knows.
fn ask(verb: &str, path: &str) -> Post {
    let post = Post::raw("").verb(verb).path(&format!("{ROOT}{path}"));
    let post = post.set("host", "mcp.example.com");
    post.add("origin", "https://client.example.com")
}

fn document() -> Value {
    json!({
        "resource": "https://mcp.example.com/t/issued",
        "authorization_servers": ["https://login.example.com"],
        "bearer_methods_supported": ["header"],
    })
}

#[tokio::test]
async fn each_server_has_a_document_of_its_own() {
    let running = serve(mount()).await;
    for path in ["/t/issued", "/t/issued?a=b"] {
        let reply = send(&running, &ask("GET", path)).await;
        assert_eq!(reply.json(), document());
        assert_eq!(reply.header("access-control-allow-origin"), "*");
    }
    assert_eq!(
        send(&running, &ask("OPTIONS", "/t/issued")).await.status,
        204
    );
    assert_eq!(send(&running, &ask("POST", "/t/issued")).await.status, 405);
}

#[tokio::test]
async fn what_has_no_document_looks_as_if_it_were_not_there() {
    let running = serve(mount()).await;
    let unknown = send(&running, &ask("GET", "/t/none").set("host", "localhost")).await;
    // From another site, before anything is resolved.
    assert_eq!(unknown.status, 403);
    for path in [
        "",
        "/t/none",
        "/t/one",
        "/t/basic",
        "/t/open",
        "/t/moved",
        "/t/issued/",
    ] {
        let ask = ask("GET", path).set("host", "localhost").without("origin");
        let reply = send(&running, &ask).await;
        refused(&reply, 404, None);
    }
}

#[tokio::test]
async fn a_page_may_read_what_it_is_told() {
    let site = "https://client.example.com";
    let hosts = mcp_tower::AllowedHosts::new().allow_origin(site);
    let running = serve(mount().allowed_hosts(hosts).cors(Cors::new())).await;
    let preflight = Post::raw("")
        .verb("OPTIONS")
        .path("/t/one")
        .add("origin", site);
    let preflight = preflight.add("access-control-request-method", "POST");
    let preflight = preflight.add("access-control-request-headers", "authorization");
    let reply = send(&running, &preflight).await;
    assert_eq!(reply.status, 204, "{reply:?}");
    assert_eq!(reply.header("access-control-allow-origin"), site);
    let reply = send(&running, &super::call("one", "").add("origin", site)).await;
    refused(&reply, 401, Some(r#"Bearer realm="Number one""#));
    assert_eq!(reply.header("access-control-allow-origin"), site);
    let exposed = reply.header("access-control-expose-headers").to_lowercase();
    assert!(exposed.contains("www-authenticate"), "{exposed}");
    let document = send(&running, &ask("GET", "/t/issued")).await;
    assert_eq!(document.header("access-control-allow-origin"), "*");
}
