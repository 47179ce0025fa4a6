//! Somebody who follows calls: at their own pace, and told of what they missed.

use super::{
    CallRecord, Followers, Scope,
    event::{EventId, Events},
};
use bytes::Bytes;
use std::{collections::VecDeque, pin::pin, sync::Arc, time::Duration};
use tokio::{
    sync::{OwnedSemaphorePermit, broadcast, watch},
    time::sleep,
};

/// How long a stream is silent before it sends a comment, so that proxies keep it open.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The calls of a [`Scope`] as events, for one client.
///
/// Numbers have no gaps, so whatever is missing between two events was lost, and is told. A client
/// that reads slowly holds [`FOLLOWED`](super::followers::FOLLOWED) calls at most, and the logs keep what they keep anyway: it
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
        // Calls that are none of ours do not break the silence.
        let mut silence = pin!(sleep(KEEP_ALIVE));
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
                () = &mut silence => return Some(Events::keep_alive()),
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

#[cfg(test)]
mod tests {
    use super::{
        super::{Call, CallLog, KEPT_CALLS, MAX_FOLLOWERS, followers::FOLLOWED, kept_arguments},
        *,
    };
    use crate::{platform::Platform, store::Directory};
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
            (0..times).for_each(|_| call(&self.log));
        }

        fn follow(&self, last: Option<&str>) -> Option<Follower> {
            Follower::new(Scope::One(self.log.clone()), &self.followers, last)
        }
    }

    fn call(log: &CallLog) {
        log.add(Call {
            tool: "t".to_owned(),
            arguments: kept_arguments(&json!({})),
            outcome: "response".to_owned(),
            took: Duration::ZERO,
            trace: None,
        });
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
    async fn calls_of_all_servers_are_read_in_their_order() {
        let directory = tempfile::tempdir().unwrap();
        let store = Directory::open(directory.path()).unwrap();
        let platform = Platform::open(store).await.unwrap();
        for id in ["a", "b", "c"] {
            let design = json!({"id": id, "name": "Test", "version": "1"});
            platform.create(design).await.unwrap();
        }
        let mut behind = platform.follow(None, None).unwrap();
        let mut heard = Heard::default();
        heard.add(&behind.next().await.unwrap());
        let logs = platform.logs();
        for number in 0..FOLLOWED * 3 {
            call(&logs[number % 5 % 3]);
        }
        let back = platform.follow(None, Some(&heard.id)).unwrap();
        for mut follower in [behind, back] {
            let mut positions = Vec::new();
            while follower.seen < FOLLOWED as u64 * 3 {
                let mut heard = Heard::default();
                heard.add(&follower.next().await.unwrap());
                assert_eq!(heard.lost, Vec::<Value>::new());
                positions.extend(heard.calls.first().map(|_| follower.seen));
            }
            let all: Vec<u64> = (1..=FOLLOWED as u64 * 3).collect();
            assert_eq!(positions, all);
        }
        platform.close_listeners();
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
        // Another server is called all the time.
        let other = CallLog::new("other".to_owned(), world.followers.clone());
        let busy = tokio::spawn(async move {
            loop {
                call(&other);
                sleep(Duration::from_secs(1)).await;
            }
        });
        let start = Instant::now();
        assert_eq!(&*follower.next().await.unwrap(), b":\n\n");
        assert_eq!(start.elapsed().as_secs(), KEEP_ALIVE.as_secs());
        busy.abort();
        world.followers.stop();
        assert_eq!(follower.next().await, None);
        // And so for whoever comes too late.
        let late = world.follow(None).unwrap();
        assert_eq!(hear(late).await.calls, Vec::<u64>::new());
    }
}
