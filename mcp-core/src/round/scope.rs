//! Which call this thread is polling.

use std::cell::Cell;

thread_local! {
    static CURRENT: Cell<usize> = const { Cell::new(0) };
}

/// While it lives, this thread polls the handler of one call.
#[derive(Debug)]
pub(crate) struct Scope {
    outer: usize,
}

impl Scope {
    pub(super) fn enter(call: usize) -> Self {
        Self {
            outer: CURRENT.replace(call),
        }
    }

    pub(super) fn is_in(call: usize) -> bool {
        CURRENT.get() == call
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        CURRENT.set(self.outer);
    }
}
