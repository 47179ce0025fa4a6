//! Drives a running server with the client of rmcp or of tower-mcp, over every transport, in every
//! revision.
//!
//! ```sh
//! interop-rust CLIENT PLAN [GROUP...]   # rmcp or tower-mcp; the plan says how to reach the server: run
//! ```
//!
//! Prints one line per scenario: client, transport, revision, scenario, `ok` or `FAIL`, detail, with tabs
//! between; and one with `-` and the reason for what this client cannot speak. Every scenario gets its
//! own connection. The same scenarios, in the same order, are in `../python` and `../typescript`.

mod case;
mod rmcp_client;
mod scenarios;
mod session;
mod tower_mcp_client;

use case::{Case, MODERN, Peer, REVISIONS};
use scenarios::{SCENARIOS, run};
use serde_json::{Map, Value};
use session::{Outcome, Session};
use std::{env, time::Duration};
use tokio::time::timeout;

/// For one scenario, connecting included.
const LIMIT: Duration = Duration::from_secs(20);

/// Why no client of these can speak this revision over this transport, if it cannot.
fn missing(name: &str, transport: &str, revision: &str) -> Option<String> {
    match transport {
        "sse" if revision == MODERN => Some("HTTP+SSE knows sessions only".to_owned()),
        "sse" => Some(format!("{name} has no client of HTTP+SSE")),
        _ => None,
    }
}

async fn one<S: Session>(case: &Case, scenario: &str) -> Outcome<()> {
    let peer = Peer::default();
    let session = S::open(case, peer.clone()).await?;
    let revision = session.revision().await;
    if revision != case.revision {
        return Err(format!("negotiated {revision}").into());
    }
    let outcome = run(scenario, &session, case, &peer).await;
    session.close().await;
    outcome
}

async fn all<S: Session>(plan: &Map<String, Value>, groups: &[String]) {
    for (transport, way) in plan {
        for revision in REVISIONS {
            let report = |scenario: &str, verdict: &str, detail: &str| {
                let detail = detail.split_whitespace().collect::<Vec<_>>().join(" ");
                println!(
                    "{}\t{transport}\t{revision}\t{scenario}\t{verdict}\t{detail}",
                    S::NAME
                );
            };
            if let Some(why) = missing(S::NAME, transport, revision) {
                report("-", "-", &why);
                continue;
            }
            for (group, scenario) in SCENARIOS {
                if *group != "basic" && !groups.iter().any(|chosen| chosen == group) {
                    continue;
                }
                let case = Case::new(S::NAME, way, transport, revision, scenario);
                match timeout(LIMIT, one::<S>(&case, scenario)).await {
                    Ok(Ok(())) => report(scenario, "ok", ""),
                    Ok(Err(fault)) => report(scenario, "FAIL", &fault.to_string()),
                    Err(_) => report(scenario, "FAIL", "took too long"),
                }
            }
        }
    }
}

// One thread: rmcp hands notifications to tasks, which several threads would run in any order.
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = env::args().skip(1);
    let (Some(client), Some(plan)) = (arguments.next(), arguments.next()) else {
        panic!("usage: interop-rust CLIENT PLAN [GROUP...]");
    };
    let plan = serde_json::from_str(&plan).expect("the plan is a JSON object");
    let groups: Vec<_> = arguments.collect();
    match &*client {
        "rmcp" => all::<rmcp_client::Rmcp>(&plan, &groups).await,
        "tower-mcp" => all::<tower_mcp_client::TowerMcp>(&plan, &groups).await,
        other => panic!("no client {other}"),
    }
}
