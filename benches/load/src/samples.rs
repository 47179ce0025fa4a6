//! Times of requests.

/// Nanoseconds each.
#[derive(Default)]
pub(crate) struct Samples(Vec<u64>);

impl Samples {
    pub(crate) fn add(&mut self, nanoseconds: u64) {
        self.0.push(nanoseconds);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn sort(&mut self) {
        self.0.sort_unstable();
    }

    /// The value below which so many of a thousand are, in microseconds. Sort before.
    pub(crate) fn at(&self, of_thousand: usize) -> f64 {
        let at = (self.0.len() * of_thousand / 1000).min(self.0.len().saturating_sub(1));
        self.0.get(at).map_or(0.0, |value| micros(*value))
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure to read")]
pub(crate) fn micros(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1000.0
}
