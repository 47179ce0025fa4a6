//! A server whose tools tell what becomes of them.

use mcp_core::{
    Context, Extension, LogLevel, Principal, Server, State, ToolError, mcp_prompt, mcp_resource,
    mcp_tool,
};
use std::{future::pending, sync::Arc};
use tokio::sync::{Notify, Semaphore};

/// Where tests and tools meet.
#[derive(Clone, Default)]
pub(crate) struct Meeting {
    /// A `wait` has begun, a permit each.
    pub(crate) begun: Arc<Begun>,
    /// A `wait` was dropped before its end.
    pub(crate) dropped: Arc<Begun>,
    /// Lets one `pass` go on.
    pub(crate) pass: Arc<Begun>,
    /// The question of an `ask` was given up.
    pub(crate) given_up: Arc<Notify>,
}

pub(crate) struct Begun(Semaphore);

impl Default for Begun {
    fn default() -> Self {
        Self(Semaphore::new(0))
    }
}

impl Begun {
    pub(crate) fn say(&self) {
        self.0.add_permits(1);
    }

    pub(crate) async fn heard(&self) {
        self.0.acquire().await.unwrap().forget();
    }
}

struct Guard(Arc<Begun>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.say();
    }
}

/// What a program says of its client.
#[derive(Clone)]
pub(crate) struct Desk(pub(crate) &'static str);

#[mcp_tool]
async fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// Never ends.
#[mcp_tool]
async fn wait(State(meeting): State<Meeting>) -> String {
    let _guard = Guard(meeting.dropped.clone());
    meeting.begun.say();
    pending().await
}

/// Ends when it may.
#[mcp_tool]
async fn pass(State(meeting): State<Meeting>) -> &'static str {
    meeting.begun.say();
    meeting.pass.heard().await;
    "passed"
}

/// Progress and log messages.
#[mcp_tool]
async fn tell(cx: Context) -> &'static str {
    cx.progress(1.0).total(2.0).await;
    cx.log(LogLevel::Debug, "details").await;
    cx.log(LogLevel::Warning, "a warning").await;
    cx.progress(2.0).total(2.0).await;
    "told"
}

/// So many bytes.
#[mcp_tool]
async fn large(bytes: usize) -> String {
    "x".repeat(bytes)
}

/// Many notifications, before it ends.
#[mcp_tool]
async fn flood(cx: Context, count: u32) -> &'static str {
    for number in 0..count {
        cx.log(LogLevel::Warning, &"y".repeat(1000)).await;
        let _ = number;
    }
    "flooded"
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Name {
    name: String,
}

#[mcp_tool]
async fn ask(cx: Context, State(meeting): State<Meeting>) -> Result<String, ToolError> {
    let asked = cx.elicit::<Name>("name", "Your name?").await;
    if asked.is_err() {
        meeting.given_up.notify_one();
    }
    Ok(format!("Hello {}", asked?.name))
}

/// Asks and gives up at once.
#[mcp_tool(timeout = "50ms")]
async fn ask_in_vain(cx: Context) -> Result<String, ToolError> {
    Ok(cx.elicit::<Name>("name", "Your name?").await?.name)
}

#[mcp_tool]
async fn panic() -> String {
    panic!("not for the client")
}

#[mcp_tool]
async fn who(principal: Principal, Extension(desk): Extension<Desk>) -> String {
    format!("{} at {}", principal.subject().unwrap_or("nobody"), desk.0)
}

#[mcp_resource("notes://{name}")]
async fn note(name: String) -> String {
    format!("about {name}")
}

#[mcp_prompt]
async fn greet(name: String) -> String {
    format!("Greet {name}")
}

pub(crate) fn server() -> (Server, Meeting) {
    let meeting = Meeting::default();
    let server = Server::builder("pipes", "1.0")
        .state(meeting.clone())
        .tool(add)
        .tool(wait)
        .tool(pass)
        .tool(tell)
        .tool(large)
        .tool(flood)
        .tool(ask)
        .tool(ask_in_vain)
        .tool(panic)
        .tool(who)
        .resource(note)
        .prompt(greet)
        .build();
    (server, meeting)
}
