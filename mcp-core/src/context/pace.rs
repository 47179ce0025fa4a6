//! How often progress is told.

use crate::protocol::Notification;
use std::time::Duration;
use tokio::time::Instant;

/// The time between two updates, once a burst is used up.
const INTERVAL: Duration = Duration::from_millis(50);
/// How many updates may be sent at once.
const BURST: u32 = 10;

/// The progress of one call: a bucket of updates that refills with time, and the newest update
/// that found it empty.
#[derive(Debug)]
pub(super) struct Pace {
    /// The last value that was told, sent or not.
    last: f64,
    left: u32,
    /// When the bucket was last refilled; full before the first update.
    refilled: Option<Instant>,
    held: Option<Notification>,
    /// Whether a task waits to send what is held.
    waiting: bool,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self {
            last: f64::NEG_INFINITY,
            left: BURST,
            refilled: None,
            held: None,
            waiting: false,
        }
    }

    /// Takes note of a value, unless it is not more than the last one.
    pub(super) fn advance(&mut self, progress: f64) -> bool {
        let advances = progress.is_finite() && progress > self.last;
        if advances {
            self.last = progress;
            // Whatever was held is out of date.
            self.held = None;
        }
        advances
    }

    /// Whether nothing newer has been told, by another task.
    pub(super) fn is_newest(&self, progress: f64) -> bool {
        progress.to_bits() == self.last.to_bits()
    }

    /// Whether an update may be sent now.
    pub(super) fn admit(&mut self, now: Instant) -> bool {
        let refilled = *self.refilled.get_or_insert(now);
        let intervals = now.duration_since(refilled).as_nanos() / INTERVAL.as_nanos();
        match u32::try_from(intervals) {
            Ok(0) => {}
            Ok(intervals) if intervals < BURST - self.left => {
                self.left += intervals;
                self.refilled = Some(refilled + INTERVAL * intervals);
            }
            _ => {
                self.left = BURST;
                self.refilled = Some(now);
            }
        }
        let admitted = self.left > 0;
        self.left = self.left.saturating_sub(1);
        admitted
    }

    /// Keeps an update for later. True when somebody has to wait for that moment.
    pub(super) fn hold(&mut self, update: Notification) -> bool {
        self.held = Some(update);
        !std::mem::replace(&mut self.waiting, true)
    }

    /// When the bucket is next refilled, for the one who waits; the wait is over when nothing is
    /// held any more.
    pub(super) fn next_refill(&mut self, now: Instant) -> Option<Instant> {
        self.waiting = self.held.is_some();
        self.waiting
            .then(|| self.refilled.unwrap_or(now) + INTERVAL)
    }

    /// The update that is held, when it may be sent now.
    pub(super) fn release(&mut self, now: Instant) -> Option<Notification> {
        if self.held.is_some() && self.admit(now) {
            self.held.take()
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_one_per_interval() {
        let start = Instant::now();
        let mut pace = Pace::new();
        let admitted = (0..100).filter(|_| pace.admit(start)).count();
        assert_eq!(admitted, 10);
        assert!(!pace.admit(start + INTERVAL - Duration::from_nanos(1)));
        assert!(pace.admit(start + INTERVAL));
        assert!(!pace.admit(start + INTERVAL));
        // Parts of an interval are not lost.
        assert!(pace.admit(start + INTERVAL * 5 / 2));
        assert!(pace.admit(start + INTERVAL * 3));
        assert!(!pace.admit(start + INTERVAL * 3));
        let later = start + Duration::from_secs(3600);
        assert_eq!((0..100).filter(|_| pace.admit(later)).count(), 10);
    }

    #[test]
    fn values_only_grow() {
        let mut pace = Pace::new();
        assert!(pace.advance(-1.0));
        assert!(pace.advance(0.5));
        assert!(!pace.advance(0.5));
        assert!(!pace.advance(f64::NAN));
        assert!(!pace.advance(f64::INFINITY));
        assert!(pace.advance(0.75));
    }
}
