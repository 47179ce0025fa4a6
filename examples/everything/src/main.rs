//! Every feature of the protocol behind one endpoint.
//!
//! ```sh
//! cargo run -p everything -- --bind 127.0.0.1:8080
//! ```
//!
//! As one of several replicas, which are told the same 32 random bytes (`openssl rand -hex 32`):
//!
//! ```sh
//! cargo run -p everything -- --bind 127.0.0.1:8080 --redis redis://127.0.0.1 --keys $KEYS
//! ```

mod arguments;
mod cancellation;
mod changes;
mod content;
mod prompts;
mod questions;
mod resources;
mod schemas;
mod tools;

use arguments::Arguments;
use mcp_tower::{
    KeyRing, McpLayer, McpService, Replicas, Server,
    bus::{BusError, RedisBus},
    serve,
};
use std::{env, io};
use tokio::net::TcpListener;
use tower::ServiceBuilder;

/// The server. Its first tool takes no arguments: the conformance suite calls the first one.
fn server(keys: Option<KeyRing>) -> Server {
    let builder = Server::builder("everything", env!("CARGO_PKG_VERSION"))
        .title("Everything")
        .instructions("A server for testing clients: it has one of each.")
        .state(cancellation::Waits::default())
        .tool(tools::test_simple_text)
        .tool(tools::add)
        .tool(tools::structured)
        .tool(tools::test_error_handling)
        .tool(tools::test_missing_capability)
        .tool(tools::test_tool_with_progress)
        .tool(tools::test_reconnection)
        .tool(tools::test_x_mcp_header)
        .tool(changes::test_trigger_tool_change)
        .tool(changes::test_trigger_prompt_change)
        .tool(changes::test_trigger_resource_update)
        .tool(changes::test_tool_with_logging)
        .tool(changes::test_logging_tool)
        .tool(content::test_image_content)
        .tool(content::test_audio_content)
        .tool(content::test_embedded_resource)
        .tool(content::test_multiple_content_types)
        .tool(cancellation::test_wait_for_cancellation)
        .tool(cancellation::test_cancellation_outcome)
        .tool(questions::test_sampling)
        .tool(questions::test_elicitation)
        .tool(questions::test_streaming_elicitation)
        .tool(questions::test_elicitation_sep1034_defaults)
        .tool(questions::test_elicitation_sep1330_enums)
        .tool(questions::test_input_required_result_elicitation)
        .tool(questions::test_input_required_result_sampling)
        .tool(questions::test_input_required_result_list_roots)
        .tool(questions::test_input_required_result_request_state)
        .tool(questions::test_input_required_result_multiple_inputs)
        .tool(questions::test_input_required_result_multi_round)
        .tool(questions::test_input_required_result_tampered_state)
        .tool(questions::test_input_required_result_capabilities)
        .entry(schemas::json_schema_2020_12_tool())
        .prompt(prompts::test_simple_prompt)
        .prompt(prompts::test_prompt_with_arguments)
        .prompt(prompts::test_prompt_with_embedded_resource)
        .prompt(prompts::test_prompt_with_image)
        .prompt(questions::test_input_required_result_prompt)
        .complete("test_prompt_with_arguments", "arg1", prompts::suggest)
        .resource(resources::static_text)
        .resource(resources::static_binary)
        .resource(resources::watched)
        .resource(resources::template);
    match keys {
        Some(keys) => builder.keys(keys).build(),
        None => builder.build(),
    }
}

/// Joins the other replicas.
async fn join(redis: String) -> Result<Replicas, BusError> {
    Replicas::join(RedisBus::connect(redis).await?).await
}

/// Completes when the process is asked to stop.
async fn stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => return,
                _ = tokio::signal::ctrl_c() => return,
            }
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

#[tokio::main]
async fn main() -> io::Result<()> {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let arguments = Arguments::read(env::args().skip(1))
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    let server = server(arguments.keys);
    let mut service = McpService::new(server.clone());
    if let Some(redis) = arguments.redis {
        service = service.replicas(&join(redis).await.map_err(io::Error::other)?);
    }
    let listener = TcpListener::bind(arguments.address).await?;
    #[allow(clippy::print_stdout)]
    {
        println!("listening on http://{}/mcp", listener.local_addr()?);
    }
    let app = ServiceBuilder::new()
        .layer(McpLayer::new(service))
        .service(serve::not_found());
    let drained = async move {
        stop().await;
        // Streams that only wait for changes would keep their connections open.
        server.close_listeners();
    };
    serve(listener, app).graceful(drained).await
}
