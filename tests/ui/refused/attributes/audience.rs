use mcp_core::mcp_resource;

#[mcp_resource("motd://today", audience(users))]
async fn motd() -> String {
    "Hello.".to_owned()
}

fn main() {}
