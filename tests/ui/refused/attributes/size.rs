use mcp_core::mcp_resource;

#[mcp_resource("motd://today", size = "6 bytes")]
async fn motd() -> String {
    "Hello.".to_owned()
}

fn main() {}
