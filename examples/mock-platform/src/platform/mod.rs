//! All servers at once: the only way in which the rooms around it change anything.

mod error;
mod following;
mod patch;
mod reload;

pub use error::PlatformError;

use crate::{
    access::AccessRules,
    calls::{CallRecord, Followers},
    clock::rfc3339,
    design::{DesignFault, DesignFaults, ServerDesign, Status},
    engine::Trace,
    serving::{Hosted, PlatformResolver},
    store::{MAX_DOCUMENT_BYTES, Problem, Store},
};
use arc_swap::ArcSwap;
use serde::Serialize;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::SystemTime,
};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// The most servers of a platform.
pub const MAX_SERVERS: usize = 10_000;

/// Every server, as one request sees them: changed as a whole, and read without a lock.
type Snapshot = BTreeMap<String, Hosted>;

/// Servers that are data, with a store behind them. Cheap to clone.
///
/// Writers wait for each other. A change is first checked, then stored, then served: what fails
/// leaves everything as it was. Once begun, a change is brought to its end even if the future is
/// dropped.
#[derive(Clone)]
pub struct Platform(Arc<Shared>);

struct Shared {
    store: Box<dyn Store>,
    servers: ArcSwap<Snapshot>,
    writers: Arc<Mutex<()>>,
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

    /// Adds a server. An id is made up for one that has none.
    ///
    /// # Errors
    /// When the design is wrong, its id is taken, or there is no room.
    pub async fn create(&self, document: Value) -> Result<Arc<ServerDesign>, PlatformError> {
        let writing = self.lock().await;
        self.create_locked(writing, document).await
    }

    async fn create_locked(
        &self,
        writing: OwnedMutexGuard<()>,
        mut document: Value,
    ) -> Result<Arc<ServerDesign>, PlatformError> {
        let members = members(&mut document)?;
        let id = members
            .entry("id")
            .or_insert_with(|| uuid::Uuid::new_v4().to_string().into());
        // What is no text is a fault of the design, which is found below.
        if let Some(id) = id.as_str()
            && self.0.servers.load().contains_key(id)
        {
            return Err(PlatformError::Conflict(format!("the id {id} is taken")));
        }
        if self.0.servers.load().len() >= MAX_SERVERS {
            let reason = format!("there are {MAX_SERVERS} servers already");
            return Err(PlatformError::Conflict(reason));
        }
        let now = rfc3339(SystemTime::now());
        members.insert("created_at".to_owned(), now.clone().into());
        members.insert("updated_at".to_owned(), now.into());
        self.commit(writing, document).await
    }

    /// Puts a design in the place of another one.
    ///
    /// # Errors
    /// When there is none, or the new one is wrong.
    pub async fn replace(
        &self,
        id: &str,
        document: Value,
    ) -> Result<Arc<ServerDesign>, PlatformError> {
        self.edit(id, |current| {
            *current = document;
            Ok(())
        })
        .await
    }

    /// Changes parts of a design: RFC 7386.
    ///
    /// # Errors
    /// When there is no such server, or what comes of it is wrong.
    pub async fn patch(
        &self,
        id: &str,
        merge_patch: &Value,
    ) -> Result<Arc<ServerDesign>, PlatformError> {
        self.edit(id, |current| {
            patch::merge(current, merge_patch);
            Ok(())
        })
        .await
    }

    /// Reads a document, changes it and writes it, with nobody in between.
    ///
    /// # Errors
    /// When there is no such server, the change fails, or what comes of it is wrong.
    pub async fn edit(
        &self,
        id: &str,
        change: impl FnOnce(&mut Value) -> Result<(), PlatformError> + Send,
    ) -> Result<Arc<ServerDesign>, PlatformError> {
        let writing = self.lock().await;
        let before = self.server(id).ok_or(PlatformError::NotFound)?;
        let mut document = before.document.clone();
        change(&mut document)?;
        let members = members(&mut document)?;
        if members.get("id").is_some_and(|given| given != id) {
            return Err(fault("/id", "cannot be changed"));
        }
        members.insert("id".to_owned(), id.into());
        let created = before.created_at.clone();
        let now = rfc3339(SystemTime::now());
        members.insert(
            "created_at".to_owned(),
            created.unwrap_or_else(|| now.clone()).into(),
        );
        members.insert("updated_at".to_owned(), now.into());
        self.commit(writing, document).await
    }

