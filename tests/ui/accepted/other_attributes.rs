//! Other attributes keep their meaning.

#![deny(unused, deprecated)]

use mcp_core::{Server, mcp_tool};
use serde_json::json;

#[mcp_tool]
#[tracing::instrument(skip(secret), fields(length = secret.len()))]
#[inline]
async fn below(secret: String) -> usize {
    secret.len()
}

#[tracing::instrument]
#[mcp_tool]
async fn above(number: u8) -> Result<u8, std::num::TryFromIntError> {
    u8::try_from(u16::from(number) * 2)
}

#[mcp_tool]
#[allow(unused_variables, clippy::unused_async)]
#[expect(unused_mut)]
async fn lenient(mut number: u8, #[allow(unused_mut)] mut other: u8) {}

#[mcp_tool]
#[deprecated = "use `below`"]
async fn old() {}

#[doc = concat!("Described", " by a macro.")]
#[mcp_tool]
async fn described(#[doc = concat!("Also", " described.")] number: u8) -> u8 {
    number
}

fn main() {
    let server = Server::builder("ui", "1.0")
        .tool(described)
        .tool(below)
        .tool(above)
        .tool(lenient);
    #[allow(deprecated)]
    let server = server.tool(old).build();
    let tool = ui_tests::listed(&server, "tools");
    assert_eq!(tool["description"], "Described by a macro.");
    assert_eq!(
        tool["inputSchema"]["properties"]["number"]["description"],
        "Also described."
    );
    assert_eq!(
        ui_tests::call(&server, "below", json!({ "secret": "abc" })),
        "3"
    );
    assert_eq!(
        ui_tests::call(&server, "above", json!({ "number": 4 })),
        "8"
    );
}
