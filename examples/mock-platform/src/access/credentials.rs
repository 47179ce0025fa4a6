//! Credentials that are made here, and shown once.

use super::{Digest, PublicUrl, secret};
use crate::{
    design::AuthDesign,
    platform::{Platform, PlatformError},
};
use serde_json::{Value, json};

/// How callers of a server say who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Bearer,
    Basic,
    OAuth2,
}

/// What whoever asked for it is told, and nobody else.
pub(crate) struct Credentials {
    kind: Kind,
    /// A user or a client; none, for a token.
    name: String,
    secret: String,
}

impl Kind {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Bearer, Self::Basic, Self::OAuth2]
            .into_iter()
            .find(|kind| kind.name() == text)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
            Self::Basic => "basic",
            Self::OAuth2 => "oauth2",
        }
    }

    /// What a design has, and whom it names.
    fn of(auth: &AuthDesign) -> Option<(Self, &str)> {
        match auth {
            AuthDesign::None => None,
            AuthDesign::Bearer { .. } => Some((Self::Bearer, "")),
            AuthDesign::Basic { username, .. } => Some((Self::Basic, username)),
            AuthDesign::OAuth2 { client_id, .. } => Some((Self::OAuth2, client_id)),
        }
    }
}

impl Credentials {
    /// Gives a server this secret, for the kind of credentials that it has if nothing else is said.
    /// What it had before is good no more. A name that is there stays.
    ///
    /// # Errors
    /// When there is no such server, or no kind.
    pub(crate) async fn make(
        platform: &Platform,
        id: &str,
        wanted: Option<Kind>,
        secret: String,
    ) -> Result<Self, PlatformError> {
        let design = platform
            .edit(id, |document| {
                let auth = renewed(document.get("auth"), wanted, &secret)?;
                document["auth"] = auth;
                Ok(())
            })
            .await?;
        let (kind, name) = Kind::of(&design.auth).ok_or_else(none)?;
        Ok(Self {
            kind,
            name: name.to_owned(),
            secret,
        })
    }

    /// As they are told.
    pub(crate) fn tell(&self, id: &str, at: &PublicUrl) -> Value {
        let (name, secret) = (&self.name, &self.secret);
        let kind = self.kind.name();
        match self.kind {
            Kind::Bearer => json!({"type": kind, "token": secret}),
            Kind::Basic => json!({"type": kind, "username": name, "password": secret}),
            Kind::OAuth2 => json!({
                "type": kind, "client_id": name, "client_secret": secret,
                "token_url": at.token_url(id),
            }),
        }
    }
}

/// The `auth` of a document with a secret that nobody knows: who is let in by one server is not let in by
/// its copy.
///
/// # Errors
/// When there is no randomness.
pub(crate) fn closed(auth: &Value) -> Result<Value, PlatformError> {
    if !auth.is_object() {
        return Ok(auth.clone());
    }
    let unknown = secret().map_err(|error| PlatformError::Busy(error.to_string()))?;
    renewed(Some(auth), None, &unknown)
}

/// The `auth` of a document with another secret.
fn renewed(
    auth: Option<&Value>,
    wanted: Option<Kind>,
    secret: &str,
) -> Result<Value, PlatformError> {
    let member = |name| auth.and_then(|auth| auth.get(name)?.as_str());
    let known = member("type").and_then(Kind::parse);
    let kind = wanted.or(known).ok_or_else(none)?;
    let digest = Digest::of(secret).to_string();
    let made_up = || uuid::Uuid::new_v4().simple().to_string();
    let name = |member_name| member(member_name).map_or_else(made_up, str::to_owned);
    Ok(match kind {
        Kind::Bearer => json!({"type": "bearer", "token_sha256": digest}),
        Kind::Basic => json!({
            "type": "basic", "username": name("username"), "password_sha256": digest,
        }),
        Kind::OAuth2 => json!({
            "type": "oauth2", "client_id": name("client_id"), "client_secret_sha256": digest,
        }),
    })
}

fn none() -> PlatformError {
    let reason = "the server is open to everybody: say which `type` of credentials it is to want";
    PlatformError::Conflict(reason.to_owned())
}
