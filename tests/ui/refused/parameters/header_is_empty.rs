use mcp_core::mcp_tool;

#[mcp_tool]
async fn query(#[mcp(header = "")] region: String) -> String {
    region
}

fn main() {}
