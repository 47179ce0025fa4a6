//! Servers behind one resolver, each with callers of its own.

mod discovery;
mod schemes;
mod sessions;

use http::request::Parts;
use http_tests::{Client, Post, Reply, Running, serve_axum};
use mcp_tower::{
    Headers, HttpSse, McpService, Principal, Resolve, Resolved, Server, Unresolved,
    auth::{ApiKeys, Auth, Identity, ResourceMetadata},
    mcp_tool,
};
use ring::digest::{SHA256, digest};
use serde_json::json;

/// Tell who calls, and what of the token is left.
#[mcp_tool]
async fn whoami(principal: Principal, headers: Headers) -> String {
    let header = headers.0.get("authorization");
    let left = header.map(|_| " with a token").unwrap_or_default();
    format!("{}{left}", principal.subject().unwrap_or("nobody"))
}

/// Write a note.
#[mcp_tool(scopes("notes:write"))]
async fn write() -> &'static str {
    "written"
}

/// What is in a path after `/t/`, and who may call it.
struct Servers(Vec<(&'static str, Server, Option<Auth>)>);

impl Resolve for Servers {
    async fn resolve(&self, parts: &Parts, _: &Principal) -> Result<Resolved, Unresolved> {
        let path = parts.uri.path();
        let name = path.strip_prefix("/t/").or(path.strip_prefix("/sse/"));
        let mut servers = self.0.iter();
        let found = servers.find(|(known, ..)| Some(*known) == name);
        let (name, server, auth) = found.ok_or_else(Unresolved::unknown)?;
        let resolved = Resolved::new(server.clone(), *name);
        Ok(match auth {
            Some(auth) => resolved.authorize(auth.clone()),
            None => resolved,
        })
    }
}

/// Takes these tokens of these users.
fn keys(users: &[(&str, &str)]) -> ApiKeys {
    users.iter().fold(ApiKeys::new(), |keys, (token, user)| {
        let digest = digest(&SHA256, token.as_bytes());
        let digits = digest.as_ref().iter().map(|byte| format!("{byte:02x}"));
        let identity = Identity::new(Principal::new("tests", *user));
        keys.with_key(&digits.collect::<String>(), identity)
            .unwrap()
    })
}

fn documented(name: &str) -> ResourceMetadata {
    let url = format!("https://mcp.example.com/t/{name}");
    ResourceMetadata::new(&url, ["https://login.example.com"]).unwrap()
}

/// One server of each kind.
fn mount() -> McpService {
    let notes = || {
        let builder = Server::builder("notes", "1").tool(whoami).tool(write);
        builder.build()
    };
    let one = keys(&[("ada-1", "ada"), ("bob-1", "bob")]);
    let one = Auth::with_realm(one, "Number one").unwrap();
    let two = Auth::with_realm(keys(&[("ada-2", "ada")]), "Number two").unwrap();
    let basic = Auth::basic(keys(&[("ada:päss:word", "ada")]), "Users").unwrap();
    let issued = Auth::new(keys(&[("issued", "ada")]), documented("issued"));
    // Its document says that it is elsewhere.
    let moved = Auth::new(keys(&[]), documented("issued"));
    McpService::resolved_by(Servers(vec![
        ("one", notes(), Some(one)),
        ("two", notes(), Some(two)),
        ("basic", notes(), Some(basic)),
        ("issued", notes(), Some(issued)),
        ("moved", notes(), Some(moved)),
        ("open", notes(), None),
    ]))
}

async fn serve(mount: McpService) -> Running {
    let sse = mount.clone().http_sse(HttpSse::new());
    let document = "/.well-known/oauth-protected-resource";
    let router = axum::Router::new()
        .route_service("/t/{name}", mount.clone())
        .route_service("/sse/{name}", sse)
        .route_service(document, mount.clone())
        .route_service(&format!("{document}/{{*path}}"), mount);
    serve_axum(router).await
}

/// A call, with an `Authorization` header perhaps.
fn call(name: &str, authorization: &str) -> Post {
    by(
        Post::call("whoami", json!({})).path(&format!("/t/{name}")),
        authorization,
    )
}

fn by(post: Post, authorization: &str) -> Post {
    match authorization {
        "" => post,
        _ => post.add("authorization", authorization),
    }
}

async fn send(running: &Running, post: &Post) -> Reply {
    Client::connect(running.address).await.send(post).await
}

/// A refusal that tells this and nothing else.
fn refused(reply: &Reply, status: u16, challenge: Option<&str>) {
    assert_eq!(reply.status, status, "{reply:?}");
    let told: Vec<_> = reply.headers.get_all("www-authenticate").iter().collect();
    assert_eq!(told, Vec::from_iter(challenge), "{reply:?}");
    assert!(!reply.headers.contains_key("mcp-session-id"));
    assert_eq!(reply.header("cache-control"), "no-store");
}
