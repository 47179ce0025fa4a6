//! What a replica receives from Redis.

use super::{
    RedisBus, Shared,
    error::unavailable,
    frame::Frame,
    link::{Retry, idle},
};
use crate::bus::{BusError, Deliveries, Delivery, DeliverySender, ReplicaId};
use ::redis::aio::{PubSubSink, PubSubStream};
use bytes::Bytes;
use futures_util::StreamExt;
use std::sync::Arc;
use tokio::time::timeout;

/// Subscribes, and spawns the task that receives until the deliveries are dropped.
pub(super) async fn join(bus: &RedisBus, replica: ReplicaId) -> Result<Deliveries, BusError> {
    let (sender, deliveries) = Deliveries::channel(bus.shared.options.limits);
    let subscription = Subscription {
        endpoint: bus.endpoint,
        shared: bus.shared.clone(),
        own: bus.shared.keys.replica(replica),
        sender,
    };
    let connection = subscription.open().await?;
    tokio::spawn(subscription.run(connection));
    Ok(deliveries)
}

struct Subscription {
    endpoint: u64,
    shared: Arc<Shared>,
    /// The channel of this replica.
    own: String,
    sender: DeliverySender,
}

type Connection = (PubSubSink, PubSubStream);

impl Subscription {
    async fn open(&self) -> Result<Connection, BusError> {
        let opening = async {
            let (mut sink, stream) = self.shared.client.get_async_pubsub().await?.split();
            sink.subscribe(&[&self.own, &self.shared.keys.all]).await?;
            Ok((sink, stream))
        };
        match timeout(self.shared.options.timeout, opening).await {
            Ok(opened) => opened.map_err(|error| unavailable(&error)),
            Err(_) => Err(BusError::unavailable("no subscription in time")),
        }
    }

    async fn run(self, connection: Connection) {
        tokio::select! {
            () = self.sender.closed() => {}
            () = self.receive(connection) => {}
        }
    }

    /// Receives for ever.
    async fn receive(&self, mut connection: Connection) {
        loop {
            self.receive_until_lost(connection).await;
            connection = self.reopen().await;
            self.sender.deliver(Delivery::Rejoined);
        }
    }

    async fn receive_until_lost(&self, (mut sink, mut stream): Connection) {
        let patience = self.shared.options.timeout;
        loop {
            match timeout(idle(patience), stream.next()).await {
                Ok(Some(message)) => self.deliver(&message),
                Ok(None) => return,
                Err(_) => {
                    let pong = timeout(patience, sink.ping::<::redis::Value>());
                    if !matches!(pong.await, Ok(Ok(_))) {
                        return;
                    }
                }
            }
        }
    }

    async fn reopen(&self) -> Connection {
        let mut retry = Retry::default();
        loop {
            match self.open().await {
                Ok(connection) => return connection,
                Err(error) => {
                    tracing::debug!(
                        error = &error as &dyn std::error::Error,
                        "the bus is not back yet"
                    );
                    retry.tried(false);
                    retry.pause().await;
                }
            }
        }
    }

    fn deliver(&self, message: &::redis::Msg) {
        let Ok(payload) = message.get_payload::<Bytes>() else {
            return;
        };
        if message.get_channel_name() == self.own {
            self.sender.deliver(Delivery::Message(payload));
            return;
        }
        match Frame::decode(payload) {
            Some((endpoint, _)) if endpoint == self.endpoint => {}
            Some((_, frame)) => self.sender.deliver(frame.into()),
            None => tracing::debug!("something else publishes on the channel of the bus"),
        }
    }
}
