//! A bank with one tool, whose side effect can be counted: each hold is a line in a ledger.
//!
//! ```sh
//! bank LEDGER    # keys are fixed: this program proves something, it keeps nothing safe
//! ```

use mcp_tower::{Context, KeyRing, McpLayer, Server, State, ToolError, mcp_tool, serve};
use std::{env, fs::OpenOptions, io::Write, path::PathBuf};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Confirm {
    ok: bool,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Reason {
    reason: String,
}

/// Send money.
#[mcp_tool]
async fn transfer(
    amount: u32,
    to: String,
    cx: Context,
    State(ledger): State<PathBuf>,
) -> Result<String, ToolError> {
    let hold: u32 = cx
        .step("hold", async |key| {
            let mut ledger = OpenOptions::new().create(true).append(true).open(&ledger)?;
            writeln!(ledger, "hold {amount} as {key}")?;
            Ok::<_, std::io::Error>(amount)
        })
        .await?;
    let confirm: Confirm = cx
        .elicit("confirm", format!("Send {amount} to {to}?"))
        .await?;
    let reason: Reason = cx.elicit("reason", "What for?").await?;
    Ok(format!(
        "sent {hold} to {to} for {}: {}",
        reason.reason, confirm.ok
    ))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let ledger = env::args_os().nth(1).map(PathBuf::from).unwrap_or_default();
    let server = Server::builder("bank", "1")
        .keys(KeyRing::new([42; 32]))
        .state(ledger)
        .tool(transfer)
        .build();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    #[allow(clippy::print_stdout)]
    {
        println!("{}", listener.local_addr()?);
    }
    let app = tower::ServiceBuilder::new()
        .layer(McpLayer::new(server))
        .service(serve::not_found());
    serve(listener, app).await
}
