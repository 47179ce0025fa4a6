//! Who may call a server: its access rules, as its design has them.
//!
//! | `auth` of a design | a caller sends |
//! |---|---|
//! | `bearer` | a token, as `Authorization: Bearer` |
//! | `basic` | a user and a password, as `Authorization: Basic` |
//! | `oauth2` | a token from `POST /api/platform/{id}/oauth/token`, good for an hour |
//!
//! [`POST /api/admin/servers/{id}/credentials`](crate::admin) makes new secrets and shows them once;
//! what is stored are digests. From then on the old ones are worth nothing, and neither are tokens
//! that they were good for. Tokens live in memory: after a restart clients get new ones, which the
//! official ones do by themselves.

mod credentials;
mod oauth;
mod pair;
mod public_url;
mod rules;
mod secret;

pub use oauth::{FORM_TIME, MAX_FORM_BYTES, MAX_TOKENS};
pub use public_url::{InvalidPublicUrl, PublicUrl};

pub(crate) use credentials::{Credentials, Kind, closed};
pub(crate) use oauth::routes;
pub(crate) use rules::AccessRules;
pub(crate) use secret::{Digest, secret};
