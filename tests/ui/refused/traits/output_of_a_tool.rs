use mcp_core::mcp_tool;

struct Report;

#[mcp_tool]
async fn report(year: u16) -> Report {
    let _ = year;
    Report
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").tool(report);
}
