//! What a replica receives, and the bounded queue it comes through.

use super::{BusLimits, Fact};
use bytes::Bytes;
use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;

/// Something that a replica receives.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Delivery {
    /// A broadcast, or a message to this replica.
    Message(Bytes),
    /// Another replica remembers this.
    Remembered(Fact),
    /// Another replica has forgotten what this key said.
    Forgotten(String),
    /// Deliveries may have been missed here: the connection was lost and is back, or they came
    /// faster than they were taken. What matters has to be asked for:
    /// [`Bus::facts`](super::Bus::facts).
    Rejoined,
}

impl Delivery {
    fn bytes(&self) -> usize {
        match self {
            Self::Message(message) => message.len(),
            Self::Remembered(fact) => fact.key.len() + fact.value.len(),
            Self::Forgotten(key) => key.len(),
            Self::Rejoined => 0,
        }
    }
}

/// What one replica receives, in the order in which it was sent as far as one sender is concerned.
///
/// At most [`BusLimits::waiting`] deliveries and [`BusLimits::waiting_bytes`] wait to be taken; when
/// there is no room, those that do not fit become one [`Delivery::Rejoined`] in their place.
pub struct Deliveries(Arc<Shared>);

/// The other end of [`Deliveries`], for those who implement a [`Bus`](super::Bus).
pub struct DeliverySender {
    shared: Arc<Shared>,
    limits: BusLimits,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    /// For the reader: there is something, or there will be nothing any more.
    changed: Notify,
    /// For the sender: nobody reads any more.
    left: Notify,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Delivery>,
    bytes: usize,
    /// The reader is gone.
    left: bool,
    /// The sender is gone.
    ended: bool,
    /// The reader has taken everything, is done with it, and waits.
    #[cfg(feature = "testing")]
    settled: bool,
}

impl Deliveries {
    /// A queue with these limits, empty.
    pub fn channel(limits: BusLimits) -> (DeliverySender, Self) {
        let shared = Arc::new(Shared::default());
        let sender = DeliverySender {
            shared: shared.clone(),
            limits,
        };
        (sender, Self(shared))
    }

    /// The next delivery; `None` once the bus has ended. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Delivery> {
        loop {
            // There is one reader, and a notification that came before is not lost.
            let changed = self.0.changed.notified();
            {
                let mut queue = self.0.lock();
                if let Some(delivery) = queue.waiting.pop_front() {
                    queue.bytes -= delivery.bytes();
                    return Some(delivery);
                }
                #[cfg(feature = "testing")]
                {
                    queue.settled = true;
                }
                if queue.ended {
                    return None;
                }
            }
            changed.await;
        }
    }
}

impl DeliverySender {
    /// Queues a delivery. Never waits; does nothing when nobody reads any more.
    pub fn deliver(&self, delivery: Delivery) {
        let mut queue = self.shared.lock();
        if queue.left {
            return;
        }
        let full =
            queue.waiting.len() >= self.limits.waiting || queue.bytes >= self.limits.waiting_bytes;
        let delivery = if full { Delivery::Rejoined } else { delivery };
        if delivery == Delivery::Rejoined && queue.waiting.back() == Some(&Delivery::Rejoined) {
            return;
        }
        queue.bytes += delivery.bytes();
        queue.waiting.push_back(delivery);
        #[cfg(feature = "testing")]
        {
            queue.settled = false;
        }
        drop(queue);
        self.shared.changed.notify_one();
    }

    /// Tells whether nobody reads any more.
    pub fn is_closed(&self) -> bool {
        self.shared.lock().left
    }

    /// Whether the reader has taken everything and waits for more, or is gone.
    #[cfg(feature = "testing")]
    pub(super) fn is_settled(&self) -> bool {
        let queue = self.shared.lock();
        queue.left || queue.settled
    }

    /// Completes when nobody reads any more. One task may wait for this.
    pub async fn closed(&self) {
        while !self.is_closed() {
            self.shared.left.notified().await;
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Nothing panics while the lock is held.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Deliveries {
    fn drop(&mut self) {
        let mut queue = self.0.lock();
        queue.left = true;
        queue.waiting = VecDeque::new();
        drop(queue);
        self.0.left.notify_one();
    }
}

impl Drop for DeliverySender {
    fn drop(&mut self) {
        self.shared.lock().ended = true;
        self.shared.changed.notify_one();
    }
}

impl fmt::Debug for Deliveries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deliveries").finish_non_exhaustive()
    }
}

impl fmt::Debug for DeliverySender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeliverySender").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &'static str) -> Delivery {
        Delivery::Message(Bytes::from_static(text.as_bytes()))
    }

    fn channel(waiting: usize, waiting_bytes: usize) -> (DeliverySender, Deliveries) {
        let mut limits = BusLimits::new();
        (limits.waiting, limits.waiting_bytes) = (waiting, waiting_bytes);
        Deliveries::channel(limits)
    }

    #[tokio::test]
    async fn what_does_not_fit_becomes_one_mark_in_its_place() {
        let (sender, mut deliveries) = channel(2, 1000);
        for text in ["a", "b", "c", "d"] {
            sender.deliver(message(text));
        }
        assert_eq!(deliveries.next().await, Some(message("a")));
        // "b" and the mark still wait.
        sender.deliver(message("e"));
        assert_eq!(deliveries.next().await, Some(message("b")));
        sender.deliver(message("f"));
        assert_eq!(deliveries.next().await, Some(Delivery::Rejoined));
        assert_eq!(deliveries.next().await, Some(message("f")));
        drop(sender);
        assert_eq!(deliveries.next().await, None);
    }

    #[tokio::test]
    async fn bytes_are_bounded_too() {
        let (sender, mut deliveries) = channel(100, 4);
        for text in ["1234567", "lost"] {
            sender.deliver(message(text));
        }
        assert_eq!(deliveries.next().await, Some(message("1234567")));
        assert_eq!(deliveries.next().await, Some(Delivery::Rejoined));
        sender.deliver(message("fits again"));
        assert_eq!(deliveries.next().await, Some(message("fits again")));
    }

    #[tokio::test]
    async fn a_reader_that_leaves_is_noticed() {
        let (sender, deliveries) = channel(2, 4);
        assert!(!sender.is_closed());
        drop(deliveries);
        sender.closed().await;
        sender.deliver(message("for nobody"));
        assert!(sender.is_closed());
    }
}
