//! What happens on a connection: how many requests run, and since when none does.

use super::ServeOptions;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, sleep_until};

/// The requests of one connection. Counting them costs two atomic operations each and wakes
/// nobody: whoever waits for silence looks when it could have lasted long enough.
#[derive(Debug)]
pub(super) struct Activity {
    opened: Instant,
    running: AtomicUsize,
    /// Milliseconds from `opened` to the last moment at which a request ended; zero before that.
    last_end: AtomicU64,
    /// Whether the connection is not ours any more.
    handed_over: AtomicBool,
}

/// Counts as a running request while it lives.
#[derive(Debug)]
pub(super) struct Running(Arc<Activity>);

/// Why a connection was silent for too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Silence {
    /// There was no request at all.
    NoRequest,
    /// There was no further request.
    Idle,
}

impl Activity {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            opened: Instant::now(),
            running: AtomicUsize::new(0),
            last_end: AtomicU64::new(0),
            handed_over: AtomicBool::new(false),
        })
    }

    pub(super) fn start(self: &Arc<Self>) -> Running {
        self.running.fetch_add(1, Ordering::Relaxed);
        Running(self.clone())
    }

    pub(super) fn is_busy(&self) -> bool {
        // Pairs with the end of a request: who sees that none runs also sees when the last ended.
        self.running.load(Ordering::Acquire) > 0
    }

    /// Says that what is left of the connection belongs to whoever upgraded it.
    pub(super) fn hand_over(&self) {
        self.handed_over.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_handed_over(&self) -> bool {
        self.handed_over.load(Ordering::Relaxed)
    }

    /// Waits until there was no request for too long.
    pub(super) async fn silence(&self, options: &ServeOptions) -> Silence {
        loop {
            let now = Instant::now();
            let (end, silence) = match (self.is_busy(), self.last_end.load(Ordering::Relaxed)) {
                (true, _) => (after(now, options.idle_time), Silence::Idle),
                (false, 0) => (after(self.opened, options.header_time), Silence::NoRequest),
                (false, last) => {
                    let idle_since = after(self.opened, Duration::from_millis(last));
                    (after(idle_since, options.idle_time), Silence::Idle)
                }
            };
            if end <= now {
                return silence;
            }
            // Whatever starts and ends from now on, silence cannot have lasted before this.
            sleep_until(end.min(after(now, options.idle_time))).await;
        }
    }
}

impl Running {
    /// Makes the connection busy for good.
    pub(super) fn keep(self) {
        self.0.running.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Rounded up: never zero, and silence never lasts too short.
        let elapsed = self.0.opened.elapsed().as_millis() + 1;
        let elapsed = u64::try_from(elapsed).unwrap_or(u64::MAX);
        self.0.last_end.store(elapsed, Ordering::Relaxed);
        self.0.running.fetch_sub(1, Ordering::Release);
    }
}

/// As good as forever, and no overflow when added to a moment.
pub(super) const FAR: Duration = Duration::from_secs(86_400 * 365 * 30);

/// The moment after some time, which may be forever.
pub(super) fn after(moment: Instant, time: Duration) -> Instant {
    moment + time.min(FAR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::sleep;

    const SECOND: Duration = Duration::from_secs(1);

    fn options() -> ServeOptions {
        ServeOptions::new()
            .header_time(30 * SECOND)
            .idle_time(10 * SECOND)
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_ever() {
        let activity = Activity::new();
        assert_eq!(activity.silence(&options()).await, Silence::NoRequest);
        assert_eq!(activity.opened.elapsed().as_secs(), 30);
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_counted_from_the_last_end() {
        let activity = Activity::new();
        let requests = async {
            sleep(7 * SECOND).await;
            let long = activity.start();
            sleep(40 * SECOND).await;
            drop(activity.start());
            sleep(2 * SECOND).await;
            drop(long);
            std::future::pending::<()>().await;
        };
        let options = options();
        let silence = tokio::select! {
            silence = activity.silence(&options) => silence,
            () = requests => unreachable!(),
        };
        assert_eq!(silence, Silence::Idle);
        assert_eq!(activity.opened.elapsed().as_secs(), 59);
    }

    #[tokio::test(start_paused = true)]
    async fn a_kept_request_never_ends() {
        let activity = Activity::new();
        activity.start().keep();
        let silence =
            tokio::time::timeout(3_600 * SECOND, async { activity.silence(&options()).await });
        assert!(silence.await.is_err() && activity.is_busy());
    }

    #[tokio::test(start_paused = true)]
    async fn forever_is_no_overflow() {
        let activity = Activity::new();
        let options = ServeOptions::new()
            .header_time(Duration::MAX)
            .idle_time(Duration::MAX);
        let silence = tokio::time::timeout(3_600 * SECOND, activity.silence(&options));
        assert!(silence.await.is_err());
    }
}
