use mcp_core::mcp_tool;

#[derive(serde::Serialize, schemars::JsonSchema)]
struct Report {
    total: u64,
}

#[mcp_tool]
async fn report() -> Result<Report, std::io::Error> {
    Ok(Report { total: 1 })
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").tool(report);
}
