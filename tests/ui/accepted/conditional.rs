//! `#[cfg(..)]` takes all of the output away or none of it.

use mcp_core::{Server, mcp_prompt, mcp_tool};

#[mcp_tool]
#[cfg(any())]
async fn below(missing: Missing) -> Missing {
    missing
}

#[cfg(any())]
#[mcp_tool]
async fn above(missing: Missing) -> Missing {
    missing
}

#[mcp_tool]
#[cfg(not(any()))]
#[cfg_attr(not(any()), doc = "Conditionally described.", allow(unused_mut))]
#[cfg_attr(any(), deprecated)]
async fn present() {}

/// Exists once.
#[mcp_prompt]
#[cfg(any())]
async fn either() -> String {
    String::new()
}

/// Exists once.
#[mcp_prompt]
#[cfg(not(any()))]
async fn either() -> String {
    String::new()
}

fn main() {
    let _ = Server::builder("ui", "1.0")
        .tool(present)
        .prompt(either)
        .build();
}
