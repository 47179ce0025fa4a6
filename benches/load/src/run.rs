//! Many requests over connections that stay open.

use crate::{
    Outcome,
    answer::Connection,
    process,
    request::{Era, Kind, Prepared},
    samples::{Samples, micros},
};
use serde::{Deserialize, Serialize};
use std::{
    cell::{Cell, RefCell},
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};
use tokio::task::LocalSet;

#[derive(Deserialize)]
pub(crate) struct Spec {
    address: SocketAddr,
    /// Whose time is measured.
    #[serde(default)]
    process: Option<u32>,
    /// Sent one after another by each connection, each of which begins elsewhere.
    kinds: Vec<Kind>,
    #[serde(default)]
    era: Era,
    #[serde(default = "one")]
    connections: usize,
    #[serde(default)]
    warm_up: f64,
    /// How long, unless there is a count.
    #[serde(default)]
    seconds: f64,
    /// How many requests, all connections together.
    #[serde(default)]
    count: Option<u64>,
    #[serde(default)]
    tools: usize,
    #[serde(default = "yes")]
    check_id: bool,
}

fn one() -> usize {
    1
}

fn yes() -> bool {
    true
}

#[derive(Serialize)]
pub(crate) struct Figures {
    requests: u64,
    seconds: f64,
    /// Of the server, per request, in microseconds.
    cpu_us: Option<f64>,
    per_second: f64,
    p50_us: f64,
    p99_us: f64,
    /// How much of a core the load itself took: near 1, the server waited for it.
    load_cores: f64,
}

struct Progress {
    requests: Cell<u64>,
    left: Cell<Option<u64>>,
    stop: Cell<bool>,
    samples: RefCell<Samples>,
}

/// Sends load, and tells what it cost.
pub(crate) async fn run(spec: Spec) -> Outcome<Figures> {
    let progress = Rc::new(Progress {
        requests: Cell::new(0),
        left: Cell::new(spec.count),
        stop: Cell::new(false),
        samples: RefCell::default(),
    });
    let mut ready = Vec::new();
    for _ in 0..spec.connections {
        ready.push(prepare(&spec).await?);
    }
    let local = LocalSet::new();
    let mut tasks = Vec::new();
    for (number, (connection, requests)) in ready.into_iter().enumerate() {
        let progress = progress.clone();
        tasks.push(local.spawn_local(async move {
            let sent = send(connection, requests, number, &progress).await;
            sent.map_err(|error| error.to_string())
        }));
    }
    let watched = local.run_until(watch(&spec, &progress));
    let figures = watched.await?;
    local.await;
    for task in tasks {
        task.await??;
    }
    Ok(figures)
}

/// A connection, its session if it needs one, and its requests.
async fn prepare(spec: &Spec) -> Outcome<(Connection, Vec<Prepared>)> {
    let mut connection = Connection::open(spec.address).await?;
    let mut session = None;
    if spec.era == Era::Session && !spec.kinds.contains(&Kind::Initialize) {
        session = open(&mut connection).await?;
    }
    let prepared = spec.kinds.iter().map(|kind| {
        Prepared::new(*kind, spec.era, session.as_deref()).checked(spec.tools, spec.check_id)
    });
    let prepared = prepared.collect();
    Ok((connection, prepared))
}

/// The handshake of a session. Servers without sessions give no id.
pub(crate) async fn open(connection: &mut Connection) -> Outcome<Option<String>> {
    let mut initialize = Prepared::new(Kind::Initialize, Era::Session, None);
    let answer = connection.ask(initialize.next()).await?;
    initialize.check(&answer)?;
    let session = answer.session;
    let mut initialized = Prepared::new(Kind::Initialized, Era::Session, session.as_deref());
    let answer = connection.ask(initialized.next()).await?;
    initialized.check(&answer)?;
    Ok(session)
}

async fn send(
    mut connection: Connection,
    mut requests: Vec<Prepared>,
    number: usize,
    progress: &Progress,
) -> Outcome<()> {
    let kinds = requests.len();
    let mut at = number;
    while !progress.stop.get() {
        if let Some(left) = progress.left.get() {
            if left == 0 {
                break;
            }
            progress.left.set(Some(left - 1));
        }
        let request = &mut requests[at % kinds];
        at += 1;
        let began = Instant::now();
        let answer = connection.ask(request.next()).await;
        let answer = answer.inspect_err(|_| progress.stop.set(true))?;
        let took = began.elapsed().as_nanos();
        request
            .check(&answer)
            .inspect_err(|_| progress.stop.set(true))?;
        progress.requests.set(progress.requests.get() + 1);
        progress.samples.borrow_mut().add(took.try_into()?);
    }
    Ok(())
}

struct Mark {
    at: Instant,
    cpu: Option<u64>,
    load: u64,
    requests: u64,
}

impl Mark {
    fn new(spec: &Spec, progress: &Progress) -> Outcome<Self> {
        Ok(Self {
            cpu: spec.process.map(process::cpu).transpose()?,
            load: process::cpu(std::process::id())?,
            at: Instant::now(),
            requests: progress.requests.get(),
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures to read")]
async fn watch(spec: &Spec, progress: &Progress) -> Outcome<Figures> {
    wait(spec.warm_up, progress).await;
    progress.samples.borrow_mut().clear();
    let before = Mark::new(spec, progress)?;
    wait(spec.seconds, progress).await;
    let after = Mark::new(spec, progress)?;
    progress
        .stop
        .set(spec.count.is_none() || progress.stop.get());
    let seconds = (after.at - before.at).as_secs_f64();
    let requests = after.requests - before.requests;
    let mut samples = progress.samples.borrow_mut();
    samples.sort();
    let cpu = after
        .cpu
        .zip(before.cpu)
        .map(|(after, before)| after - before);
    Ok(Figures {
        requests,
        seconds,
        cpu_us: cpu.map(|cpu| micros(cpu) / requests as f64),
        per_second: requests as f64 / seconds,
        p50_us: samples.at(500),
        p99_us: samples.at(990),
        load_cores: (after.load - before.load) as f64 / 1e9 / seconds,
    })
}

/// Waits so long, or until something fails.
async fn wait(seconds: f64, progress: &Progress) {
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    while !progress.stop.get() && Instant::now() < end {
        let step = Duration::from_millis(100).min(end - Instant::now());
        tokio::time::sleep(step).await;
    }
}

/// One answer, as text: what a floor has to write.
pub(crate) async fn fetch(spec: Spec) -> Outcome<String> {
    let (mut connection, mut requests) = prepare(&spec).await?;
    let request = requests.first_mut().ok_or("no kind of request")?;
    let answer = connection.ask(request.next()).await?;
    request.check(&answer)?;
    Ok(String::from_utf8(answer.body.to_vec())?)
}
