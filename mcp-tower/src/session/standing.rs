//! The place for the one standing stream of a session.

use mcp_core::{Listener, ListenerHandle, Refusal};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Free, taken for as long as a listener exists, or gone with the session.
#[derive(Debug, Default)]
pub(super) struct Place(Mutex<State>);

#[derive(Debug, Default)]
enum State {
    #[default]
    Free,
    Taken(ListenerHandle),
    Ended,
}

/// Why there is no stream.
#[derive(Debug)]
pub(crate) enum StandingError {
    /// The session has one.
    Taken,
    /// The session has ended.
    Ended,
    /// The server has no room.
    Refused(Refusal),
}

impl Place {
    pub(super) fn take(
        &self,
        listen: impl FnOnce() -> Result<Listener, Refusal>,
    ) -> Result<Listener, StandingError> {
        let mut state = self.lock();
        match &*state {
            State::Ended => return Err(StandingError::Ended),
            State::Taken(handle) if handle.is_open() => return Err(StandingError::Taken),
            State::Taken(_) | State::Free => {}
        }
        let listener = listen().map_err(StandingError::Refused)?;
        *state = State::Taken(listener.handle());
        Ok(listener)
    }

    pub(super) fn is_taken(&self) -> bool {
        matches!(&*self.lock(), State::Taken(handle) if handle.is_open())
    }

    /// Ends the stream, and that there may be one.
    pub(super) fn end(&self) {
        if let State::Taken(handle) = std::mem::replace(&mut *self.lock(), State::Ended) {
            handle.close();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
