//! Everything that is alive in the sessions of this process, whatever mount they belong to.

use super::table::Table;
use crate::bus::ReplicaId;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

pub(crate) struct Alive {
    /// Absent when the system has no randomness: then nothing can be named.
    pub(super) replica: Option<ReplicaId>,
    pub(super) table: Arc<Table>,
    /// Numbers streams and questions.
    next: AtomicU64,
    is_swept: AtomicBool,
}

impl Alive {
    pub(crate) fn new(replica: Option<ReplicaId>) -> Self {
        Self {
            replica,
            table: Arc::default(),
            next: AtomicU64::new(0),
            is_swept: AtomicBool::new(false),
        }
    }

    pub(super) fn next(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Sees to it that rows are dropped in which nothing is alive any more: a task that lives as
    /// long as there are rows, and looks at them after each pause.
    pub(super) fn sweep_while_alive(self: &Arc<Self>, pause: Duration) {
        if self.is_swept.load(Ordering::SeqCst) || self.is_swept.swap(true, Ordering::SeqCst) {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            self.is_swept.store(false, Ordering::SeqCst);
            return;
        };
        let alive = Arc::downgrade(self);
        runtime.spawn(async move {
            loop {
                tokio::time::sleep(pause).await;
                let Some(alive) = alive.upgrade() else {
                    return;
                };
                if alive.table.sweep() > 0 {
                    continue;
                }
                alive.is_swept.store(false, Ordering::SeqCst);
                // One that was made meanwhile counts on this task.
                let is_needed = alive.table.live() > 0;
                if !is_needed || alive.is_swept.swap(true, Ordering::SeqCst) {
                    return;
                }
            }
        });
    }
}
