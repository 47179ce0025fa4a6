//! What runs for a server, and how it comes to an end.

use crate::refusal::Refusal;
use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU8, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};
use tokio::{sync::Notify, time::timeout};

/// What became of the work that ran when a server was [shut down](crate::Server::shutdown).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drained {
    /// Calls that came to their end, with `subscriptions/listen` that got their result, and work
    /// that went on after its call.
    pub finished: usize,
    /// The same, stopped at the deadline.
    pub cancelled: usize,
}

/// Work goes on as ever.
const OPEN: u8 = 0;
/// No work begins any more.
const DRAINING: u8 = 1;
/// What runs is stopped.
const CUT: u8 = 2;

/// How long work that has been stopped is waited for: until it is polled once. A handler that
/// blocks its thread never is.
const LAST: Duration = Duration::from_secs(1);

/// Counts what runs. As long as nobody asks for its end, that is all.
pub(crate) struct Drain {
    running: AtomicUsize,
    stage: AtomicU8,
    finished: AtomicUsize,
    cancelled: AtomicUsize,
    sleepers: Mutex<Sleepers>,
    ended: Notify,
}

/// Who has to be woken so that it stops.
#[derive(Default)]
struct Sleepers {
    places: Vec<Option<Waker>>,
    free: Vec<usize>,
}

impl Sleepers {
    fn put(&mut self, waker: Waker) -> usize {
        match self.free.pop() {
            Some(place) => {
                self.places[place] = Some(waker);
                place
            }
            None => {
                self.places.push(Some(waker));
                self.places.len() - 1
            }
        }
    }

    fn remove(&mut self, place: usize) {
        self.places[place] = None;
        self.free.push(place);
        if self.free.len() == self.places.len() {
            // Nobody is left: what a crowd needed is given back.
            *self = Self::default();
        }
    }
}

impl Drain {
    pub(crate) fn new() -> Self {
        Self {
            running: AtomicUsize::new(0),
            stage: AtomicU8::new(OPEN),
            finished: AtomicUsize::new(0),
            cancelled: AtomicUsize::new(0),
            sleepers: Mutex::default(),
            ended: Notify::new(),
        }
    }

    /// New work: refused when the server is shutting down.
    pub(crate) fn enter(self: &Arc<Self>) -> Result<Underway, Refusal> {
        let mut underway = self.carry_on();
        // Counted before the stage is looked at: either this sees that the end has begun, or
        // whoever waits for the end sees this.
        if self.stage.load(Ordering::SeqCst) == OPEN {
            return Ok(underway);
        }
        underway.end = End::Refused;
        Err(Refusal::shutting_down())
    }

    /// Work that is part of what runs already.
    pub(crate) fn carry_on(self: &Arc<Self>) -> Underway {
        self.running.fetch_add(1, Ordering::SeqCst);
        Underway {
            drain: self.clone(),
            sleeper: None,
            end: End::Finished,
        }
    }

    /// Refuses new work from here on.
    pub(crate) fn begin(&self) {
        self.stage.fetch_max(DRAINING, Ordering::SeqCst);
    }

    /// Waits until nothing runs; at the deadline everything is stopped.
    pub(crate) async fn end(&self, deadline: Duration) -> Drained {
        if timeout(deadline, self.idle()).await.is_err() {
            self.cut();
            // What does not even stop is told of, and left.
            let _ = timeout(LAST, self.idle()).await;
        }
        let left = self.running.load(Ordering::SeqCst);
        Drained {
            finished: self.finished.load(Ordering::SeqCst),
            cancelled: self.cancelled.load(Ordering::SeqCst) + left,
        }
    }

    async fn idle(&self) {
        loop {
            let mut ended = std::pin::pin!(self.ended.notified());
            ended.as_mut().enable();
            if self.running.load(Ordering::SeqCst) == 0 {
                return;
            }
            ended.await;
        }
    }

