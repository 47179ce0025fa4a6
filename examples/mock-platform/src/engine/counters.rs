//! What a server counts.

use crate::design::{Outcome, Response, Scenario};
use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// How many sequences have a position. When there are more, all begin again: only a server whose
/// scenarios were changed tens of thousands of times gets there.
const MAX_POSITIONS: usize = 65_536;

/// Where the sequences of a server stand, and its counter. A clone counts on its own, so that a design
/// can be tried without moving anything.
#[derive(Debug, Default)]
pub struct Counters {
    counter: AtomicU64,
    positions: Mutex<HashMap<String, usize>>,
}

impl Counters {
    /// The next number, from 1 on.
    pub fn count(&self) -> u64 {
        self.counter.fetch_add(1, Ordering::Relaxed).wrapping_add(1)
    }

    /// Begins anew: with 1, and with the first answers.
    pub fn reset(&self) {
        self.counter.store(0, Ordering::Relaxed);
        self.positions().clear();
    }

    /// What a scenario comes to this time, and what happens on the way: itself first, then the answer of
    /// its sequence that is next, and of the sequence in that. The last one's outcome is no sequence.
    /// Positions move on. A scenario that is moved keeps its own; one that says something else begins anew.
    ///
    /// `item` is the name of the tool, or the URI of the template.
    pub fn pick<'a>(&self, item: &str, scenario: &'a Scenario) -> Vec<&'a Response> {
        let mut current = &scenario.response;
        let mut chain = vec![current];
        let mut key = String::new();
        while let Outcome::Sequence(answers) = &current.outcome {
            if key.is_empty() {
                key = format!("{item}\n{:x}", scenario.identity);
            }
            let at = self.advance(&key, answers.len());
            // A design has no empty sequence.
            let Some(next) = answers.get(at) else {
                break;
            };
            key.push_str(&format!("/{at}"));
            chain.push(next);
            current = next;
        }
        chain
    }

    /// The position of a sequence, which then moves on; the last one stays.
    fn advance(&self, key: &str, length: usize) -> usize {
        let last = length.saturating_sub(1);
        let mut positions = self.positions();
        if let Some(next) = positions.get_mut(key) {
            let at = (*next).min(last);
            *next = at.saturating_add(1);
            return at;
        }
        if positions.len() >= MAX_POSITIONS {
            positions.clear();
        }
        positions.insert(key.to_owned(), 1);
        0
    }

    fn positions(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.positions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clone for Counters {
    fn clone(&self) -> Self {
        Self {
            counter: AtomicU64::new(self.counter.load(Ordering::Relaxed)),
            positions: Mutex::new(self.positions().clone()),
        }
    }
}
