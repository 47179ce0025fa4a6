//! rmcp: on bare hyper without sessions, in JSON and with shared tools; with `--sessions`, and as
//! documented with `--default`.

mod tools;

use bench_contestant::{Arguments, listen, serve};
use rmcp::transport::streamable_http_server::{
    StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
};
use tools::Tools;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let arguments = Arguments::read();
    let sessions = LocalSessionManager::default();
    if arguments.has("--default") {
        let config = StreamableHttpServerConfig::default();
        let service = StreamableHttpService::new(|| Ok(Tools::new()), sessions.into(), config);
        let app = axum::Router::new().nest_service("/mcp", service);
        return axum::serve(listen().await?, app).await;
    }
    let sessions_too = arguments.has("--sessions");
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(sessions_too)
        .with_json_response(true)
        .with_sse_keep_alive(None);
    let shared = (!arguments.has("--router-per-request")).then(Tools::new);
    let tools = move || Ok(shared.clone().unwrap_or_else(Tools::new));
    let service = StreamableHttpService::new(tools, sessions.into(), config);
    serve(&arguments, service).await
}
