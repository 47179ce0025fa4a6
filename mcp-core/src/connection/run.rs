//! One call on a connection: it runs and is read in one task.

use super::{Shared, batch::Share, calls::Place, queue::Gone};
use crate::{
    call::{CancelReason, Hold, Link, Outgoing, RunningCall},
    peer::Peer,
    protocol::{Cancelled, Notification, RequestId, Revision, put_on_one_line},
    response::Payload,
};
use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
};

/// How a call is answered.
pub(super) struct Reading {
    pub(super) shared: Arc<Shared>,
    pub(super) place: Place,
    pub(super) link: Arc<Link>,
    pub(super) id: RequestId,
    pub(super) revision: Revision,
    /// Whether the session begins with it.
    pub(super) is_handshake: bool,
    /// Where its answer is put, when it is part of a batch.
    pub(super) batch: Option<Share>,
    /// The call counts until its answer has room in the queue: a client that does not read is not to
    /// have any number of them.
    pub(super) hold: Hold,
}

/// Runs a call to its end and sends what it says. A client that does not read holds up what is
/// sent, and not what can stop the call.
pub(super) async fn run(call: RunningCall, mut reading: Reading) {
    drive(call, &reading).await;
    if let Some(batch) = reading.batch.take() {
        // Nobody reads: there is nobody to tell.
        let _ = batch.settle(&reading.place.queue).await;
    }
    drop(reading.hold);
}

async fn drive(call: RunningCall, reading: &Reading) {
    let mut call = Some(call);
    let mut cancelled = reading.link.cancelled();
    let mut read = pin!(reading.read());
    poll_fn(|cx| {
        if let Some(running) = &mut call
            && Pin::new(running).poll(cx).is_ready()
        {
            call = None;
        }
        // Whoever has cancelled a call hears no more of it.
        if cancelled.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        read.as_mut().poll(cx)
    })
    .await;
}

impl Reading {
    async fn read(&self) {
        if self.pass_on().await.is_err() {
            self.link.cancel(CancelReason::Disconnected);
        }
    }

    async fn pass_on(&self) -> Result<(), Gone> {
        let queue = &self.place.queue;
        while let Some(outgoing) = poll_fn(|cx| self.link.poll_next(cx)).await {
            match outgoing {
                Outgoing::Notification(notification) => {
                    queue.send(|line| notification.write(line)).await?;
                }
                Outgoing::Request(request) => queue.send(|line| request.write(line)).await?,
                Outgoing::Answer(answer) => {
                    if self.is_handshake && answer.outcome().is_err() {
                        self.shared.refused();
                    }
                    if matches!(answer.outcome(), Ok(Payload::Closing(_)))
                        && let Some(cancelled) = self.cancelled()
                    {
                        queue.send(|line| cancelled.write(line)).await?;
                    }
                    let server = &self.shared.server;
                    let answer = server.encode(answer, &self.id, self.revision);
                    return match &self.batch {
                        Some(batch) => {
                            batch.put(answer, Some(Hold::new(&self.link)));
                            Ok(())
                        }
                        None => queue.send(|line| put_on_one_line(line, &answer)).await,
                    };
                }
                // Nobody can come back to a stream that ends here.
                Outgoing::HangUp(_) => {}
            }
        }
        Ok(())
    }

    /// A subscription that the server ends is taken back, before it has its result.
    fn cancelled(&self) -> Option<Notification> {
        Notification::new(Cancelled::METHOD, &Cancelled::new(self.id.clone())).ok()
    }
}
