//! What a server keeps for sessions and streams.

use crate::{
    Outcome,
    answer::Connection,
    process::resident,
    request::{Era, Kind, Prepared, get},
    run::open,
};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

#[derive(Deserialize)]
pub(crate) struct Spec {
    address: SocketAddr,
    process: u32,
    what: What,
    count: u64,
    /// How many come first, and are not counted.
    warm_up: u64,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum What {
    /// A session that is opened and never used again.
    Session,
    /// A session that has set its log level.
    Row,
    /// The stream of a session, open on a connection of its own.
    Stream,
}

#[derive(Serialize)]
pub(crate) struct Figures {
    bytes_each: f64,
}

pub(crate) async fn memory(spec: Spec) -> Outcome<Figures> {
    let mut open = Vec::new();
    let mut connection = Connection::open(spec.address).await?;
    let mut before = 0;
    for number in 0..spec.warm_up + spec.count {
        if number == spec.warm_up {
            before = resident(spec.process)?;
        }
        match spec.what {
            What::Session => session(&mut connection).await?,
            What::Row => row(&mut connection).await?,
            What::Stream => open.push(stream(spec.address).await?),
        }
    }
    let growth = resident(spec.process)?.saturating_sub(before);
    drop(open);
    #[expect(clippy::cast_precision_loss, reason = "a figure to read")]
    Ok(Figures {
        bytes_each: growth as f64 / spec.count as f64,
    })
}

async fn session(connection: &mut Connection) -> Outcome<()> {
    open(connection).await?;
    Ok(())
}

async fn row(connection: &mut Connection) -> Outcome<()> {
    let session = open(connection).await?;
    let mut level = Prepared::new(Kind::SetLevel, Era::Session, session.as_deref());
    let answer = connection.ask(level.next()).await?;
    level.check(&answer)
}

async fn stream(address: SocketAddr) -> Outcome<Connection> {
    let mut connection = Connection::open(address).await?;
    let session = open(&mut connection).await?;
    let status = connection
        .stand(&get(session.as_deref().unwrap_or_default()))
        .await?;
    connection.shrink();
    match status {
        200 => Ok(connection),
        _ => Err(format!("a stream was answered with {status}").into()),
    }
}
