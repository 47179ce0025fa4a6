//! What has been changed in the store from outside.

use super::{MAX_SERVERS, Platform, PlatformError, Snapshot};
use crate::{
    design::ServerDesign,
    serving::Hosted,
    store::{Loaded, Problem},
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError},
    time::Duration,
};

impl Platform {
    /// Reads everything again. What has not changed stays as it is; what is wrong, or cannot be read,
    /// stays what it was before, and is [told](Self::problems).
    ///
    /// # Errors
    /// When the store cannot be read at all.
    pub async fn reload(&self) -> Result<(), PlatformError> {
        let _writing = self.lock().await;
        let loaded = self.0.store.load().await?;
        // Nothing is waited for from here on: it happens as a whole, or not at all.
        self.take_over(loaded);
        Ok(())
    }

    /// Watches the store for changes from outside, for ever.
    ///
    /// It asks the store instead of the system: a look at some names and times once a second costs
    /// next to nothing, works for every kind of store and file system, and needs no crate.
    pub async fn watch(self, every: Duration) {
        let mut seen = self.0.store.stamp().await.ok();
        // What was changed before the first look.
        self.reload_or_tell().await;
        loop {
            tokio::time::sleep(every).await;
            match self.0.store.stamp().await {
                Ok(stamp) if seen == Some(stamp) => {}
                // The stamp is older than what is read: a change in between is seen next time.
                Ok(stamp) => {
                    self.reload_or_tell().await;
                    seen = Some(stamp);
                }
                Err(error) => tracing::warn!(%error, "the store cannot be watched"),
            }
        }
    }

    async fn reload_or_tell(&self) {
        if let Err(error) = self.reload().await {
            tracing::warn!(%error, "the store cannot be read");
        }
    }

    fn take_over(&self, loaded: Loaded) {
        let before = self.0.servers.load_full();
        let mut problems = loaded.broken;
        let mut servers = Snapshot::new();
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

    fn host(
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
        let hosted = prepared.and_then(|prepared| prepared.serve());
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
