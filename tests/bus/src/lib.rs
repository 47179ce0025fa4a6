//! A Redis of a test's own, which it may stop at any time.
#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

use mcp_tower::bus::{RedisOptions, contract};
use std::{
    fs,
    future::IntoFuture,
    io::{BufRead, BufReader, ErrorKind},
    path::PathBuf,
    process::{self, Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Duration,
};

/// A `redis-server` that listens on a socket in a directory of its own, and keeps nothing.
/// Ends with this value.
#[derive(Debug)]
pub struct RedisServer {
    directory: PathBuf,
    password: Option<String>,
    running: Option<Child>,
}

impl RedisServer {
    /// Starts one and waits until it can be used.
    #[must_use]
    pub fn start() -> Self {
        let mut server = Self::stopped(None);
        server.restart();
        server
    }

    /// One that wants a password.
    #[must_use]
    pub fn with_password(password: &str) -> Self {
        let mut server = Self::stopped(Some(password.to_owned()));
        server.restart();
        server
    }

    /// One that has not been started.
    #[must_use]
    pub fn not_started() -> Self {
        Self::stopped(None)
    }

    fn stopped(password: Option<String>) -> Self {
        // Only makes names: tests share nothing through it.
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        // Not under the target directory: the paths of sockets are short.
        let directory = std::env::temp_dir().join(format!("bus-{}-{number}", process::id()));
        fs::create_dir_all(&directory).unwrap();
        Self {
            directory,
            password,
            running: None,
        }
    }

    /// Starts it again, empty, where it was; waits until it can be used.
    pub fn restart(&mut self) {
        self.stop();
        let mut command = Command::new("redis-server");
        command.args(["--port", "0", "--save", "", "--appendonly", "no"]);
        command.arg("--unixsocket").arg(self.socket());
        if let Some(password) = &self.password {
            command.args(["--requirepass", password]);
        }
        command.current_dir(&self.directory);
        let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = spawned.unwrap_or_else(|error| match error.kind() {
            ErrorKind::NotFound => panic!(
                "there is no redis-server on the PATH; `tests/run test` installs it, or: apt-get install redis-server"
            ),
            _ => panic!("redis-server does not start: {error}"),
        });
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        self.running = Some(child);
        let ready = |line: &String| line.contains("ready to accept connections");
        assert!(
            said.by_ref().map_while(Result::ok).any(|line| ready(&line)),
            "redis-server ended at once"
        );
        // A server whose pipe is full would stop.
        thread::spawn(move || said.for_each(drop));
    }

    /// Kills it: connections break, and what it held is gone.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.running.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Makes it hang: connections stay, and nothing is answered.
    pub fn hang(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on after [`hang`](Self::hang).
    pub fn go_on(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let id = self.running.as_ref().unwrap().id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Where it listens, with the password if it wants one.
    #[must_use]
    pub fn url(&self) -> String {
        let url = format!("redis+unix://{}", self.socket().display());
        match &self.password {
            Some(password) => format!("{url}?pass={password}"),
            None => url,
        }
    }

    /// Options for it, with the limits of the contract and patience for a busy machine.
    #[must_use]
    pub fn options(&self) -> RedisOptions {
        let options = RedisOptions::new(self.url()).limits(contract::limits());
        options.timeout(Duration::from_secs(10))
    }

    fn socket(&self) -> PathBuf {
        self.directory.join("socket")
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.stop();
        // What is left is in the directory for temporary files.
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// Waits for what has to happen: a bus that breaks its word fails a test, it does not hang it.
pub async fn in_time<F: IntoFuture>(future: F) -> F::Output {
    let patience = Duration::from_secs(60);
    tokio::time::timeout(patience, future.into_future())
        .await
        .unwrap()
}
