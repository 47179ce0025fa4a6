//! Ours: `McpService` on bare hyper, or with `--serve` behind `mcp_tower::serve`.

mod tools;

use bench_contestant::{Arguments, listen, serve};
use mcp_tower::{
    McpService, Replicas,
    bus::RedisBus,
    governor::{Budgets, Governor},
    serve::ServeOptions,
};
use std::error::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::read();
    let mut service = McpService::new(tools::server(arguments.tools()));
    if arguments.has("--unlimited") {
        service = service.governor(Governor::new(Budgets::unlimited()));
    }
    if let Some(redis) = arguments.value("--redis") {
        let replicas = Replicas::join(RedisBus::connect(redis).await?).await?;
        service = service.replicas(&replicas);
    }
    if arguments.has("--serve") {
        let options = ServeOptions::new().connections(100_000);
        return Ok(mcp_tower::serve(listen().await?, service)
            .options(options)
            .await?);
    }
    Ok(serve(&arguments, service).await?)
}
