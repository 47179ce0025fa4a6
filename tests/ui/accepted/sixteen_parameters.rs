//! As many parameters as the framework counts.

use mcp_core::{Server, mcp_tool};
use serde_json::json;

#[mcp_tool]
#[rustfmt::skip]
async fn sum(
    a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8,
    i: u8, j: u8, k: u8, l: u8, m: u8, n: u8, o: u8, p: u8,
) -> u8 {
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p].into_iter().sum()
}

fn main() {
    let server = Server::builder("ui", "1.0").tool(sum).build();
    let arguments: serde_json::Map<_, _> = ('a'..='p')
        .map(|name| (name.to_string(), json!(1)))
        .collect();
    assert_eq!(ui_tests::call(&server, "sum", arguments.into()), "16");
}
