//! What has been changed in the store from outside.

use super::{MAX_SERVERS, Missing, Platform, PlatformError, Snapshot};
use crate::{
    design::ServerDesign,
    serving::{Hosted, Prepared},
    store::{Loaded, Problem},
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError},
    time::Duration,
};

impl Platform {
    /// Looks at everything in the store. What has not changed stays as it is; what is wrong, or cannot
    /// be read, stays what it was before, and is [told](Self::problems); what is missing at two looks
    /// in a row is gone: editors take a file away for a moment and put it back.
    ///
    /// # Errors
    /// When the store cannot be read at all.
    pub async fn reload(&self) -> Result<(), PlatformError> {
        self.look().await.map(drop)
    }

    /// Watches the store for changes from outside, for ever.
    ///
    /// It asks the store instead of the system: a look at some names and times once a second costs
    /// next to nothing, works for every kind of store and file system, and needs no crate.
    pub async fn watch(self, every: Duration) {
        let (mut seen, mut trouble) = (None, String::new());
        loop {
            match self.look_unless(seen).await {
                Ok(stamp) => {
                    seen = stamp;
                    trouble.clear();
                }
                Err(error) => {
                    seen = None;
                    let error = error.to_string();
                    // Once, not at every look.
                    if error != trouble {
                        tracing::warn!(error, "the store cannot be watched");
                        trouble = error;
                    }
                }
            }
            tokio::time::sleep(every).await;
        }
    }

    /// Looks at the store unless its stamp is this one, and tells the stamp of what was read; nothing
    /// where it has to be looked at again, changed or not.
    async fn look_unless(&self, seen: Option<u64>) -> Result<Option<u64>, PlatformError> {
        // The stamp is older than what is read: a change in between is seen next time.
        let stamp = self.0.store.stamp().await?;
        if seen == Some(stamp) {
            return Ok(seen);
        }
        let is_complete = self.look().await?;
        Ok(is_complete.then_some(stamp))
    }

    /// Whether everything was seen that there is, so that nothing else is seen before it is changed.
    async fn look(&self) -> Result<bool, PlatformError> {
        let mut writing = self.lock().await;
        let loaded = self.0.store.load().await?;
        let may_pass = loaded.may_pass;
        // Nothing is waited for from here on, so that it happens as a whole. Servers change one after
        // the other: a request may meet a new one beside an old one.
        self.take_over(loaded, &mut writing);
        Ok(!may_pass && writing.is_empty())
    }

    fn take_over(&self, loaded: Loaded, missing: &mut Missing) {
        let before = self.0.servers.load_full();
        let mut problems = loaded.broken;
        let mut servers = Snapshot::new();
        let documents = loaded.documents.iter().map(|(id, _)| id);
        let broken = problems.iter().map(|problem| &problem.id);
        let is_there: BTreeSet<_> = documents.chain(broken).collect();
        let mut missing_now = Missing::new();
        for (id, hosted) in &*before {
            if !is_there.contains(id) && !missing.contains(id) {
                missing_now.insert(id.clone());
                servers.insert(id.clone(), hosted.clone());
            }
        }
        *missing = missing_now;
        // What is broken is there.
        for problem in &problems {
            if let Some(hosted) = before.get(&problem.id) {
                servers.insert(problem.id.clone(), hosted.clone());
            }
        }
        for (id, document) in loaded.documents {
            let known = before.get(&id);
            match self.host(&id, &document, known, servers.len()) {
                Ok(hosted) => {
                    servers.insert(id, hosted);
                }
                Err(reason) => {
                    servers.extend(known.map(|known| (id.clone(), known.clone())));
                    problems.push(Problem { id, reason });
                }
            }
        }
        problems.sort_by(|one, other| one.id.cmp(&other.id));
        self.tell(&problems);
        self.0.servers.store(Arc::new(servers));
        let servers = self.0.servers.load();
        for (id, hosted) in &*before {
            hosted.close_unless_in(servers.get(id));
        }
        let all = self.0.problems.write();
        *all.unwrap_or_else(PoisonError::into_inner) = problems;
    }

    pub(super) fn host(
        &self,
        id: &str,
        document: &Value,
        known: Option<&Hosted>,
        others: usize,
    ) -> Result<Hosted, String> {
        if let Some(known) = known
            && known.design().document == *document
        {
            return Ok(known.clone());
        }
        if others >= MAX_SERVERS {
            return Err(format!("there are {MAX_SERVERS} servers already"));
        }
        let design = ServerDesign::parse(document).map_err(|faults| faults.to_string())?;
        if design.id != id {
            return Err(format!(
                "it is stored as {id}, and says that it is {}",
                design.id
            ));
        }
        let prepared = Hosted::prepare(known, &Arc::new(design), &self.0.followers);
        let hosted = prepared.map(Prepared::serve);
        hosted.map_err(|faults| faults.to_string())
    }

    /// Each problem once, not at every look.
    fn tell(&self, problems: &[Problem]) {
        let known: BTreeSet<_> = self
            .problems()
            .into_iter()
            .map(|old| (old.id, old.reason))
            .collect();
        for Problem { id, reason } in problems {
            if !known.contains(&(id.clone(), reason.clone())) {
                tracing::warn!(id, reason, "a design cannot be served");
            }
        }
    }
}
