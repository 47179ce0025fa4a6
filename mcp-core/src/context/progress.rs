//! Progress of a call.

use super::Context;
use crate::protocol::{Progress, compat::Downlevel};
use std::{future::IntoFuture, sync::atomic::Ordering};

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
        let facts = self.context.facts();
        let Some(token) = facts.progress_token() else {
            return;
        };
        if !self.advance() {
            return;
        }
        let mut update = Progress::new(token.clone(), self.progress);
        update.total = self.total.filter(|total| total.is_finite());
        update.message = self.message;
        let update = update.downlevel(facts.revision);
        self.context.emit("notifications/progress", &update).await;
    }

    /// Takes note of the value, unless it is not more than the last one.
    fn advance(&self) -> bool {
        self.progress.is_finite()
            && self
                .context
                .0
                .progress
                .fetch_update(Ordering::AcqRel, Ordering::Acquire, |last| {
                    (self.progress > f64::from_bits(last)).then_some(self.progress.to_bits())
                })
                .is_ok()
    }
}

impl<'a> IntoFuture for ProgressUpdate<'a> {
    type Output = ();
    type IntoFuture = crate::peer::BoxFuture<'a, ()>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
