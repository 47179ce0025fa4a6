use mcp_core::mcp_tool;

#[mcp_tool]
async fn query(#[mcp(heading = "Region")] region: String) -> String {
    region
}

fn main() {}
