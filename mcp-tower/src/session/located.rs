//! That a standing stream is read on this replica, for as long as it is.

use super::{key::SessionKey, table::RowGuard};
use crate::replicas::{Replicas, SessionFact};
use std::time::Duration;

/// Tells the other replicas when it is dropped that the stream is not read here any more.
pub(crate) struct Located {
    replicas: Replicas,
    session: SessionKey,
    row: RowGuard,
}

impl Located {
    pub(super) fn new(replicas: &Replicas, session: SessionKey, row: &RowGuard) -> Self {
        Self {
            replicas: replicas.clone(),
            session,
            row: row.clone(),
        }
    }

    /// Tells the other replicas. When they cannot be told, a client may get two streams.
    pub(super) async fn tell(replicas: &Replicas, session: SessionKey, life: Duration) {
        let fact = SessionFact::StandsAt(replicas.id().to_string());
        // What is in the way is logged.
        let _ = replicas.remember(session, fact, life).await;
    }
}

impl Drop for Located {
    fn drop(&mut self) {
        // Another replica has it now, and has said so; or another connection to this one.
        if self.row.stands_elsewhere().is_some() || self.row.streams.is_standing() {
            return;
        }
        let (replicas, session) = (self.replicas.clone(), self.session);
        // Without a runtime the process is on its way out.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let fact = SessionFact::StandsAt(String::new());
                let _ = replicas.forget(session, fact).await;
            });
        }
    }
}
