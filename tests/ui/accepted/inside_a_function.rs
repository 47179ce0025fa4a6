//! A tool may be an item of a function, and use the other items there.

#![deny(unused, non_local_definitions)]

use mcp_core::{Server, mcp_tool};
use serde_json::json;

fn main() {
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct Word(String);

    fn twice() -> usize {
        2
    }

    #[mcp_tool]
    async fn repeat(word: Word, #[serde(default = "twice")] times: usize) -> String {
        word.0.repeat(times)
    }

    let server = Server::builder("ui", "1.0").tool(repeat).build();
    assert_eq!(
        ui_tests::call(&server, "repeat", json!({ "word": "ab" })),
        "abab"
    );
}
