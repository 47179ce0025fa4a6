//! All servers at once: the only way in which the rooms around it change anything.

mod changes;
mod error;
mod following;
mod patch;
mod reload;

pub use error::PlatformError;

use crate::{
    access::AccessRules,
    calls::{CallRecord, Followers},
    design::ServerDesign,
    engine::Trace,
    serving::{Hosted, PlatformResolver},
    store::{Problem, Store},
};
use arc_swap::ArcSwap;
use serde::Serialize;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, PoisonError, RwLock},
};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// The most servers of a platform.
pub const MAX_SERVERS: usize = 10_000;

/// Every server, as one request sees them: changed as a whole, and read without a lock.
type Snapshot = BTreeMap<String, Hosted>;

/// What was not in the store at the last look, and is served until it is missing at the next one.
type Missing = BTreeSet<String>;

/// The turn of whoever changes something.
type Writing = OwnedMutexGuard<Missing>;

/// Servers that are data, with a store behind them. Cheap to clone.
///
/// Writers wait for each other. A change begins with what is stored at that moment, whoever wrote it;
/// it is first checked, then stored, then served: what is wrong leaves everything as it was. Once
/// begun, a change is brought to its end even if the future is dropped.
#[derive(Clone)]
pub struct Platform(Arc<Shared>);

struct Shared {
    store: Box<dyn Store>,
    servers: ArcSwap<Snapshot>,
    writers: Arc<Mutex<Missing>>,
    followers: Followers,
    problems: RwLock<Vec<Problem>>,
}

/// What a tool would answer, and why.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct TestReport {
    /// What it comes to, as in a [call record](CallRecord::outcome).
    pub outcome: String,
    /// The result: as a client would see it, or the error.
    pub result: Value,
    /// How it was decided.
    pub trace: Trace,
}

impl Platform {
    /// Everything that a store holds. Designs that are wrong are left out, and
    /// [told](Self::problems).
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn open(store: impl Store) -> Result<Self, PlatformError> {
        let platform = Self(Arc::new(Shared {
            store: Box::new(store),
            servers: ArcSwap::default(),
            writers: Arc::default(),
            followers: Followers::new(),
            problems: RwLock::default(),
        }));
        platform.reload().await?;
        Ok(platform)
    }

    /// All designs, in the order of their ids.
    pub fn servers(&self) -> Vec<Arc<ServerDesign>> {
        let servers = self.0.servers.load();
        servers
            .values()
            .map(|hosted| hosted.design().clone())
            .collect()
    }

    /// The design with this id.
    pub fn server(&self, id: &str) -> Option<Arc<ServerDesign>> {
        self.0
            .servers
            .load()
            .get(id)
            .map(|hosted| hosted.design().clone())
    }

    /// What is stored and cannot be served, in the order of ids.
    pub fn problems(&self) -> Vec<Problem> {
        let problems = self.0.problems.read();
        problems.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What a tool would answer. No counter moves, nothing is waited for and nothing is logged.
    ///
    /// # Errors
    /// When there is no such server or tool.
    pub fn test(
        &self,
        id: &str,
        tool: &str,
        arguments: &Value,
    ) -> Result<TestReport, PlatformError> {
        let servers = self.0.servers.load();
        let hosted = servers.get(id).ok_or(PlatformError::NotFound)?;
        hosted.test(tool, arguments).ok_or(PlatformError::NotFound)
    }

    /// The last calls of a server, oldest first.
    ///
    /// # Errors
    /// When there is no such server.
    pub fn calls(&self, id: &str) -> Result<Vec<Arc<CallRecord>>, PlatformError> {
        let servers = self.0.servers.load();
        let hosted = servers.get(id).ok_or(PlatformError::NotFound)?;
        Ok(hosted.calls().all())
    }

    /// Forgets the calls of a server.
    ///
    /// # Errors
    /// When there is no such server.
    pub fn clear_calls(&self, id: &str) -> Result<(), PlatformError> {
        let servers = self.0.servers.load();
        let hosted = servers.get(id).ok_or(PlatformError::NotFound)?;
        hosted.calls().clear();
        Ok(())
    }

    /// Has the sequences, the counter and the randomness of a server begin anew.
    ///
    /// # Errors
    /// When there is no such server.
    pub fn reset(&self, id: &str) -> Result<(), PlatformError> {
        let hosted = self.hosted(id).ok_or(PlatformError::NotFound)?;
        hosted.reset();
        Ok(())
    }

    /// Chooses servers by their ids, in paths like `/api/platform/{id}/mcp`, and says who may call
    /// them.
    pub fn resolver(&self) -> PlatformResolver {
        PlatformResolver::new(self.clone())
    }

    /// Ends what clients listen to and what administrators follow, so that a process can end.
    pub fn close_listeners(&self) {
        self.0.followers.stop();
        for hosted in self.0.servers.load().values() {
            hosted.close();
        }
    }

    /// Why there is no server with this id: what is stored may be broken.
    pub(crate) fn missing(&self, id: &str) -> PlatformError {
        let mut problems = self.problems().into_iter();
        match problems.find(|problem| problem.id == id) {
            Some(problem) => PlatformError::broken(&problem),
            None => PlatformError::NotFound,
        }
    }

    pub(crate) fn hosted(&self, id: &str) -> Option<Hosted> {
        self.0.servers.load().get(id).cloned()
    }

    /// Who may call a server; nothing, if it is not published.
    pub(crate) fn access_rules(&self, id: &str) -> Option<AccessRules> {
        let servers = self.0.servers.load();
        let live = servers.get(id)?.live()?;
        Some(live.access.clone())
    }

    async fn lock(&self) -> Writing {
        self.0.writers.clone().lock_owned().await
    }

    /// Swaps the snapshot. What is not served any more is closed: nobody hears from it again.
    fn swap(&self, change: impl FnOnce(&mut Snapshot) -> Option<Hosted>) {
        let mut servers = Snapshot::clone(&self.0.servers.load());
        let before = change(&mut servers);
        let servers = Arc::new(servers);
        self.0.servers.store(servers.clone());
        if let Some(before) = before {
            before.close_unless_in(servers.get(before.design().id.as_str()));
        }
    }

    fn forget_problem(&self, id: &str) {
        let problems = self.0.problems.write();
        let mut problems = problems.unwrap_or_else(PoisonError::into_inner);
        problems.retain(|problem| problem.id != id);
    }
}

impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Platform")
    }
}
