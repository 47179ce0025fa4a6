//! The answers of a batch, which come in one array.

use super::queue::{Gone, Queue};
use crate::{call::Hold, protocol::put_on_one_line};
use bytes::{Bytes, BytesMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is left to do of a batch, for each of its calls; the last that is settled sends the array.
#[derive(Clone)]
pub(super) struct Share(Arc<Mutex<Answers>>);

#[derive(Default)]
struct Answers {
    /// How many shares were not settled yet.
    owed: usize,
    /// With what keeps each call counted until they are sent.
    answers: Vec<(Bytes, Option<Hold>)>,
}

impl Share {
    /// The first share.
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Answers {
            owed: 1,
            answers: Vec::new(),
        })))
    }

    /// A share more.
    pub(super) fn another(&self) -> Self {
        self.lock().owed += 1;
        Self(self.0.clone())
    }

    /// Adds an answer.
    pub(super) fn put(&self, answer: Bytes, hold: Option<Hold>) {
        self.lock().answers.push((answer, hold));
    }

    /// Is done with this share. A call that was cancelled has put no answer; where there are none
    /// at all, nothing is sent.
    pub(super) async fn settle(self, queue: &Queue) -> Result<(), Gone> {
        let answers = {
            let mut all = self.lock();
            all.owed -= 1;
            if all.owed > 0 {
                return Ok(());
            }
            std::mem::take(&mut all.answers)
        };
        if answers.is_empty() {
            return Ok(());
        }
        let write = |line: &mut BytesMut| {
            for (number, (answer, _)) in answers.iter().enumerate() {
                line.extend_from_slice(if number == 0 { b"[" } else { b"," });
                put_on_one_line(line, answer);
            }
            line.extend_from_slice(b"]");
        };
        queue.send(write).await
    }

    fn lock(&self) -> MutexGuard<'_, Answers> {
        // Nothing panics while the lock is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
