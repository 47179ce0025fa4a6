use mcp_core::mcp_tool;

#[mcp_tool]
async fn query(#[schemars(extend("x-mcp-header" = "a:b"))] region: String) -> String {
    region
}

fn main() {}
