//! Somebody who follows calls: at their own pace, and told of what they missed.

use super::{
    CallLog, CallRecord, Followers,
    event::{EventId, Events},
    followers::FOLLOWED,
};
use crate::platform::Platform;
use bytes::Bytes;
use std::{
    collections::VecDeque,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, broadcast, watch},
    time::sleep,
};

/// How long a stream is silent before it sends a comment, so that proxies keep it open.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Whose calls are followed.
pub(crate) enum Scope {
    /// Those of one server, numbered by their sequence.
    One(Arc<CallLog>),
    /// Those of all servers, numbered by their position.
    All(Platform),
}

/// The calls of a [`Scope`] as events, for one client.
///
/// Numbers have no gaps, so whatever is missing between two events was lost, and is told. A client
/// that reads slowly holds [`FOLLOWED`] calls at most, and the logs keep what they keep anyway: it
/// reads on from there, as does one that comes back.
pub(crate) struct Follower {
    scope: Scope,
    followers: Followers,
    /// The number of the last call that was told, or told to be lost.
    seen: u64,
    /// Up to here the logs are read; past it, the receiver has everything.
    until: u64,
    /// What was read from the logs and not told yet.
    ahead: VecDeque<Arc<CallRecord>>,
    receiver: broadcast::Receiver<Arc<CallRecord>>,
    stops: watch::Receiver<bool>,
    /// What is sent first.
    first: Option<Events>,
    _place: OwnedSemaphorePermit,
}

impl Follower {
    /// Begins with the next call; with those after the last one that the client has seen, if it says
    /// which that was. Nothing, when too many follow already.
    pub(crate) fn new(
        scope: Scope,
        followers: &Followers,
        last_event_id: Option<&str>,
    ) -> Option<Self> {
        let place = followers.place()?;
        let receiver = followers.follow();
        let until = scope.last(followers);
        let epoch = scope.epoch(followers);
        let given = last_event_id.map(EventId::parse);
        let seen = match given {
            None => until,
            Some(Some(id)) if id.epoch == epoch => id.number.min(until),
            // It is of another run, before everything in this one.
            Some(_) => 0,
        };
        let at = EventId {
            epoch,
            number: seen,
        };
        let mut first = Events::default();
        first.start(at);
        if given.is_some_and(|id| id.is_none_or(|id| id.epoch != epoch)) {
            first.lost(None, at);
        }
        Some(Self {
            scope,
            followers: followers.clone(),
            seen,
            until,
            ahead: VecDeque::new(),
            receiver,
            stops: followers.stops(),
            first: Some(first),
            _place: place,
        })
    }

    /// What is sent next; nothing at the end.
    ///
    /// Cancel safe: what was not returned is returned by the next call.
    pub(crate) async fn next(&mut self) -> Option<Bytes> {
        if let Some(first) = self.first.take() {
            return Some(first.into_bytes());
        }
        loop {
            if *self.stops.borrow_and_update() {
                return None;
            }
            if self.ahead.is_empty() && self.seen < self.until {
                self.ahead = self.scope.read(self.seen, self.until).into();
                if self.ahead.is_empty() {
                    return Some(self.lost_all());
                }
            }
            if let Some(record) = self.ahead.pop_front() {
                return Some(self.tell(&record));
            }
            let is_over = self.scope.is_over();
            tokio::select! {
                biased;
                received = self.receiver.recv() => match received {
                    Ok(record) if self.scope.has(&record) => {
                        // What was read from the logs comes again.
                        if self.scope.number(&record) > self.seen {
                            return Some(self.tell(&record));
                        }
                    }
                    Ok(_) => {}
                    Err(broadcast::error::RecvError::Lagged(_)) => self.catch_up(),
                    Err(broadcast::error::RecvError::Closed) => return None,
                },
                // Everything that was there is told.
                () = std::future::ready(()), if is_over => return None,
                _ = self.stops.changed() => {}
                () = sleep(KEEP_ALIVE) => return Some(Events::keep_alive()),
            }
        }
    }

    /// What the receiver has missed is read from the logs.
    fn catch_up(&mut self) {
        self.receiver = self.receiver.resubscribe();
        self.until = self.scope.last(&self.followers);
    }

    fn tell(&mut self, record: &CallRecord) -> Bytes {
        let number = self.scope.number(record);
        let missed = number - self.seen - 1;
        let mut events = Events::default();
        if missed > 0 {
            events.lost(Some(missed), self.id(number - 1));
        }
        events.call(record, self.id(number));
        self.seen = number;
        events.into_bytes()
    }

    /// The logs have nothing of what is left to be read.
    fn lost_all(&mut self) -> Bytes {
        let mut events = Events::default();
        events.lost(Some(self.until - self.seen), self.id(self.until));
        self.seen = self.until;
        events.into_bytes()
    }

    fn id(&self, number: u64) -> EventId {
        let epoch = self.scope.epoch(&self.followers);
        EventId { epoch, number }
    }
}

impl Scope {
    fn epoch(&self, followers: &Followers) -> u64 {
        match self {
            Self::One(log) => log.epoch,
            Self::All(_) => followers.epoch(),
        }
    }

    fn last(&self, followers: &Followers) -> u64 {
        match self {
            Self::One(log) => log.last(),
            Self::All(_) => followers.last(),
        }
    }

    fn number(&self, record: &CallRecord) -> u64 {
        match self {
            Self::One(_) => record.sequence,
            Self::All(_) => record.position,
        }
    }

    fn has(&self, record: &CallRecord) -> bool {
        match self {
            Self::One(log) => log.epoch == record.log,
            Self::All(_) => true,
        }
    }

    fn is_over(&self) -> bool {
        match self {
            Self::One(log) => log.is_over.load(Ordering::Acquire),
            Self::All(_) => false,
        }
    }

