//! Randomness that can be repeated.

use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers that follow from a seed (SplitMix64): the same ones after every start.
#[derive(Debug)]
pub struct Random(AtomicU64);

impl Random {
    /// Begins at a seed.
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// Begins anew, at a seed.
    pub fn reset(&self, seed: u64) {
        self.0.store(seed, Ordering::Relaxed);
    }

    fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut mixed = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A whole number between two, both included; `low` where `high` is less.
    pub fn between(&self, low: i64, high: i64) -> i64 {
        let width = u128::try_from(i128::from(high) - i128::from(low)).unwrap_or_default() + 1;
        // The bias of this is less than the width by 2^64: nothing that a mock shows.
        let offset = (u128::from(self.next()) * width) >> 64;
        let offset = i128::try_from(offset).unwrap_or_default();
        i64::try_from(i128::from(low) + offset).unwrap_or(high)
    }
}

impl Clone for Random {
    fn clone(&self) -> Self {
        Self::new(self.0.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_from_the_seed_and_stay_between() {
        let [one, two] = [Random::new(7), Random::new(7)];
        let mut seen = [false; 6];
        for _ in 0..200 {
            let number = one.between(1, 6);
            assert_eq!(number, two.between(1, 6));
            seen[usize::try_from(number - 1).expect("from 1 to 6")] = true;
        }
        assert_eq!(seen, [true; 6]);
        assert_eq!(one.between(5, 5), 5);
        one.between(i64::MIN, i64::MAX);
    }
}
