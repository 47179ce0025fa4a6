//! A server that tells and asks everything.

use mcp_tower::{
    Context, Json, KeyRing, LogLevel, Principal, RequestError, SamplingMessage, SamplingRequest,
    Server, State, ToolError, mcp_prompt, mcp_resource, mcp_tool, protocol::CompletionContext,
};
use std::sync::Arc;
use tokio::sync::Notify;

#[mcp_tool(read_only)]
async fn add(a: i64, b: i64) -> i64 {
    a + b
}

#[mcp_tool]
async fn total(numbers: Vec<i64>) -> Json<i64> {
    Json(numbers.iter().sum())
}

#[mcp_tool]
async fn talk(cx: Context) -> &'static str {
    for step in 1..=3 {
        cx.progress(f64::from(step)).total(3.0).await;
        cx.log(LogLevel::Warning, "careful").await;
    }
    "told"
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Confirm {
    ok: bool,
}

/// Ask three things, one after the other, and tell something between them.
#[mcp_tool]
async fn ask(cx: Context) -> Result<String, ToolError> {
    let confirm: Confirm = cx.elicit("confirm", "Really?").await?;
    cx.progress(1.0).await;
    let request = SamplingRequest::new(10, [SamplingMessage::user("Think.")]);
    let thought = cx.sample("think", request).await?.text();
    let roots = cx.roots("roots").await?;
    cx.elicit_url("pay", "Pay", "https://pay.example.com")
        .await?;
    Ok(format!("{} {thought} {}", confirm.ok, roots[0].uri))
}

#[mcp_tool]
async fn fail() -> Result<String, ToolError> {
    Err(ToolError::new("try something else"))
}

#[mcp_tool]
async fn whoami(principal: Principal) -> String {
    principal.subject().unwrap_or("nobody").to_owned()
}

#[mcp_tool]
async fn route_to(
    #[mcp(header = "Region")] region: String,
    #[mcp(header = "Shard")] shard: Option<i64>,
) -> String {
    format!("{region} {shard:?}")
}

/// Whether a call was stopped.
pub(crate) type Stopped = Arc<Notify>;

struct Guard(Stopped);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

/// Wait to be stopped.
#[mcp_tool]
async fn wait(cx: Context, State(stopped): State<Stopped>) -> &'static str {
    let _guard = Guard(stopped);
    cx.progress(1.0).await;
    std::future::pending().await
}

#[mcp_prompt]
async fn greet(name: String) -> String {
    format!("Greet {name}.")
}

#[mcp_resource("doc://readme", title = "Read me")]
async fn readme() -> &'static str {
    "read me"
}

#[mcp_resource("page://{number}")]
async fn page(number: u8) -> Json<u8> {
    Json(number)
}

async fn names(
    typed: String,
    _: CompletionContext,
    _: Context,
) -> Result<[String; 1], RequestError> {
    Ok([format!("{typed}da")])
}

pub(crate) fn server() -> Server {
    with(Stopped::default())
}

pub(crate) fn with(stopped: Stopped) -> Server {
    Server::builder("everything", "1")
        .instructions("Try everything.")
        .keys(KeyRing::new([7; 32]))
        .page_size(2)
        .state(stopped)
        .tool(add)
        .tool(total)
        .tool(talk)
        .tool(ask)
        .tool(fail)
        .tool(whoami)
        .tool(route_to)
        .tool(wait)
        .prompt(greet)
        .resource(readme)
        .resource(page)
        .complete("greet", "name", names)
        .build()
}
