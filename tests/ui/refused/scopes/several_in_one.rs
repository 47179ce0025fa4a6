use mcp_core::mcp_tool;

#[mcp_tool(scopes("notes:read notes:write"))]
async fn save() {}

fn main() {
    mcp_core::Server::builder("t", "1").tool(save);
}
