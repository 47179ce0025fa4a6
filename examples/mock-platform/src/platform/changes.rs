//! Changes: every one begins with what is stored, and is checked, stored and served.

use super::{MAX_SERVERS, Platform, PlatformError, Writing, patch};
use crate::{
    access,
    clock::rfc3339,
    design::{DesignFault, DesignFaults, ServerDesign, Status, is_id},
    import::openapi,
    serving::{Hosted, Prepared},
    store::{MAX_DOCUMENT_BYTES, Problem, StoreError, Stored},
};
use serde_json::{Map, Value};
use std::{sync::Arc, time::SystemTime};
use tokio::task::spawn_blocking;

impl Platform {
    /// Adds a server. An id is made up for one that has none.
    ///
    /// # Errors
    /// When the design is wrong, its id is taken, be it by a document that is broken, or there is no
    /// room.
    pub async fn create(&self, document: Value) -> Result<Arc<ServerDesign>, PlatformError> {
        let writing = self.lock().await;
        self.create_locked(writing, document).await
    }

    /// Adds a draft with a tool for each operation of an OpenAPI document.
    ///
    /// # Errors
    /// When something is wrong with the document, or there is no room.
    pub async fn import_openapi(
        &self,
        document: Value,
    ) -> Result<Arc<ServerDesign>, PlatformError> {
        let design = beside(move || openapi::import(&document)).await??;
        self.create(design).await
    }

