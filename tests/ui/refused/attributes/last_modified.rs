use mcp_core::mcp_resource;

#[mcp_resource("motd://today", last_modified = "yesterday")]
async fn motd() -> String {
    "Hello.".to_owned()
}

fn main() {}
