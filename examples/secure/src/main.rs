//! Starts the server with what the command line says.
//!
//! ```sh
//! cargo run -p secure
//! curl --cacert target/secure/ca.pem -i https://localhost:8443/mcp -X POST
//! ```

mod arguments;

use mcp_tower::serve::stop_requested;
use std::{env, io, process::ExitCode};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            #[expect(
                clippy::print_stderr,
                reason = "a program that does not start says why"
            )]
            {
                eprintln!("{problem}");
            }
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let options = arguments::read(env::args().skip(1))?;
    // Before anybody is told that it listens.
    let stopped = stop_requested();
    let running = secure::start(options).await;
    let running = running.map_err(|error| error.to_string())?;
    #[expect(clippy::print_stdout, reason = "scripts read where it listens")]
    {
        if let Some(authority) = running.authority() {
            println!("its certificate is vouched for by {}", authority.display());
        }
        println!(
            "a service may use the credentials in {}",
            running.service_file().display()
        );
        println!("listening on {}", running.resource());
    }
    stopped.await;
    running.stop().await;
    Ok(())
}