    async fn create_locked(
        &self,
        writing: Writing,
        mut document: Value,
    ) -> Result<Arc<ServerDesign>, PlatformError> {
        let members = members(&mut document)?;
        let id = members
            .entry("id")
            .or_insert_with(|| uuid::Uuid::new_v4().to_string().into());
        // What is no id is a fault of the design, which is found below.
        if let Some(id) = id.as_str().filter(|id| is_id(id)) {
            match self.0.store.read(id).await? {
                Stored::Broken(problem) => return Err(PlatformError::broken(&problem)),
                Stored::Nothing if self.hosted(id).is_none() => {}
                Stored::Nothing | Stored::Document(_) => {
                    return Err(PlatformError::Conflict(format!("the id {id} is taken")));
                }
            }
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

    /// Puts a design in the place of another one. One that says with `updated_at` which version it
    /// was made of takes the place of that one only.
    ///
    /// # Errors
    /// When there is none, the new one is wrong, or the one that is there is newer.
    pub async fn replace(
        &self,
        id: &str,
        document: Value,
    ) -> Result<Arc<ServerDesign>, PlatformError> {
        self.edit(id, |current| {
            let known = document.get("updated_at");
            if known.is_some_and(|known| current.get("updated_at") != Some(known)) {
                let reason = "it was changed since: read it again, or leave out `updated_at`";
                return Err(PlatformError::Conflict(reason.to_owned()));
            }
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

    /// Reads a document from the store, changes it and writes it, with nobody of this process in
    /// between.
    ///
    /// # Errors
    /// When there is no such server, what is stored is broken, the change fails, or what comes of it
    /// is wrong.
    pub async fn edit(
        &self,
        id: &str,
        change: impl FnOnce(&mut Value) -> Result<(), PlatformError> + Send,
    ) -> Result<Arc<ServerDesign>, PlatformError> {
        let (writing, before) = self.stored(id).await?;
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
    /// When there is no such server, or what is stored is broken.
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

    /// Adds a draft with the same design under a new id. Secrets are not copied: a server that wants
    /// some is closed until it is given new ones.
    ///
    /// # Errors
    /// When there is no such server, what is stored is broken, or there is no room.
    pub async fn duplicate(&self, id: &str) -> Result<Arc<ServerDesign>, PlatformError> {
        let (writing, original) = self.stored(id).await?;
        let mut document = original.document.clone();
        let copy = members(&mut document)?;
        copy.insert("id".to_owned(), uuid::Uuid::new_v4().to_string().into());
        copy.insert("status".to_owned(), "draft".into());
        if let Some(auth) = copy.get_mut("auth") {
            *auth = access::closed(auth)?;
        }
        self.create_locked(writing, document).await
    }

    /// Removes a server, or a document that is broken. Whoever listens is told that it has ended.
    ///
    /// # Errors
    /// When there is no such server, or it could not be removed.
    pub async fn delete(&self, id: &str) -> Result<(), PlatformError> {
        let writing = self.lock().await;
        let is_stored = is_id(id) && !matches!(self.0.store.read(id).await?, Stored::Nothing);
        if !is_stored && self.hosted(id).is_none() {
            return Err(PlatformError::NotFound);
        }
        let (platform, id) = (self.clone(), id.to_owned());
        to_its_end(async move {
            platform.0.store.remove(&id).await?;
            platform.forget_problem(&id);
            platform.swap(|servers| servers.remove(&id));
            drop(writing);
            Ok(())
        })
        .await
    }

    /// The design that is stored now, with nobody else writing. What somebody else has written since
    /// the last look is served from here on, as if it had been seen then.
    async fn stored(&self, id: &str) -> Result<(Writing, Arc<ServerDesign>), PlatformError> {
        let writing = self.lock().await;
        let stored = match is_id(id) {
            true => self.0.store.read(id).await?,
            false => Stored::Nothing,
        };
        let document = match stored {
            Stored::Document(document) => document,
            Stored::Nothing => return Err(PlatformError::NotFound),
            Stored::Broken(problem) => return Err(PlatformError::broken(&problem)),
        };
        let known = self.hosted(id);
        if let Some(known) = &known
            && known.design().document == document
        {
            return Ok((writing, known.design().clone()));
        }
        let (platform, id) = (self.clone(), id.to_owned());
        to_its_end(async move {
            let (hosting, name) = (platform.clone(), id.clone());
            let hosted = beside(move || {
                let others = hosting.0.servers.load().len();
                hosting.host(&name, &document, known.as_ref(), others)
            });
            let broken = |reason| PlatformError::broken(&Problem::new(id.clone(), reason));
            let hosted = hosted.await?.map_err(broken)?;
            let design = hosted.design().clone();
            platform.forget_problem(&id);
            platform.swap(|servers| servers.insert(id, hosted));
            Ok((writing, design))
        })
        .await
    }

    /// Checks a document, stores it and serves it.
    async fn commit(
        &self,
        writing: Writing,
        document: Value,
    ) -> Result<Arc<ServerDesign>, PlatformError> {
        let platform = self.clone();
        to_its_end(async move {
            let checking = platform.clone();
            let (design, prepared) = beside(move || checking.check(&document)).await??;
            platform.0.store.save(&design.id, &design.document).await?;
            let hosted = beside(|| prepared.serve()).await?;
            platform.forget_problem(&design.id);
            platform.swap(|servers| servers.insert(design.id.clone(), hosted));
            drop(writing);
            Ok(design)
        })
        .await
    }

    fn check(&self, document: &Value) -> Result<(Arc<ServerDesign>, Prepared), PlatformError> {
        if document.to_string().len() > MAX_DOCUMENT_BYTES {
            let reason = format!("the document has more than {MAX_DOCUMENT_BYTES} bytes");
            return Err(fault("", &reason));
        }
        let design = Arc::new(ServerDesign::parse(document)?);
        let before = self.hosted(&design.id);
        let prepared = Hosted::prepare(before.as_ref(), &design, &self.0.followers)?;
        Ok((design, prepared))
    }
}

/// Does what may take seconds, beside the threads that answer requests.
async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, PlatformError> {
    spawn_blocking(work).await.map_err(unfinished)
}

/// Runs a change as a task, so that it ends even when nobody waits for it.
async fn to_its_end<T: Send + 'static>(
    change: impl Future<Output = Result<T, PlatformError>> + Send + 'static,
) -> Result<T, PlatformError> {
    tokio::spawn(change).await.map_err(unfinished)?
}

fn unfinished(error: tokio::task::JoinError) -> PlatformError {
    StoreError::new(error.to_string()).into()
}

fn members(document: &mut Value) -> Result<&mut Map<String, Value>, PlatformError> {
    let members = document.as_object_mut();
    members.ok_or_else(|| fault("", "expected an object"))
}

fn fault(path: &str, reason: &str) -> PlatformError {
    PlatformError::Invalid(DesignFaults(vec![DesignFault {
        path: path.to_owned(),
        reason: reason.to_owned(),
    }]))
}
