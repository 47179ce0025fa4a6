//! The connection for operations.

use super::error::{is_lost, unavailable};
use crate::bus::BusError;
use ::redis::{
    AsyncConnectionConfig, Client, FromRedisValue, Pipeline, aio::MultiplexedConnection, cmd,
};
use std::time::Duration;
use tokio::{
    sync::Mutex,
    time::{Instant, timeout_at},
};

/// How many operations may be under way on one connection.
const MAX_IN_FLIGHT: usize = 1024;

/// One connection that many operations share, replaced when it is lost.
///
/// Nobody reconnects in the background: the next operation does, unless the last attempt has
/// failed a moment ago. Then it fails at once.
pub(super) struct Link {
    client: Client,
    timeout: Duration,
    state: Mutex<State>,
}

struct State {
    connection: Option<MultiplexedConnection>,
    /// Counts connections, so that one is given up once.
    number: u64,
    used: Instant,
    retry: Retry,
}

impl Link {
    pub(super) fn new(client: Client, timeout: Duration) -> Self {
        let state = State {
            connection: None,
            number: 0,
            used: Instant::now(),
            retry: Retry::default(),
        };
        Self {
            client,
            timeout,
            state: Mutex::new(state),
        }
    }

    /// Sends these commands together and reads their answers.
    pub(super) async fn query<T: FromRedisValue>(
        &self,
        commands: &Pipeline,
    ) -> Result<T, BusError> {
        let deadline = Instant::now() + self.timeout;
        let (number, mut connection) = self.connection(deadline).await?;
        let answer = timeout_at(deadline, commands.query_async(&mut connection)).await;
        let error = match answer {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) if !is_lost(&error) => return Err(unavailable(&error)),
            Ok(Err(error)) => unavailable(&error),
            Err(_) => BusError::unavailable("no answer in time"),
        };
        let mut state = self.state.lock().await;
        if state.number == number {
            state.connection = None;
        }
        Err(error)
    }

    async fn connection(
        &self,
        deadline: Instant,
    ) -> Result<(u64, MultiplexedConnection), BusError> {
        let Ok(mut state) = timeout_at(deadline, self.state.lock()).await else {
            return Err(BusError::unavailable("no connection in time"));
        };
        // Redis, and what lies between, may have closed one that was idle.
        if state.used.elapsed() > idle(self.timeout)
            && let Some(connection) = &mut state.connection
            && !answers(connection, Instant::now() + self.timeout / 4).await
        {
            state.connection = None;
        }
        let connection = match &state.connection {
            Some(connection) => connection.clone(),
            None => {
                state.retry.may_try()?;
                let connected = open(&self.client, deadline).await;
                state.retry.tried(connected.is_ok());
                let connection = connected?;
                state.number += 1;
                state.connection.insert(connection).clone()
            }
        };
        state.used = Instant::now();
        Ok((state.number, connection))
    }
}

/// After how long without use a connection is tried: it may be gone, and nobody has said so.
pub(super) const fn idle(timeout: Duration) -> Duration {
    timeout.saturating_mul(2)
}

async fn answers(connection: &mut MultiplexedConnection, deadline: Instant) -> bool {
    let ping = cmd("PING");
    let answer = timeout_at(deadline, ping.query_async::<String>(connection)).await;
    matches!(answer, Ok(Ok(_)))
}

/// Opens a connection on which whoever asks decides how long to wait.
pub(super) async fn open(
    client: &Client,
    deadline: Instant,
) -> Result<MultiplexedConnection, BusError> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(None)
        .set_response_timeout(None)
        .set_concurrency_limit(MAX_IN_FLIGHT);
    let connecting = client.get_multiplexed_async_connection_with_config(&config);
    match timeout_at(deadline, connecting).await {
        Ok(connected) => connected.map_err(|error| unavailable(&error)),
        Err(_) => Err(BusError::unavailable("no connection in time")),
    }
}

/// When to try again, after attempts that have failed: sooner at first, then every other second.
#[derive(Debug, Default)]
pub(super) struct Retry {
    failed: u32,
    next: Option<Instant>,
}

impl Retry {
    const FIRST: Duration = Duration::from_millis(50);
    const LONGEST: Duration = Duration::from_secs(2);

    fn may_try(&self) -> Result<(), BusError> {
        if self.next.is_some_and(|next| next > Instant::now()) {
            return Err(BusError::unavailable(
                "the last attempt to connect has just failed",
            ));
        }
        Ok(())
    }

    pub(super) fn tried(&mut self, worked: bool) {
        if worked {
            *self = Self::default();
            return;
        }
        let pause = Self::FIRST * 2_u32.pow(self.failed.min(10));
        self.failed += 1;
        self.next = Some(Instant::now() + pause.min(Self::LONGEST));
    }

    /// Waits until an attempt may be made.
    pub(super) async fn pause(&self) {
        if let Some(next) = self.next {
            tokio::time::sleep_until(next).await;
        }
    }
}
