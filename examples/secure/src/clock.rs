//! The time, as the issuer and the limits see it.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Tells the seconds since 1970. The issuer dates everything by it, and limits of rate count by
/// it, so that a test can let time pass without waiting.
///
/// ```
/// use secure::Clock;
///
/// let yesterday = Clock::new(|| Clock::system().now() - 86_400);
/// assert!(yesterday.now() < Clock::system().now());
/// ```
#[derive(Clone)]
pub struct Clock {
    made: Instant,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    System,
    Told {
        seconds: Arc<dyn Fn() -> u64 + Send + Sync>,
        since: u64,
    },
}

impl Clock {
    /// A clock of your own.
    pub fn new(seconds: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        let since = seconds();
        let seconds = Arc::new(seconds);
        Self {
            made: Instant::now(),
            kind: Kind::Told { seconds, since },
        }
    }

    /// The clock of the machine.
    pub fn system() -> Self {
        Self {
            made: Instant::now(),
            kind: Kind::System,
        }
    }

    /// Seconds since 1970.
    pub fn now(&self) -> u64 {
        match &self.kind {
            Kind::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH);
                since.map_or(0, |since| since.as_secs())
            }
            Kind::Told { seconds, .. } => seconds(),
        }
    }

    /// A moment to measure by: the machine's never goes back.
    pub(crate) fn instant(&self) -> Instant {
        match &self.kind {
            Kind::System => Instant::now(),
            Kind::Told { seconds, since } => {
                let passed = seconds().saturating_sub(*since);
                self.made + Duration::from_secs(passed)
            }
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}
