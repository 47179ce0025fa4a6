use mcp_core::mcp_resource;

#[mcp_resource("motd://today", priority = -0.5)]
async fn motd() -> String {
    "Hello.".to_owned()
}

fn main() {}
