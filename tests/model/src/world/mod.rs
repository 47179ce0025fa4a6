//! The service, those who use it, and the model of both.

mod calls;
mod sessions;

use crate::{
    call::{Call, KEPT_CUT, KEPT_EVENTS},
    connection::Connection,
    handlers::{Handlers, server},
    session::Session,
    step::{Step, Time},
    wire::Ask,
};
use mcp_tower::{
    McpService, Server, SessionOptions,
    governor::{Budget, Governor},
};
use std::{future::poll_fn, task::Poll, time::Duration};
use tokio::{
    task,
    time::{Instant, sleep},
};

/// How many sessions and calls a run has at most.
const SESSIONS: usize = 6;
const CALLS: usize = 32;
/// How much time passes at most before the end. A deleted session is forgotten when its id has grown too
/// old, and the age of an id is told by the clock on the wall, which is not paused.
const DAY: Duration = Duration::from_secs(20 * 3600);
/// How often everything is looked at until nothing happens any more.
const POLLS: usize = 10_000;
/// How many looks in vain there are before that is believed: work passes between tasks.
const QUIET: usize = 8;

pub(crate) struct World {
    server: Server,
    service: McpService,
    governor: Governor,
    handlers: Handlers,
    sessions: Vec<Session>,
    calls: Vec<Call>,
    began: Instant,
}

impl World {
    pub(crate) fn new() -> Self {
        let handlers = Handlers::default();
        let server = server(handlers.clone());
        let governor = Governor::default();
        let options = SessionOptions::new()
            .replay_events(KEPT_EVENTS)
            .replay_time(KEPT_CUT);
        let service = McpService::new(server.clone())
            .sessions(options)
            .governor(governor.clone());
        Self {
            server,
            service,
            governor,
            handlers,
            sessions: Vec::new(),
            calls: Vec::new(),
            began: Instant::now(),
        }
    }

    /// Takes a step, waits until nothing happens any more, and looks whether all is as it should be.
    pub(crate) async fn take(&mut self, step: &Step) {
        match *step {
            Step::Open { who, version } => self.open(who, version).await,
            Step::Echo { who, session } => self.echo(who, session).await,
            Step::Batch { who, session } => self.batch(who, session).await,
            Step::Call { session, id } => self.call(session, id),
            Step::Modern { who } => self.modern(who),
            Step::Say { call } => self.tell(call, Call::say),
            Step::Whisper { call } => self.whisper(call),
            Step::Ask { call } => self.tell(call, Call::ask),
            Step::Answer { call, session } => self.answer(call, session).await,
            Step::Finish { call } => self.tell(call, Call::finish),
            Step::Cancel { session, id } => self.cancel(session, id).await,
            Step::Cut { call } => self.cut(call),
            Step::Resume {
                call,
                event,
                session,
            } => self.resume(call, event, session).await,
            Step::Stand { who, session, last } => self.stand(who, session, last).await,
            Step::Leave { session } => self.leave(session),
            Step::Change => self.change(),
            Step::Level { session, details } => self.level(session, details).await,
            Step::Delete { who, session } => self.delete(who, session).await,
            Step::Wait(time) => self.wait(time).await,
        }
        self.settle().await;
        self.check();
    }

    /// Ends everything: then nothing is left.
    pub(crate) async fn end(&mut self) {
        for session in &mut self.sessions {
            session.leaves();
        }
        for call in &mut self.calls {
            call.cut();
        }
        self.settle().await;
        self.check();
        for _ in 0..2 {
            self.pass(Time::Minutes).await;
            self.settle().await;
        }
        for call in self.calls.iter_mut().filter(|call| call.is_running) {
            call.finish();
        }
        self.settle().await;
        self.check();
        self.pass(Time::Hours).await;
        self.settle().await;
        assert!(
            self.governor.snapshot().is_idle(),
            "{:?}",
            self.governor.snapshot()
        );
    }

    async fn wait(&mut self, time: Time) {
        if self.began.elapsed() + time.duration() < DAY {
            self.pass(time).await;
        }
    }

    async fn pass(&mut self, time: Time) {
        sleep(time.duration()).await;
        for call in &mut self.calls {
            call.wait();
        }
    }

    /// Lets everything happen that does not wait for time.
    async fn settle(&mut self) {
        let mut quiet = 0;
        for _ in 0..POLLS {
            let calls = self.calls.iter_mut().map(|call| &mut call.connection);
            let standing = self
                .sessions
                .iter_mut()
                .filter_map(|session| session.standing.as_mut());
            let happened = poll_all(calls.chain(standing)).await;
            quiet = if happened { 0 } else { quiet + 1 };
            if quiet == QUIET {
                return;
            }
            task::yield_now().await;
        }
        panic!("it does not come to rest");
    }

    fn check(&mut self) {
        for call in &mut self.calls {
            call.check();
        }
        for session in &mut self.sessions {
            session.check();
        }
        let used = self.governor.snapshot();
        let used = |budget| used.usage(budget).used;
        let running = self.calls.iter().filter(|call| call.is_running);
        assert_eq!(used(Budget::Calls), running.count());
        let asking = self.calls.iter().filter(|call| call.asking.is_some());
        assert_eq!(used(Budget::Questions), asking.count());
        let resumed = self.calls.iter().filter(|call| call.is_open_stream());
        let standing = self
            .sessions
            .iter()
            .filter(|session| session.standing.is_some());
        assert_eq!(used(Budget::Streams), resumed.count() + standing.count());
        assert!(used(Budget::Rows) <= self.sessions.len());
        assert_eq!(used(Budget::QueuedBytes), 0);
    }

    /// Makes a request that is answered at once, and reads the answer.
    async fn exchange(&self, ask: Ask<'_>) -> Connection {
        let mut connection = self.connect(&ask);
        let began = Instant::now();
        for _ in 0..POLLS {
            poll_all([&mut connection]).await;
            if connection.is_over() {
                assert_eq!(began, Instant::now());
                return connection;
            }
            task::yield_now().await;
        }
        panic!("{ask:?} is not answered");
    }

    /// Makes a request that opens a stream, and waits for the head of the answer.
    async fn listen(&self, ask: Ask<'_>) -> Connection {
        let mut connection = self.connect(&ask);
        for _ in 0..POLLS {
            poll_all([&mut connection]).await;
            if !connection.is_waiting() {
                return connection;
            }
            task::yield_now().await;
        }
        panic!("{ask:?} is not answered");
    }

    fn connect(&self, ask: &Ask<'_>) -> Connection {
        Connection::new(&self.service, ask.request().expect("a request"))
    }

    fn pick_session(&self, number: u8) -> Option<usize> {
        usize::from(number).checked_rem(self.sessions.len())
    }

    fn pick_call(&self, number: u8) -> Option<usize> {
        let back = usize::from(number).checked_rem(self.calls.len())?;
        Some(self.calls.len() - 1 - back)
    }
}

/// Looks at connections once; tells whether anything has happened.
async fn poll_all<'a>(connections: impl IntoIterator<Item = &'a mut Connection>) -> bool {
    let mut connections: Vec<_> = connections.into_iter().collect();
    poll_fn(|cx| {
        let mut happened = false;
        for connection in &mut connections {
            happened |= connection.poll(cx);
        }
        Poll::Ready(happened)
    })
    .await
}
