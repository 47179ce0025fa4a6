//! What the logs of all servers share: how many calls are kept, and who is told of them.

use super::{CallRecord, KEPT_BYTES_IN_ALL, KEPT_CALLS_IN_ALL};
use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast, watch};

/// How many may follow calls over HTTP at once.
pub const MAX_FOLLOWERS: usize = 64;

/// How many calls wait for whoever follows all of them.
pub(super) const FOLLOWED: usize = 256;

/// Tells those who follow of every call, and counts what is kept. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Followers(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    sender: broadcast::Sender<Arc<CallRecord>>,
    /// The position of the last call. Whoever holds it is the only one who tells of calls.
    last: Mutex<u64>,
    kept: AtomicUsize,
    kept_bytes: AtomicUsize,
    /// Whether the platform stops; marked as changed when a server is gone, too.
    stops: watch::Sender<bool>,
    places: Arc<Semaphore>,
    epoch: u64,
}

/// Tells the numbers of one run from those of another.
pub(super) fn epoch() -> u64 {
    uuid::Uuid::new_v4().as_u64_pair().0
}

impl Followers {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Shared {
            sender: broadcast::Sender::new(FOLLOWED),
            last: Mutex::default(),
            kept: AtomicUsize::default(),
            kept_bytes: AtomicUsize::default(),
            stops: watch::Sender::new(false),
            places: Arc::new(Semaphore::new(MAX_FOLLOWERS)),
            epoch: epoch(),
        }))
    }

    pub(super) fn follow(&self) -> broadcast::Receiver<Arc<CallRecord>> {
        self.0.sender.subscribe()
    }

    /// A place among those who may follow at once; nothing when all are taken.
    pub(super) fn place(&self) -> Option<OwnedSemaphorePermit> {
        self.0.places.clone().try_acquire_owned().ok()
    }

    /// Gives a call its position, keeps it and tells of it, before any other call is told.
    pub(super) fn tell(&self, mut record: CallRecord, keep: impl FnOnce(Arc<CallRecord>)) {
        let mut last = self.lock();
        *last += 1;
        record.position = *last;
        let record = Arc::new(record);
        keep(record.clone());
        // Nobody listens, as a rule.
        let _ = self.0.sender.send(record);
    }

    /// The position of the last call; all up to it are kept, or were.
    pub(super) fn last(&self) -> u64 {
        *self.lock()
    }

    pub(super) fn epoch(&self) -> u64 {
        self.0.epoch
    }

    /// Ends what is followed, and what will be.
    pub(crate) fn stop(&self) {
        self.0.stops.send_replace(true);
    }

    /// Whether the platform stops, for those who wait for something.
    pub(super) fn stops(&self) -> watch::Receiver<bool> {
        self.0.stops.subscribe()
    }

    /// Has those who follow look whether their server is gone.
    pub(super) fn wake(&self) {
        self.0.stops.send_modify(|_| {});
    }

    /// Whether a call of so many bytes is one too many.
    pub(super) fn is_full_for(&self, bytes: usize) -> bool {
        let (calls, kept) = self.kept();
        calls >= KEPT_CALLS_IN_ALL || kept.saturating_add(bytes) > KEPT_BYTES_IN_ALL
    }

    pub(super) fn keep(&self, calls: usize, bytes: usize) {
        self.0.kept.fetch_add(calls, Ordering::Relaxed);
        self.0.kept_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn forget<'a>(&self, calls: impl IntoIterator<Item = &'a Arc<CallRecord>>) {
        for call in calls {
            self.0.kept.fetch_sub(1, Ordering::Relaxed);
            self.0.kept_bytes.fetch_sub(call.bytes(), Ordering::Relaxed);
        }
    }

    /// How many calls are kept, and how many bytes they take.
    pub(super) fn kept(&self) -> (usize, usize) {
        let number = |of: &AtomicUsize| of.load(Ordering::Relaxed);
        (number(&self.0.kept), number(&self.0.kept_bytes))
    }

    fn lock(&self) -> MutexGuard<'_, u64> {
        self.0.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
