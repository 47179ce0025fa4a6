//! A development authorization server: OAuth 2.1 as MCP clients use it, in memory, for people who
//! need no password. It shows what a real one does; it is none.
//!
//! ```text
//! GET /.well-known/oauth-authorization-server   metadata.rs    who we are (RFC 8414)
//! POST /register                                register.rs    a client tells its name (RFC 7591)
//! GET, POST /authorize                          authorize.rs   a user agrees (consent.rs): a code
//! POST /token                                   token.rs       the code becomes tokens (grants.rs)
//! GET /jwks.json                                keys.rs        what the tokens are signed with
//! POST /revoke                                  revoke.rs      a grant ends (RFC 7009)
//! ```
//!
//! Everything it remembers has a bound and an end (`rows.rs`).

mod authorize;
mod clients;
mod consent;
mod documents;
mod error;
mod grants;
mod keys;
mod manners;
mod metadata;
mod pkce;
mod redirect_uri;
mod register;
mod revoke;
mod rows;
mod secret;
mod token;
mod users;

pub use documents::DocumentHosts;
pub(crate) use revoke::grant_of;
pub(crate) use users::DEFAULT_SCOPE;

use crate::{Clock, Rates};
use authorize::{Asked, Code};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::from_fn,
    routing::{get, post},
};
use clients::{Client, Clients};
use documents::Documents;
use error::OAuthError;
use grants::Grants;
use keys::Keys;
use rows::Rows;
use serde_json::Value;
use std::{fmt, io, sync::Arc, time::Duration};
use tokio::sync::watch;

/// The authorization server. A clone is the same one.
#[derive(Clone)]
pub struct Issuer(Arc<Inner>);

struct Inner {
    url: String,
    resources: Vec<Arc<str>>,
    consent: Consent,
    /// Seconds that an access token lasts.
    token_time: u64,
    clock: Clock,
    clients: Clients,
    documents: Option<Documents>,
    /// Requests that a user is looking at.
    asked: Rows<Asked>,
    codes: Rows<Code>,
    grants: Grants,
    keys: Keys,
    rates: Rates,
}

/// How a user agrees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Consent {
    /// On a page.
    #[default]
    Page,
    /// Always and unasked, as `ada` or whom `login_hint` names. Whoever reaches the server can then
    /// get a token: for tests alone.
    Automatic,
}

/// What an issuer is made of.
#[derive(Clone, Debug)]
pub(crate) struct IssuerOptions {
    /// Its URL, without a slash at the end.
    pub(crate) url: String,
    /// The resources it makes tokens for.
    pub(crate) resources: Vec<String>,
    pub(crate) consent: Consent,
    /// How long access tokens last.
    pub(crate) token_time: Duration,
    pub(crate) clock: Clock,
    /// Id and secret of the service that reads notes in its own name.
    pub(crate) service: Option<(String, String)>,
    /// Whose documents describe clients.
    pub(crate) documents: Option<DocumentHosts>,
    pub(crate) rates: Rates,
}

/// The largest body of a request, in bytes.
const BODY: usize = 16 * 1024;
/// Seconds after which a new key signs.
const ROTATE_AFTER: u64 = 86_400;
/// Seconds that an old key is published beyond the life of its last token, for clocks that differ.
const SKEW: u64 = 300;
const MOST_CLIENTS: usize = 1_000;
const MOST_ASKED: usize = 1_000;
const MOST_CODES: usize = 1_000;
const MOST_GRANTS: usize = 10_000;

impl Issuer {
    pub(crate) fn new(options: IssuerOptions) -> io::Result<Self> {
        let token_time = options.token_time.as_secs();
        let keys = Keys::new(options.clock.now(), ROTATE_AFTER, token_time + SKEW);
        let service = options
            .service
            .map(|(id, secret)| Client::service(&id, &secret));
        Ok(Self(Arc::new(Inner {
            url: options.url,
            resources: options.resources.into_iter().map(Arc::from).collect(),
            consent: options.consent,
            token_time,
            clock: options.clock,
            clients: Clients::new(MOST_CLIENTS, service),
            documents: options.documents.map(Documents::new),
            asked: Rows::new(MOST_ASKED),
            codes: Rows::new(MOST_CODES),
            grants: Grants::new(MOST_GRANTS),
            keys: keys.map_err(|error| io::Error::other(error.description))?,
            rates: options.rates,
        })))
    }

    /// The endpoints.
    pub(crate) fn routes(&self) -> Router {
        // Each endpoint counts for itself.
        let limit = || self.0.rates.issuer(&self.0.clock);
        let public = Router::new()
            .route(
                "/.well-known/oauth-authorization-server",
                get(metadata::metadata),
            )
            .route("/.well-known/openid-configuration", get(metadata::metadata))
            .route("/jwks.json", get(metadata::keys))
            .route("/register", post(register::register).layer(limit()))
            .route("/token", post(token::token).layer(limit()))
            .route("/revoke", post(revoke::revoke))
            .route_layer(from_fn(manners::readable_anywhere));
        Router::new()
            .route(
                "/authorize",
                get(authorize::authorize)
                    .post(consent::decide)
                    .layer(limit()),
            )
            .merge(public)
            .layer(DefaultBodyLimit::max(BODY))
            .layer(from_fn(manners::in_time))
            .with_state(self.clone())
    }

    /// Its URL, which tokens name as their issuer.
    pub fn url(&self) -> &str {
        &self.0.url
    }

    /// The public keys that access tokens are signed with, as a JSON Web Key Set.
    pub fn key_set(&self) -> Value {
        self.0.keys.document(self.now())
    }

    /// Signs with a new key from now on. Older tokens stay good.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn rotate_keys(&self) -> io::Result<()> {
        let rotated = self.0.keys.rotate(self.now());
        rotated.map_err(|error| io::Error::other(error.description))
    }

    /// Something that ends with the grant of an access token; none if the grant has ended.
    pub(crate) fn watch(&self, grant: &str) -> Option<watch::Receiver<()>> {
        self.0.grants.watch(grant, self.now())
    }

    fn now(&self) -> u64 {
        self.0.clock.now()
    }

    /// The resource that a client names (RFC 8707). It has to: a token without an audience would
    /// be good anywhere.
    fn resource(&self, named: Option<&str>) -> Result<Arc<str>, OAuthError> {
        let known = self.0.resources.iter().find(|uri| Some(&***uri) == named);
        known.cloned().ok_or_else(OAuthError::target)
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer")
            .field("url", &self.0.url)
            .finish_non_exhaustive()
    }
}
