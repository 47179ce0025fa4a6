use mcp_core::mcp_tool;

#[mcp_tool]
async fn show(value: impl std::fmt::Display) -> String {
    value.to_string()
}

fn main() {}
