//! Where a client of one of many servers is told where to get its token.

use super::{keys, mount, refused, send, serve};
use http::request::Parts;
use http_tests::Post;
use mcp_tower::{
    AllowedHosts, Cors, McpService, Principal, Resolve, Resolved, Unresolved, auth::Auth,
};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

const ROOT: &str = "/.well-known/oauth-protected-resource";

/// As a page of any site asks, without a token.
fn ask(verb: &str, path: &str) -> Post {
    let post = Post::raw("").verb(verb).path(&format!("{ROOT}{path}"));
    let post = post.set("host", "mcp.example.com");
    post.add("origin", "https://client.example.com")
}

/// What answers to the name in the URLs of the documents.
fn public(mount: McpService) -> McpService {
    mount.allowed_hosts(AllowedHosts::new().allow_host("mcp.example.com"))
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
    let running = serve(public(mount())).await;
    for path in ["/t/issued", "/t/issued?a=b"] {
        let reply = send(&running, &ask("GET", path)).await;
        assert_eq!(reply.json(), document());
        assert_eq!(reply.header("access-control-allow-origin"), "*");
        // It goes when the server does.
        assert_eq!(reply.header("cache-control"), "no-cache");
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
    let hosts = AllowedHosts::new()
        .allow_host("mcp.example.com")
        .allow_origin(site);
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

/// Knows no server, and keeps the paths that it was asked about.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<String>>>);

impl Asked {
    /// The paths since the last look.
    #[expect(clippy::unwrap_used, reason = "a test that fails panics")]
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl Resolve for Asked {
    #[expect(clippy::unwrap_used, reason = "a test that fails panics")]
    async fn resolve(&self, parts: &Parts, _: &Principal) -> Result<Resolved, Unresolved> {
        self.0.lock().unwrap().push(parts.uri.path().to_owned());
        Err(Unresolved::unknown())
    }
}

#[tokio::test]
async fn nothing_is_resolved_for_other_hosts_and_documents_alone_for_other_sites() {
    let asked = Asked::default();
    let running = serve(public(McpService::resolved_by(asked.clone()))).await;
    let full = format!("{ROOT}/t/issued");
    let document = ask("GET", "/t/issued");
    for (post, status, paths) in [
        (document.clone().set("host", "evil.example"), 403, &[][..]),
        (document.clone(), 403, &["/t/issued"]),
        (document.clone().path("/t/issued"), 403, &[]),
        // Nobody says that it is no endpoint, too.
        (document.without("origin"), 404, &["/t/issued", &full]),
    ] {
        refused(&send(&running, &post).await, status, None);
        assert_eq!(asked.take(), paths);
    }
}

#[tokio::test]
async fn a_preflight_tells_strangers_nothing_where_pages_have_no_business() {
    let site = "http://localhost";
    let preflight = |path| {
        let options = Post::raw("").verb("OPTIONS").path(path).add("origin", site);
        options.add("access-control-request-method", "POST")
    };
    let guarded = Auth::with_realm(keys(&[]), "All").unwrap();
    for mount in [mount(), mount().authorize(guarded.clone())] {
        let running = serve(mount).await;
        let there = send(&running, &preflight("/t/one")).await;
        refused(&there, 405, None);
        assert_eq!(there.header("allow"), "GET, POST, DELETE");
        let none = send(&running, &preflight("/t/none")).await;
        assert_eq!((none.status, &none.body), (there.status, &there.body));
    }
    let asked = Asked::default();
    let mount = McpService::resolved_by(asked.clone()).authorize(guarded);
    refused(
        &send(&serve(mount).await, &preflight("/t/one")).await,
        405,
        None,
    );
    assert!(asked.take().is_empty());
}
