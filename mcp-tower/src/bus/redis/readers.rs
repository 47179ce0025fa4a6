//! The connections on which logs are waited for.

use super::{
    error::{is_lost, unavailable},
    link::open,
};
use crate::bus::BusError;
use ::redis::{Client, Cmd, FromRedisValue, aio::MultiplexedConnection};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, timeout_at},
};

/// A bounded number of connections, each for one who waits: what blocks one must not stall others.
pub(super) struct Readers {
    turns: Semaphore,
    idle: Mutex<Vec<MultiplexedConnection>>,
}

/// The right to use one connection.
pub(super) struct Turn<'a> {
    readers: &'a Readers,
    _permit: SemaphorePermit<'a>,
}

impl Readers {
    pub(super) fn new(connections: usize) -> Self {
        Self {
            turns: Semaphore::new(connections.min(Semaphore::MAX_PERMITS)),
            idle: Mutex::default(),
        }
    }

    /// Waits until a connection may be used.
    pub(super) async fn turn(&self) -> Result<Turn<'_>, BusError> {
        let permit = self.turns.acquire().await;
        Ok(Turn {
            readers: self,
            _permit: permit.map_err(BusError::unavailable)?,
        })
    }

    fn idle(&self) -> MutexGuard<'_, Vec<MultiplexedConnection>> {
        // Nothing panics while the lock is held.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn<'_> {
    /// Sends a command that only reads, and may wait. When the future is dropped, so is the
    /// connection, on which Redis would go on to wait.
    pub(super) async fn query<T: FromRedisValue>(
        self,
        client: &Client,
        read: &Cmd,
        deadline: Instant,
    ) -> Result<T, BusError> {
        let idle = self.readers.idle().pop();
        if let Some(connection) = idle {
            if let Some(answer) = self.ask(connection, read, deadline).await? {
                return Ok(answer);
            }
            // It was closed while it was idle, and so were the others.
            self.readers.idle().clear();
        }
        let connection = open(client, deadline).await?;
        let answer = self.ask(connection, read, deadline).await?;
        answer.ok_or_else(|| BusError::unavailable("the connection was lost"))
    }

    /// `None` when the connection is lost.
    async fn ask<T: FromRedisValue>(
        &self,
        mut connection: MultiplexedConnection,
        read: &Cmd,
        deadline: Instant,
    ) -> Result<Option<T>, BusError> {
        match timeout_at(deadline, read.query_async(&mut connection)).await {
            Ok(Ok(answer)) => {
                self.readers.idle().push(connection);
                Ok(Some(answer))
            }
            Ok(Err(error)) if is_lost(&error) => Ok(None),
            Ok(Err(error)) => Err(unavailable(&error)),
            Err(_) => Err(BusError::unavailable("no answer in time")),
        }
    }
}
