//! tower-mcp: its router on bare hyper; or as documented with `--default`.

mod tools;

use bench_contestant::{Arguments, listen, serve};
use tower_mcp::transport::http::HttpTransport;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let arguments = Arguments::read();
    let app = HttpTransport::new(tools::router()).into_router_at("/mcp");
    if arguments.has("--default") {
        // As `HttpTransport::serve`, on a port of the system's choice.
        return axum::serve(listen().await?, app).await;
    }
    serve(&arguments, app).await
}
