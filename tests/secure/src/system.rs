//! A server of one test, and its directory.

use crate::Client;
use mcp_core::random;
use secure::{Consent, Options, Rates, Running};
use std::{fs, path::PathBuf};

/// A running server. Its directory is removed at the end.
#[derive(Debug)]
pub struct System {
    pub running: Running,
    pub client: Client,
    directory: Directory,
}

#[derive(Debug)]
struct Directory(PathBuf);

impl System {
    /// A server on any free port, whose users agree unasked, and which nobody calls too often.
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// Like [`start`](Self::start), with other options.
    pub async fn with(change: impl FnOnce(&mut Options)) -> Self {
        let name = format!(
            "secure-tests-{:032x}",
            u128::from_ne_bytes(random().unwrap())
        );
        let directory = Directory(std::env::temp_dir().join(name));
        let mut options = Options::new(&directory.0);
        options.bind = ([127, 0, 0, 1], 0).into();
        options.redirect = None;
        options.consent = Consent::Automatic;
        options.rates = Rates::default().times(1_000);
        change(&mut options);
        let running = secure::start(options).await.unwrap();
        let client = Client::new(running.address(), running.authority().unwrap());
        Self {
            running,
            client,
            directory,
        }
    }

    /// The origin of everything the server answers.
    pub fn url(&self) -> &str {
        self.running.issuer().url()
    }

    /// What tokens have to be made for.
    pub fn resource(&self) -> &str {
        self.running.resource()
    }

    /// Where the server keeps what its first start made.
    pub fn directory(&self) -> &PathBuf {
        &self.directory.0
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