    fn cut(&self) {
        self.stage.store(CUT, Ordering::SeqCst);
        let wakers: Vec<_> = self
            .lock()
            .places
            .iter_mut()
            .flatten()
            .map(|waker| waker.clone())
            .collect();
        wakers.into_iter().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, Sleepers> {
        // Nothing panics while the lock is held.
        self.sleepers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One piece of work that runs, until it is dropped.
pub(crate) struct Underway {
    drain: Arc<Drain>,
    /// Where its waker is, and which one that is.
    sleeper: Option<(usize, Waker)>,
    end: End,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Finished,
    Cancelled,
    Refused,
}

impl Underway {
    /// Whether the work has to stop now. For work that has to wait: it is woken when it has to
    /// stop.
    pub(crate) fn poll_cut(&mut self, cx: &Context<'_>) -> bool {
        match &mut self.sleeper {
            Some((_, waker)) if waker.will_wake(cx.waker()) => {}
            Some((place, waker)) => {
                waker.clone_from(cx.waker());
                self.drain.lock().places[*place] = Some(cx.waker().clone());
            }
            None => {
                let place = self.drain.lock().put(cx.waker().clone());
                self.sleeper = Some((place, cx.waker().clone()));
            }
        }
        // Looked at after the waker is there: it is seen here, or the waker is.
        let cut = self.drain.stage.load(Ordering::SeqCst) == CUT;
        if cut {
            self.end = End::Cancelled;
        }
        cut
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        if let Some((place, _)) = self.sleeper.take() {
            self.drain.lock().remove(place);
        }
        let draining = self.drain.stage.load(Ordering::SeqCst) != OPEN;
        if draining {
            let count = match self.end {
                End::Finished => Some(&self.drain.finished),
                End::Cancelled => Some(&self.drain.cancelled),
                End::Refused => None,
            };
            if let Some(count) = count {
                count.fetch_add(1, Ordering::SeqCst);
            }
        }
        let last = self.drain.running.fetch_sub(1, Ordering::SeqCst) == 1;
        if last && self.drain.stage.load(Ordering::SeqCst) != OPEN {
            self.drain.ended.notify_waiters();
        }
    }
}

/// Work that goes on without its call, until it ends or is stopped with its server.
pub(crate) struct Tracked<F> {
    work: Option<Pin<Box<F>>>,
    underway: Option<Underway>,
}

impl<F> Tracked<F> {
    pub(crate) fn new(work: Pin<Box<F>>, underway: Option<Underway>) -> Self {
        Self {
            work: Some(work),
            underway,
        }
    }
}

impl<F: Future> Future for Tracked<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Some(work) = &mut self.work else {
            return Poll::Ready(());
        };
        if work.as_mut().poll(cx).is_pending() {
            let cut = self
                .underway
                .as_mut()
                .is_some_and(|underway| underway.poll_cut(cx));
            if !cut {
                return Poll::Pending;
            }
        }
        // The work is gone before it counts as ended.
        self.work = None;
        self.underway = None;
        Poll::Ready(())
    }
}

impl fmt::Debug for Drain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drain")
            .field("running", &self.running)
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{future::pending, time::Duration};

    async fn work(underway: Underway, work: impl Future<Output = ()>) {
        Tracked::new(Box::pin(work), Some(underway)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn what_ends_in_time_has_finished_and_the_rest_is_stopped() {
        let drain = Arc::new(Drain::new());
        tokio::spawn(work(drain.enter().unwrap(), async {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }));
        tokio::spawn(work(drain.enter().unwrap(), pending()));
        tokio::task::yield_now().await;
        drain.begin();
        let refusal = drain.enter().err().unwrap();
        assert_eq!(refusal.status(), 503);
        assert!(refusal.retry_after().is_some());
        let (one, other) = tokio::join!(
            drain.end(Duration::from_secs(5)),
            drain.end(Duration::from_secs(9))
        );
        let drained = Drained {
            finished: 1,
            cancelled: 1,
        };
        assert_eq!((one, other), (drained, drained));
        assert_eq!(drain.end(Duration::ZERO).await, drained);
        assert!(drain.lock().places.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn work_that_is_not_polled_any_more_is_not_waited_for() {
        let drain = Arc::new(Drain::new());
        let blocked = drain.enter().unwrap();
        drain.begin();
        let drained = drain.end(Duration::from_secs(5)).await;
        assert_eq!(drained.cancelled, 1);
        drop(blocked);
    }

    #[tokio::test]
    async fn work_that_carries_on_belongs_to_what_ran() {
        let drain = Arc::new(Drain::new());
        let first = drain.enter().unwrap();
        drain.begin();
        let second = drain.carry_on();
        drop(first);
        drop(second);
        let drained = drain.end(Duration::MAX).await;
        assert_eq!((drained.finished, drained.cancelled), (2, 0));
    }
}
