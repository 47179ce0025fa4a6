//! turbomcp: its router on bare hyper; or as documented with `--default`.

mod tools;

use bench_contestant::{Arguments, listen, serve};
use std::net::SocketAddr;
use tools::Tools;
use turbomcp::http::{HttpConfig, router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let arguments = Arguments::read();
    // Streams count as requests; a thousand and more are measured.
    let config = HttpConfig::new().max_concurrent_requests(100_000);
    let app = router(Tools.into_server().with_logging().build(), config);
    if arguments.has("--default") {
        // As `serve_http`, on a port of the system's choice.
        let app = app.into_make_service_with_connect_info::<SocketAddr>();
        return axum::serve(listen().await?, app).await;
    }
    serve(&arguments, app).await
}
