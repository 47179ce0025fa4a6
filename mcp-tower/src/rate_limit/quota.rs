use std::time::Duration;

/// How many calls there may be: some at once, and then one every so often.
///
/// A quota is a bucket that holds [`burst`](Self::burst) calls and is refilled evenly. What is said
/// per minute comes back one by one, and not all at the end of the minute.
///
/// ```
/// use mcp_tower::rate_limit::Quota;
///
/// // Ten at once; then one every half second.
/// let quota = Quota::per_minute(120).burst(10);
/// # let _ = quota;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Nanoseconds from one call to the next.
    interval: u64,
    /// How far ahead of an even flow calls may be, in nanoseconds.
    ahead: u64,
}

impl Quota {
    /// So many calls in a second, all of them at once if need be.
    ///
    /// # Panics
    /// If there are none.
    #[must_use]
    #[track_caller]
    pub const fn per_second(calls: u32) -> Self {
        Self::per(calls, Duration::from_secs(1))
    }

    /// So many calls in a minute, all of them at once if need be.
    ///
    /// # Panics
    /// If there are none.
    #[must_use]
    #[track_caller]
    pub const fn per_minute(calls: u32) -> Self {
        Self::per(calls, Duration::from_secs(60))
    }

    /// So many calls in an hour, all of them at once if need be.
    ///
    /// # Panics
    /// If there are none.
    #[must_use]
    #[track_caller]
    pub const fn per_hour(calls: u32) -> Self {
        Self::per(calls, Duration::from_secs(60 * 60))
    }

    /// So many calls in any period, all of them at once if need be.
    ///
    /// # Panics
    /// If there are none, or the period is no time at all.
    #[must_use]
    #[track_caller]
    pub const fn per(calls: u32, period: Duration) -> Self {
        assert!(calls > 0, "a quota is at least one call");
        let interval = nanoseconds(period) / calls as u64;
        assert!(interval > 0, "the period is too short");
        Self { interval, ahead: 0 }.burst(calls)
    }

    /// How many calls there may be at once, when there were none for a while.
    ///
    /// # Panics
    /// If there are none.
    #[must_use]
    #[track_caller]
    pub const fn burst(mut self, calls: u32) -> Self {
        assert!(calls > 0, "a quota is at least one call");
        self.ahead = self.interval.saturating_mul(calls as u64 - 1);
        self
    }

    /// Takes one call at `now`, given when the flow is even again after the calls before; the new
    /// such time, or how long there is to wait. (The generic cell rate algorithm.)
    pub(super) fn take(self, even: u64, now: u64) -> Result<u64, Duration> {
        let even = even.max(now);
        match even.saturating_sub(self.ahead).checked_sub(now) {
            None | Some(0) => Ok(even.saturating_add(self.interval)),
            Some(wait) => Err(Duration::from_nanos(wait)),
        }
    }
}

/// 584 years are enough for everybody.
pub(super) const fn nanoseconds(time: Duration) -> u64 {
    let nanoseconds = time.as_nanos();
    if nanoseconds > u64::MAX as u128 {
        return u64::MAX;
    }
    nanoseconds as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_burst_passes_and_the_rest_waits_its_turn() {
        let quota = Quota::per_second(4).burst(2);
        let even = quota.take(0, 7).unwrap();
        let even = quota.take(even, 7).unwrap();
        assert_eq!(quota.take(even, 7), Err(Duration::from_millis(250)));
        let even = quota.take(even, 250_000_007).unwrap();
        assert_eq!(
            quota.take(even, 250_000_008),
            Err(Duration::from_nanos(249_999_999))
        );
    }

    #[test]
    fn nothing_overflows() {
        let quota = Quota::per(1, Duration::MAX).burst(u32::MAX);
        let mut even = 0;
        for _ in 0..10 {
            even = quota.take(even, u64::MAX - 1).unwrap();
        }
        assert_eq!(even, u64::MAX);
    }

    proptest! {
        /// Counted the slow way: a bucket with `burst` tokens, and one more every interval.
        #[test]
        fn a_quota_is_a_bucket(
            calls in 1_u32..50,
            burst in 1_u32..20,
            steps in prop::collection::vec(0_u64..200_000_000, 1..200),
        ) {
            let quota = Quota::per_second(calls).burst(burst);
            let interval = 1_000_000_000 / u64::from(calls);
            let full = interval * u64::from(burst);
            let (mut now, mut even, mut level) = (0, 0, full);
            for step in steps {
                now += step;
                level = (level + step).min(full);
                let taken = quota.take(even, now);
                prop_assert_eq!(taken.is_ok(), level >= interval);
                match taken {
                    Ok(next) => {
                        even = next;
                        level -= interval;
                    }
                    Err(wait) => prop_assert_eq!(nanoseconds(wait), interval - level),
                }
            }
        }
    }
}
