use mcp_core::mcp_tool;

#[mcp_tool]
async fn copy(
    #[serde(alias = "path")] from: String,
    #[serde(alias = "path")] to: String,
) -> String {
    from + &to
}

fn main() {}
