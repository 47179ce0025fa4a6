//! Tools that compute, fail and report.

use mcp_tower::{Context, Json, ToolError, mcp_tool};
use std::time::Duration;
use tokio::time::sleep;

/// Answer with a fixed text.
#[mcp_tool(read_only)]
pub(crate) async fn test_simple_text() -> &'static str {
    "This is a simple text response for testing."
}

/// Add two integers.
#[mcp_tool(read_only)]
pub(crate) async fn add(a: i64, b: i64) -> Result<i64, ToolError> {
    a.checked_add(b)
        .ok_or_else(|| ToolError::new("the sum does not fit into 64 bits"))
}

#[derive(serde::Serialize, schemars::JsonSchema)]
pub(crate) struct Weather {
    city: String,
    /// Degrees Celsius.
    temperature: f64,
}

/// Answer with a structured value.
#[mcp_tool(read_only)]
pub(crate) async fn structured(city: Option<String>) -> Json<Weather> {
    Json(Weather {
        city: city.unwrap_or_else(|| "Oslo".to_owned()),
        temperature: 21.5,
    })
}

/// Print to standard output, as no tool should: over stdio that is where messages go.
#[mcp_tool]
#[expect(clippy::print_stdout, reason = "to see what becomes of it")]
pub(crate) async fn test_stray_output() -> Result<&'static str, ToolError> {
    println!("a stray line");
    let mut child = tokio::process::Command::new("echo");
    child.arg("a line of a child").status().await?;
    Ok("printed")
}

/// Fail on purpose.
#[mcp_tool]
pub(crate) async fn test_error_handling() -> Result<String, ToolError> {
    Err(ToolError::new(
        "This tool intentionally returns an error for testing",
    ))
}

/// Need a capability that clients seldom declare.
#[mcp_tool(requires(sampling))]
pub(crate) async fn test_missing_capability() -> &'static str {
    "The client can sample."
}

/// Report progress three times, then answer.
#[mcp_tool]
pub(crate) async fn test_tool_with_progress(cx: Context) -> String {
    for done in [0.0, 50.0, 100.0] {
        cx.progress(done).total(100.0).message("working").await;
        sleep(Duration::from_millis(50)).await;
    }
    match cx.facts().progress_token() {
        Some(token) => format!("{:?}", token.0),
        None => "no progress token".to_owned(),
    }
}

/// End the connection, work for a moment, and answer whoever comes back.
#[mcp_tool]
pub(crate) async fn test_reconnection(cx: Context) -> &'static str {
    cx.close_stream(Duration::from_millis(500));
    sleep(Duration::from_millis(100)).await;
    "You have come back."
}

/// Echo an argument that clients mirror in a header.
#[mcp_tool(read_only)]
pub(crate) async fn test_x_mcp_header(
    /// Where the request should be handled.
    #[mcp(header = "Region")]
    region: String,
) -> String {
    format!("region: {region}")
}