    /// Publishes, disables or withdraws a server.
    ///
    /// # Errors
    /// When there is no such server.
    pub async fn set_status(
        &self,
        id: &str,
        status: Status,
    ) -> Result<Arc<ServerDesign>, PlatformError> {
        let name = match status {
            Status::Draft => "draft",
            Status::Published => "published",
            Status::Disabled => "disabled",
        };
        self.edit(id, |document| {
            members(document)?.insert("status".to_owned(), name.into());
            Ok(())
        })
        .await
    }

    /// Adds a draft with the same design under a new id.
    ///
    /// # Errors
    /// When there is no such server, or no room.
    pub async fn duplicate(&self, id: &str) -> Result<Arc<ServerDesign>, PlatformError> {
        let writing = self.lock().await;
        let original = self.server(id).ok_or(PlatformError::NotFound)?;
        let mut document = original.document.clone();
        let copy = members(&mut document)?;
        copy.insert("id".to_owned(), uuid::Uuid::new_v4().to_string().into());
        copy.insert("status".to_owned(), "draft".into());
        self.create_locked(writing, document).await
    }

    /// Removes a server. Whoever listens to it is told that it has ended.
    ///
    /// # Errors
    /// When there is no such server, or it could not be removed.
    pub async fn delete(&self, id: &str) -> Result<(), PlatformError> {
        let writing = self.lock().await;
        self.server(id).ok_or(PlatformError::NotFound)?;
        let (platform, id) = (self.clone(), id.to_owned());
        to_its_end(async move {
            platform.0.store.remove(&id).await?;
            platform.swap(|servers| servers.remove(&id));
            drop(writing);
            Ok(())
        })
        .await
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

    pub(crate) fn hosted(&self, id: &str) -> Option<Hosted> {
        self.0.servers.load().get(id).cloned()
    }

    /// Who may call a server; nothing, if it is not published.
    pub(crate) fn access_rules(&self, id: &str) -> Option<AccessRules> {
        let servers = self.0.servers.load();
        let live = servers.get(id)?.live()?;
        Some(live.access.clone())
    }

    async fn lock(&self) -> OwnedMutexGuard<()> {
        self.0.writers.clone().lock_owned().await
    }

    /// Checks a document, stores it and serves it.
    async fn commit(
        &self,
        writing: OwnedMutexGuard<()>,
        document: Value,
    ) -> Result<Arc<ServerDesign>, PlatformError> {
        if document.to_string().len() > MAX_DOCUMENT_BYTES {
            return Err(fault("", "the document has more than a mebibyte"));
        }
        let design = Arc::new(ServerDesign::parse(&document)?);
        let before = self.hosted(&design.id);
        let prepared = Hosted::prepare(before.as_ref(), &design, &self.0.followers)?;
        let platform = self.clone();
        to_its_end(async move {
            let store = &platform.0.store;
            store.save(&design.id, &design.document).await?;
            let hosted = prepared.serve()?;
            platform.forget_problem(&design.id);
            platform.swap(|servers| servers.insert(design.id.clone(), hosted));
            drop(writing);
            Ok(design)
        })
        .await
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

/// Runs a change as a task, so that it ends even when nobody waits for it.
async fn to_its_end<T: Send + 'static>(
    change: impl Future<Output = Result<T, PlatformError>> + Send + 'static,
) -> Result<T, PlatformError> {
    match tokio::spawn(change).await {
        Ok(done) => done,
        Err(error) => Err(PlatformError::Store(crate::store::StoreError::new(
            error.to_string(),
        ))),
    }
}

fn members(document: &mut Value) -> Result<&mut serde_json::Map<String, Value>, PlatformError> {
    let members = document.as_object_mut();
    members.ok_or_else(|| fault("", "expected an object"))
}

fn fault(path: &str, reason: &str) -> PlatformError {
    PlatformError::Invalid(DesignFaults(vec![DesignFault {
        path: path.to_owned(),
        reason: reason.to_owned(),
    }]))
}

impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Platform")
    }
}
