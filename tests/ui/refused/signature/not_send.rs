use mcp_core::mcp_tool;

#[mcp_tool]
async fn count() -> usize {
    let words = std::rc::Rc::new(["one", "two"]);
    std::future::ready(()).await;
    words.len()
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").tool(count);
}
