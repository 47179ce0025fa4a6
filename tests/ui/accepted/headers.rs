//! Arguments that clients repeat in headers.

use mcp_core::{Server, mcp_tool};

#[mcp_tool]
async fn query(
    #[mcp(header = "Region")]
    #[serde(rename = "where")]
    region: String,
    #[schemars(extend("x-mcp-header" = "Tenant"))] tenant: String,
    #[mcp(header = "Dry-Run")] dry_run: Option<bool>,
) -> String {
    format!("{region} {tenant} {dry_run:?}")
}

fn main() {
    let server = Server::builder("ui", "1.0").tool(query).build();
    let properties = &ui_tests::listed(&server, "tools")["inputSchema"]["properties"];
    assert_eq!(properties["where"]["x-mcp-header"], "Region");
    assert_eq!(properties["tenant"]["x-mcp-header"], "Tenant");
    assert_eq!(properties["dry_run"]["x-mcp-header"], "Dry-Run");
}
