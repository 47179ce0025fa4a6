//! Calls as they happen, for one client at a time.

use super::{Platform, PlatformError};
use crate::calls::{CallLog, CallRecord, Follower, MAX_FOLLOWERS, Scope};
use std::sync::Arc;

impl Platform {
    /// The calls of one server, or of all of them, as events; those after an event that the client
    /// has seen come first.
    ///
    /// # Errors
    /// When there is no such server, or too many follow already.
    pub(crate) fn follow(
        &self,
        server: Option<&str>,
        last_event_id: Option<&str>,
    ) -> Result<Follower, PlatformError> {
        let scope = match server {
            None => Scope::All(self.clone()),
            Some(id) => {
                let hosted = self.hosted(id).ok_or(PlatformError::NotFound)?;
                Scope::One(hosted.calls().clone())
            }
        };
        let follower = Follower::new(scope, &self.0.followers, last_event_id);
        follower.ok_or_else(|| {
            let reason = format!("{MAX_FOLLOWERS} follow calls already");
            PlatformError::Busy(reason)
        })
    }

    /// The last calls of a server, oldest first, and the id of the event that told of the last one.
    ///
    /// # Errors
    /// When there is no such server.
    pub(crate) fn calls_and_id(
        &self,
        id: &str,
    ) -> Result<(Vec<Arc<CallRecord>>, String), PlatformError> {
        let hosted = self.hosted(id).ok_or(PlatformError::NotFound)?;
        Ok(hosted.calls().all_and_id())
    }

    /// The logs of all servers.
    pub(crate) fn logs(&self) -> Vec<Arc<CallLog>> {
        let servers = self.0.servers.load();
        let hosted = servers.values();
        hosted.map(|hosted| hosted.calls().clone()).collect()
    }
}
