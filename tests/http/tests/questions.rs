//! Questions to the client on the wire: links, sampling with tools, missing capabilities, and what
//! binds the state of a call.

use http_tests::{Client, LEGACY, PREFIX, Post, Reply, all, hyper};
use mcp_tower::{
    Context, KeyRing, McpService, Principal, SamplingMessage, SamplingRequest, Server, ToolError,
    mcp_tool, protocol::Tool,
};
use serde_json::{Value, json};
use tower::ServiceBuilder;

/// Send the user somewhere.
#[mcp_tool]
async fn pay(cx: Context) -> Result<&'static str, ToolError> {
    cx.elicit_url("pay", "Please pay", "https://pay.example.com/1")
        .await?;
    Ok("agreed")
}

/// Ask the client's model, which may use a tool.
#[mcp_tool]
async fn think(cx: Context) -> Result<String, ToolError> {
    let request = SamplingRequest::new(10, [SamplingMessage::user("Think.")]);
    let answer = cx
        .sample("think", request.with_tool(Tool::new("lookup")))
        .await?;
    Ok(answer.text())
}

fn service() -> McpService {
    let server = Server::builder("asking", "1").keys(KeyRing::new([3; 32]));
    McpService::new(server.tool(pay).tool(think).build())
}

fn modern(tool: &str, capabilities: Value, more: &Value) -> Post {
    let meta = json!({format!("{PREFIX}clientCapabilities"): capabilities});
    let params = json!({"name": tool, "arguments": {}});
    Post::modern_with("tools/call", params, meta).edit(|message| {
        for (name, value) in more.as_object().unwrap() {
            message["params"][name] = value.clone();
        }
    })
}

async fn legacy(client: &mut Client, capabilities: Value) -> String {
    let post = Post::initialize(LEGACY[0]);
    let post = post.edit(|message| message["params"]["capabilities"] = capabilities);
    client.send(&post).await.header("mcp-session-id").to_owned()
}

#[tokio::test]
async fn a_link_ends_a_round() {
    for running in all(&service()).await {
        let mut client = Client::connect(running.address).await;
        let declared = json!({"elicitation": {"url": {}}});
        let first = client
            .send(&modern("pay", declared.clone(), &json!({})))
            .await
            .result();
        let params = &first["inputRequests"]["pay"]["params"];
        let expected = json!({
            "mode": "url", "message": "Please pay", "url": "https://pay.example.com/1",
        });
        assert_eq!(*params, expected);
        let more = json!({
            "requestState": first["requestState"],
            "inputResponses": {"pay": {"action": "accept"}},
        });
        assert_eq!(
            client.send(&modern("pay", declared, &more)).await.text(),
            "agreed"
        );
    }
}

#[tokio::test]
async fn a_link_is_a_request_in_a_session() {
    for running in all(&service()).await {
        let mut client = Client::connect(running.address).await;
        let session = legacy(&mut client, json!({"elicitation": {"url": {}}})).await;
        let call = Post::legacy_call("pay", json!({})).session(&session);
        client.write(&call).await;
        client.head().await;
        let asked = client.event().await.unwrap();
        assert_eq!(asked["method"], "elicitation/create");
        assert_eq!(asked["params"]["mode"], "url");
        assert!(asked["params"]["elicitationId"].is_string(), "{asked}");
        let answer = json!({"jsonrpc": "2.0", "id": asked["id"], "result": {"action": "decline"}});
        let mut other = Client::connect(running.address).await;
        let taken = other.send(&Post::message(&answer).session(&session)).await;
        assert_eq!(taken.status, 202);
        // What the user says is for the model; −32042 is never needed.
        let result = &client.event().await.unwrap()["result"];
        assert_eq!(result["isError"], true);
        assert_eq!(result["content"][0]["text"], "the user declined to answer");
    }
}

#[tokio::test]
async fn a_missing_capability_is_named_before_anything_is_sent() {
    let running = hyper(service()).await;
    let mut client = Client::connect(running.address).await;
    let table = [
        (
            "pay",
            json!({"elicitation": {}}),
            json!({"elicitation": {"url": {}}}),
        ),
        (
            "think",
            json!({"sampling": {}}),
            json!({"sampling": {"tools": {}}}),
        ),
    ];
    for (tool, declared, required) in table {
        let reply = client
            .send(&modern(tool, declared.clone(), &json!({})))
            .await;
        assert_eq!(reply.status, 400);
        let error = reply.json()["error"].take();
        assert_eq!(error["code"], -32021);
        assert_eq!(error["data"]["requiredCapabilities"], required);
        // The code belongs to the modern era; older clients are told in words.
        let session = legacy(&mut client, declared).await;
        let call = Post::legacy_call(tool, json!({})).session(&session);
        let result = client.send(&call).await.result();
        assert_eq!(result["isError"], true);
    }
}

#[tokio::test]
async fn tools_are_offered_to_the_clients_model() {
    let running = hyper(service()).await;
    let mut client = Client::connect(running.address).await;
    let declared = json!({"sampling": {"tools": {}}});
    let first = client
        .send(&modern("think", declared.clone(), &json!({})))
        .await
        .result();
    let request = &first["inputRequests"]["think"];
    assert_eq!(request["method"], "sampling/createMessage");
    assert_eq!(request["params"]["tools"][0]["name"], "lookup");
    // Blocks that content elsewhere does not have are read all the same.
    let content = json!([{"type": "tool_use", "id": "1", "name": "lookup", "input": {}},
                         {"type": "text", "text": "thought"}]);
    let answer = json!({"role": "assistant", "content": content, "model": "m"});
    let more = json!({"inputResponses": {"think": answer}});
    assert_eq!(
        client.send(&modern("think", declared, &more)).await.text(),
        "thought"
    );
}

/// Serves every caller as the subject that a header names.
async fn named_callers(mount: &str) -> (Client, tokio::task::JoinHandle<()>) {
    let service = ServiceBuilder::new()
        .map_request(|mut request: http::Request<hyper::body::Incoming>| {
            let name = request.headers().get("x-name").cloned();
            let name = name.and_then(|name| name.to_str().ok().map(str::to_owned));
            let principal = Principal::new("test", name.unwrap_or_default());
            request.extensions_mut().insert(principal);
            request
        })
        .service(service().mount(mount.to_owned()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move { mcp_tower::serve(listener, service).await.unwrap() });
    (Client::connect(address).await, serving)
}

#[tokio::test]
async fn a_state_is_bound_to_caller_mount_and_tool() {
    let (mut one, _serving) = named_callers("one").await;
    let (mut two, _serving) = named_callers("two").await;
    let declared = json!({"elicitation": {"url": {}}, "sampling": {"tools": {}}});
    let first = modern("pay", declared.clone(), &json!({})).add("x-name", "ada");
    let state = json!({"requestState": one.send(&first).await.result()["requestState"]});
    let retry = |tool: &str, name: &str| modern(tool, declared.clone(), &state).add("x-name", name);
    let refused = |reply: Reply| assert_eq!(reply.json()["error"]["code"], -32602);
    refused(one.send(&retry("pay", "bob")).await);
    refused(one.send(&retry("think", "ada")).await);
    refused(two.send(&retry("pay", "ada")).await);
    let again = one.send(&retry("pay", "ada")).await.result();
    assert_eq!(again["resultType"], "input_required");
}
