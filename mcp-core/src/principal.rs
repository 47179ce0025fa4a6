//! Who calls, and through which mount: part of every key.

use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};

/// Who makes a request: nobody in particular, or a subject vouched for by an issuer.
///
/// An outer layer puts one into `http::Extensions`; without one the caller is
/// [`Anonymous`](Self::Anonymous). Whatever is kept for later (a session, a cursor, a
/// subscription) is kept for a principal and found by nobody else.
///
/// ```
/// use mcp_core::Principal;
///
/// let ada = Principal::new("https://login.example.com", "ada");
/// assert_ne!(ada, Principal::Anonymous);
/// assert_ne!(ada, Principal::new("https://other.example.com", "ada"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Principal {
    /// Nobody was authenticated.
    #[default]
    Anonymous,
    /// Somebody was.
    Subject(Subject),
}

/// Issuer and subject: together they name one caller.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Subject {
    issuer: Arc<str>,
    name: Arc<str>,
}

impl Principal {
    /// The `subject` that `issuer` vouches for.
    pub fn new(issuer: impl Into<Arc<str>>, subject: impl Into<Arc<str>>) -> Self {
        Self::Subject(Subject {
            issuer: issuer.into(),
            name: subject.into(),
        })
    }

    /// The issuer, unless anonymous.
    pub fn issuer(&self) -> Option<&str> {
        match self {
            Self::Anonymous => None,
            Self::Subject(subject) => Some(&subject.issuer),
        }
    }

    /// The subject, unless anonymous.
    pub fn subject(&self) -> Option<&str> {
        match self {
            Self::Anonymous => None,
            Self::Subject(subject) => Some(&subject.name),
        }
    }
}

/// The stable name of the place where a server is mounted; like the principal, part of every key.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mount(Option<Arc<str>>);

impl Mount {
    /// A mount with this name.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(Some(name.into()))
    }

    /// The mount of a process that has only one.
    pub const fn unnamed() -> Self {
        Self(None)
    }

    /// The name; empty for the unnamed mount.
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }
}

impl fmt::Debug for Mount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
