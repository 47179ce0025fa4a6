//! What a call holds of the governor's budgets, and for how long.

use super::Link;
use crate::governor::{Budget, Permit};
use std::sync::{Arc, atomic::Ordering};

/// The permits of a call; none in a call that nobody pays for.
#[derive(Default)]
pub(super) struct Charge {
    call: Option<Permit>,
    body: Option<Permit>,
    queued: Option<Permit>,
}

impl Charge {
    pub(super) fn new(call: Permit, body: Permit) -> Self {
        Self {
            body: Some(body),
            queued: Some(call.beside(Budget::QueuedBytes)),
            call: Some(call),
        }
    }

    /// Tells whether there is room in the budget, and takes it.
    pub(super) fn queue(&mut self, bytes: usize) -> bool {
        let queued = self.queued.as_mut();
        queued.is_none_or(|permit| permit.try_grow(bytes).is_ok())
    }

    pub(super) fn unqueue(&mut self, bytes: usize) {
        if let Some(permit) = &mut self.queued {
            permit.shrink(bytes);
        }
    }

    pub(super) fn unqueue_all(&mut self) {
        self.unqueue(usize::MAX);
    }
}

/// Somebody who goes on with a call. After the last of them, and when nobody waits for the answer,
/// the call is over and what it held is given back.
pub(crate) struct Hold(Arc<Link>);

impl Hold {
    pub(crate) fn new(link: &Arc<Link>) -> Self {
        link.holds.fetch_add(1, Ordering::Relaxed);
        Self(link.clone())
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        // Whoever is last sees the answer of whoever came before.
        self.0.holds.fetch_sub(1, Ordering::AcqRel);
        self.0.settle();
    }
}

impl Link {
    /// Gives back the permit of a call that is over.
    pub(super) fn settle(&self) {
        let over = {
            let mut state = self.lock();
            if state.answer.is_some() || self.holds.load(Ordering::Acquire) > 0 {
                return;
            }
            (state.charge.call.take(), state.charge.body.take())
        };
        drop(over);
    }
}
