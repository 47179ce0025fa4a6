use mcp_core::mcp_tool;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Point {
    x: i64,
    y: i64,
}

#[mcp_tool]
async fn norm(
    /// The point to measure.
    Point { x, y }: Point,
) -> i64 {
    x.abs() + y.abs()
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").tool(norm);
}
