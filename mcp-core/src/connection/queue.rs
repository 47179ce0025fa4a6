//! What waits for the client: a short queue of messages, each on one line.

use bytes::{Bytes, BytesMut};
use tokio::sync::mpsc::{self, error::TrySendError};

/// How many messages wait, beside those that the running calls hold back themselves.
const MESSAGES: usize = 16;

pub(super) fn queue() -> (Queue, mpsc::Receiver<Bytes>) {
    let (sender, receiver) = mpsc::channel(MESSAGES);
    (Queue(sender), receiver)
}

/// The writing end.
#[derive(Clone)]
pub(super) struct Queue(mpsc::Sender<Bytes>);

/// A writing end that does not keep the queue open.
#[derive(Clone)]
pub(super) struct WeakQueue(mpsc::WeakSender<Bytes>);

/// Nobody reads any more.
#[derive(Debug)]
pub(super) struct Gone;

impl Queue {
    /// Waits for room.
    pub(super) async fn send(&self, write: impl FnOnce(&mut BytesMut)) -> Result<(), Gone> {
        let room = self.0.reserve().await.map_err(|_| Gone)?;
        room.send(message(write));
        Ok(())
    }

    pub(super) fn downgrade(&self) -> WeakQueue {
        WeakQueue(self.0.downgrade())
    }
}

impl WeakQueue {
    /// Queues a message if there is room at once.
    pub(super) fn try_send(&self, write: impl FnOnce(&mut BytesMut)) {
        let Some(queue) = self.0.upgrade() else {
            return;
        };
        match queue.try_reserve() {
            Ok(room) => room.send(message(write)),
            Err(TrySendError::Full(()) | TrySendError::Closed(())) => {}
        }
    }
}

fn message(write: impl FnOnce(&mut BytesMut)) -> Bytes {
    let mut message = BytesMut::new();
    write(&mut message);
    message.freeze()
}
