use mcp_core::mcp_tool;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Point {
    x: i64,
    y: i64,
}

#[mcp_tool]
async fn norm(#[serde(default)] Point { x, y }: Point) -> i64 {
    x.abs() + y.abs()
}

fn main() {}
