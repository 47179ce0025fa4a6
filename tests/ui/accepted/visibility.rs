//! A function is as visible as it says, under every path that leads to it.

#![deny(
    missing_docs,
    unused,
    unreachable_pub,
    missing_debug_implementations,
    private_interfaces
)]

use mcp_core::Server;

/// Tools of a library.
pub mod tools {
    use mcp_core::mcp_tool;

    /// Types that only this module sees.
    mod inner {
        use mcp_core::mcp_tool;

        /// Visible here and one above.
        #[mcp_tool]
        pub(super) async fn hidden() {}

        /// Visible in the crate.
        #[mcp_tool]
        pub(in crate::tools) async fn nested(#[serde(default = "super::one")] number: u8) -> u8 {
            number
        }
    }

    fn one() -> u8 {
        1
    }

    /// Visible everywhere.
    #[mcp_tool]
    pub async fn public() {}

    /// Visible in the crate.
    #[mcp_tool]
    pub(crate) async fn shared() {}

    /// Adds those that nobody else sees.
    pub(crate) fn add(server: mcp_core::ServerBuilder<()>) -> mcp_core::ServerBuilder<()> {
        server.tool(inner::hidden).tool(inner::nested)
    }
}

use tools::public as renamed;

fn main() {
    let server = Server::builder("ui", "1.0")
        .tool(renamed)
        .tool(tools::shared);
    let _ = tools::add(server).build();
}
