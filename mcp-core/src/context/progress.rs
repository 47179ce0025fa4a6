//! Progress of a call.

use super::{Context, Inner, pace::Pace};
use crate::protocol::{Notification, Progress, compat::Downlevel};
use std::{
    future::IntoFuture,
    sync::{Arc, MutexGuard, PoisonError, Weak},
};
use tokio::{runtime::Handle, task::coop::consume_budget, time::Instant};

/// One progress update; await it to send it. See [`Context::progress`].
#[derive(Debug)]
#[must_use = "an update is sent when it is awaited"]
pub struct ProgressUpdate<'a> {
    context: &'a Context,
    progress: f64,
    total: Option<f64>,
    message: Option<String>,
}

impl<'a> ProgressUpdate<'a> {
    pub(super) fn new(context: &'a Context, progress: f64) -> Self {
        Self {
            context,
            progress,
            total: None,
            message: None,
        }
    }

    /// How far it goes.
    pub fn total(mut self, total: f64) -> Self {
        self.total = Some(total);
        self
    }

    /// What is being done (clients from 2025-03-26 on).
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    async fn send(self) {
        // Nothing below waits as a rule; a loop of updates must let others run all the same.
        consume_budget().await;
        let inner = &self.context.0;
        let facts = self.context.facts();
        let Some(token) = facts.progress_token() else {
            return;
        };
        if !inner.pace().advance(self.progress) {
            return;
        }
        let mut update = Progress::new(token.clone(), self.progress);
        update.total = self.total.filter(|total| total.is_finite());
        update.message = self.message;
        let reached = update.total.is_some_and(|total| self.progress >= total);
        let update = update.downlevel(facts.revision);
        let Ok(update) = Notification::new("notifications/progress", &update) else {
            return;
        };
        if let Some(update) = inner.tell(self.progress, update, reached) {
            self.context.peer().emit(update).await;
        }
    }
}

impl Inner {
    /// Sends an update or holds it back. One that reaches its total, and finds no room, is given
    /// back: it is worth waiting for.
    fn tell(
        self: &Arc<Self>,
        progress: f64,
        update: Notification,
        reached: bool,
    ) -> Option<Notification> {
        // The lock is held until the update is queued, so that none overtakes a later one.
        let mut pace = self.pace();
        if !pace.is_newest(progress) {
            return None;
        }
        let update = if reached || pace.admit(Instant::now()) {
            match self.request.peer().try_emit(update) {
                Ok(()) => return None,
                Err(update) if reached => return Some(update),
                Err(update) => update,
            }
        } else {
            update
        };
        // Without a runtime there is nobody to wait, and the next update has to do.
        if let Ok(runtime) = Handle::try_current()
            && pace.hold(update)
        {
            runtime.spawn(release(Arc::downgrade(self)));
        }
        None
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        // A panic of a peer leaves nothing behind that is not whole.
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends what is held back when its time has come, unless the call is over by then: the answer
/// says more.
async fn release(call: Weak<Inner>) {
    loop {
        let Some(due) = call
            .upgrade()
            .and_then(|call| call.pace().next_refill(Instant::now()))
        else {
            return;
        };
        tokio::time::sleep_until(due).await;
        let Some(call) = call.upgrade() else {
            return;
        };
        let mut pace = call.pace();
        if let Some(update) = pace.release(Instant::now())
            && let Err(update) = call.request.peer().try_emit(update)
        {
            pace.hold(update);
        }
    }
}

impl<'a> IntoFuture for ProgressUpdate<'a> {
    type Output = ();
    type IntoFuture = crate::peer::BoxFuture<'a, ()>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