    /// The next calls that are kept.
    fn read(&self, after: u64, until: u64) -> Vec<Arc<CallRecord>> {
        match self {
            Self::One(log) => log.between(|call| call.sequence, after, until, FOLLOWED),
            Self::All(platform) => {
                let mut calls: Vec<_> = platform
                    .logs()
                    .iter()
                    .flat_map(|log| log.between(|call| call.position, after, until, FOLLOWED))
                    .collect();
                calls.sort_unstable_by_key(|call| call.position);
                calls.truncate(FOLLOWED);
                calls
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Call, KEPT_CALLS, MAX_FOLLOWERS},
        *,
    };
    use serde_json::{Value, json};
    use tokio::time::Instant;

    struct World {
        followers: Followers,
        log: Arc<CallLog>,
    }

    impl World {
        fn new() -> Self {
            let followers = Followers::new();
            let log = Arc::new(CallLog::new("s".to_owned(), followers.clone()));
            Self { followers, log }
        }

        fn call(&self, times: usize) {
            for _ in 0..times {
                self.log.add(Call {
                    tool: "t".to_owned(),
                    arguments: json!({}),
                    outcome: "response".to_owned(),
                    took: Duration::ZERO,
                    trace: None,
                });
            }
        }

        fn follow(&self, last: Option<&str>) -> Option<Follower> {
            Follower::new(Scope::One(self.log.clone()), &self.followers, last)
        }
    }

    #[derive(Debug, Default, PartialEq)]
    struct Heard {
        calls: Vec<u64>,
        lost: Vec<Value>,
        id: String,
    }

    impl Heard {
        fn add(&mut self, bytes: &[u8]) {
            let mut name = "";
            for line in std::str::from_utf8(bytes).unwrap().lines() {
                match line.split_once(": ") {
                    Some(("event", event)) => name = event,
                    Some(("id", id)) => id.clone_into(&mut self.id),
                    Some(("data", data)) => {
                        let data: Value = serde_json::from_str(data).unwrap();
                        match name {
                            "lost" => self.lost.push(data["calls"].clone()),
                            _ => self.calls.push(data["sequence"].as_u64().unwrap()),
                        }
                    }
                    _ => name = "",
                }
            }
        }
    }

    /// Everything up to the end.
    async fn hear(mut follower: Follower) -> Heard {
        let mut heard = Heard::default();
        while let Some(bytes) = follower.next().await {
            heard.add(&bytes);
        }
        heard
    }

    #[tokio::test]
    async fn who_falls_behind_reads_on_from_the_log() {
        let world = World::new();
        world.call(1);
        let follower = world.follow(None).unwrap();
        world.call(FOLLOWED * 3);
        world.log.end();
        let heard = hear(follower).await;
        let all: Vec<u64> = (2..=FOLLOWED as u64 * 3 + 1).collect();
        assert_eq!(heard.calls, all);
        assert_eq!(heard.lost, Vec::<Value>::new());
    }

    #[tokio::test]
    async fn what_the_log_has_forgotten_is_lost_and_told() {
        let world = World::new();
        let mut follower = world.follow(None).unwrap();
        world.call(1);
        let mut heard = Heard::default();
        for _ in 0..2 {
            heard.add(&follower.next().await.unwrap());
        }
        assert_eq!(heard.calls, [1]);
        world.call(KEPT_CALLS + 7);
        assert_eq!(follower.ahead.len(), 0);
        world.log.end();
        let heard = hear(follower).await;
        assert_eq!(heard.lost, [json!(7)]);
        assert_eq!(heard.calls.len(), KEPT_CALLS);
        assert_eq!(heard.calls[0], 9);
        // Those that are cleared before they are read are lost, too.
        let world = World::new();
        let follower = world.follow(None).unwrap();
        world.call(FOLLOWED + 1);
        world.log.clear();
        world.log.end();
        let heard = hear(follower).await;
        assert_eq!(heard.lost, [json!(FOLLOWED + 1)]);
        assert_eq!(heard.calls, Vec::<u64>::new());
    }

    #[tokio::test]
    async fn who_comes_back_hears_what_was_missed() {
        let world = World::new();
        world.call(2);
        let mut follower = world.follow(None).unwrap();
        let mut heard = Heard::default();
        heard.add(&follower.next().await.unwrap());
        drop(follower);
        world.call(3);
        let again = world.follow(Some(&heard.id)).unwrap();
        let other = world.follow(Some("of another run")).unwrap();
        world.call(1);
        world.log.end();
        assert_eq!(hear(again).await.calls, [3, 4, 5, 6]);
        let other = hear(other).await;
        assert_eq!(other.calls, [1, 2, 3, 4, 5, 6]);
        assert_eq!(other.lost, [Value::Null]);
    }

    #[tokio::test]
    async fn only_so_many_follow_at_once() {
        let world = World::new();
        let all: Vec<_> = (0..MAX_FOLLOWERS).map(|_| world.follow(None)).collect();
        assert!(all.iter().all(Option::is_some));
        assert!(world.follow(None).is_none());
        drop(all);
        assert!(world.follow(None).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_broken() {
        let world = World::new();
        let mut follower = world.follow(None).unwrap();
        follower.next().await.unwrap();
        let start = Instant::now();
        assert_eq!(&*follower.next().await.unwrap(), b":\n\n");
        assert_eq!(start.elapsed().as_secs(), KEEP_ALIVE.as_secs());
        world.followers.stop();
        assert_eq!(follower.next().await, None);
        // And so for whoever comes too late.
        let late = world.follow(None).unwrap();
        assert_eq!(hear(late).await.calls, Vec::<u64>::new());
    }
}
