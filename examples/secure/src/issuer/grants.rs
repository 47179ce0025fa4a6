//! What users have agreed to, as long as it lasts.

use super::{
    error::OAuthError,
    rows::Rows,
    secret::{Digest, name, secret},
};
use mcp_tower::core::Scopes;
use std::sync::Arc;
use tokio::sync::watch;

/// One agreement: this client may do this, in this name, at this resource.
#[derive(Clone)]
pub(super) struct Grant {
    pub(super) id: Arc<str>,
    pub(super) client: Arc<str>,
    pub(super) subject: Arc<str>,
    pub(super) scopes: Scopes,
    pub(super) resource: Arc<str>,
}

struct Row {
    grant: Grant,
    /// The one refresh token that is good; every earlier one has been used.
    refresh: Option<Digest>,
    /// Dropped with the row: whoever watches learns that the grant has ended.
    alive: watch::Sender<()>,
}

/// What becomes of a refresh token.
enum Refreshed<T> {
    /// It names no grant of this client.
    NotTheirs,
    /// It was good before.
    Reused,
    Asked(Result<(T, Grant), OAuthError>),
}

/// All agreements that last.
///
/// A refresh token is the name of its grant and a secret, so that a used one is recognized without
/// being remembered: its grant lives, and its secret is not the one.
pub(super) struct Grants(Rows<Row>);

/// How long a grant lasts that can be refreshed, in seconds, from its last refresh.
const REFRESHABLE: u64 = 30 * 86_400;

impl Grants {
    pub(super) fn new(most: usize) -> Self {
        Self(Rows::new(most))
    }

    /// Keeps a grant, and makes its first refresh token if it is to have one.
    pub(super) fn open(
        &self,
        grant: Grant,
        may_refresh: bool,
        now: u64,
        token_time: u64,
    ) -> Result<Option<String>, OAuthError> {
        let id = grant.id.to_string();
        let token = may_refresh.then(secret).transpose()?;
        let row = Row {
            grant,
            refresh: token.as_deref().map(Digest::of),
            alive: watch::channel(()).0,
        };
        let lasts = if may_refresh { REFRESHABLE } else { token_time };
        self.0.insert(id.clone(), row, now, now + lasts)?;
        Ok(token.map(|token| format!("{id}.{token}")))
    }

    /// Replaces a refresh token, if what is asked for with it is granted. One that was used before
    /// has been stolen, or its thief was here first: the grant ends for both.
    pub(super) fn refresh<T>(
        &self,
        token: &str,
        client: &str,
        now: u64,
        granted: impl FnOnce(&Grant) -> Result<T, OAuthError>,
    ) -> Result<(T, Grant, String), OAuthError> {
        let refused = || OAuthError::grant("the refresh token is not good, or no longer");
        let (id, sent) = token.split_once('.').ok_or_else(refused)?;
        let fresh = secret()?;
        let refreshed = self.0.with(id, now, |row| {
            if &*row.grant.client != client {
                return Refreshed::NotTheirs;
            }
            if row.refresh != Some(Digest::of(sent)) {
                return Refreshed::Reused;
            }
            let granted = granted(&row.grant);
            if granted.is_ok() {
                row.refresh = Some(Digest::of(&fresh));
            }
            Refreshed::Asked(granted.map(|granted| (granted, row.grant.clone())))
        });
        match refreshed.unwrap_or(Refreshed::NotTheirs) {
            Refreshed::Asked(granted) => {
                let (granted, grant) = granted?;
                self.0.keep_until(id, now + REFRESHABLE);
                Ok((granted, grant, format!("{id}.{fresh}")))
            }
            Refreshed::Reused => {
                tracing::warn!(client, "a refresh token was used twice; its grant ends");
                self.end(id, now);
                Err(refused())
            }
            Refreshed::NotTheirs => Err(refused()),
        }
    }

    /// Ends a grant: its refresh token, and every access token that came from it.
    pub(super) fn end(&self, id: &str, now: u64) {
        self.0.take(id, now);
    }

    /// Ends a grant if it belongs to this client.
    pub(super) fn end_of(&self, id: &str, client: &str, now: u64) {
        if self.0.with(id, now, |row| &*row.grant.client == client) == Some(true) {
            self.end(id, now);
        }
    }

    /// Something that ends when the grant does; none if it has ended.
    pub(super) fn watch(&self, id: &str, now: u64) -> Option<watch::Receiver<()>> {
        self.0.with(id, now, |row| row.alive.subscribe())
    }
}

/// A name for a new grant.
pub(super) fn name_grant() -> Result<Arc<str>, OAuthError> {
    Ok(name()?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(grants: &Grants) -> String {
        let grant = Grant {
            id: "g".into(),
            client: "c".into(),
            subject: "ada".into(),
            scopes: Scopes::none(),
            resource: "https://localhost/mcp".into(),
        };
        grants.open(grant, true, 0, 60).unwrap().unwrap()
    }

    /// Refreshes, and asks for nothing special.
    fn refresh(grants: &Grants, token: &str, client: &str, now: u64) -> Result<String, OAuthError> {
        let refreshed = grants.refresh(token, client, now, |_| Ok(()));
        refreshed.map(|(_, _, token)| token)
    }

    #[test]
    fn a_used_refresh_token_ends_its_grant() {
        let grants = Grants::new(10);
        let first = open(&grants);
        let alive = grants.watch("g", 1).unwrap();
        let second = refresh(&grants, &first, "c", 1).unwrap();
        assert!(alive.has_changed().is_ok());
        assert!(refresh(&grants, &first, "c", 2).is_err());
        assert!(alive.has_changed().is_err(), "whoever watches is told");
        assert!(refresh(&grants, &second, "c", 3).is_err());
        assert!(grants.watch("g", 3).is_none());
    }

    #[test]
    fn another_client_neither_refreshes_nor_ends_it() {
        let grants = Grants::new(10);
        let token = open(&grants);
        assert!(refresh(&grants, &token, "thief", 1).is_err());
        grants.end_of("g", "thief", 1);
        assert!(refresh(&grants, &token, "c", 1).is_ok());
    }

    #[test]
    fn a_grant_lasts_from_its_last_refresh() {
        let grants = Grants::new(10);
        let token = open(&grants);
        let token = refresh(&grants, &token, "c", REFRESHABLE - 1).unwrap();
        assert!(refresh(&grants, &token, "c", REFRESHABLE + 5).is_ok());
    }
}
