//! The people of the development issuer: names to choose from, without passwords.

use mcp_tower::core::Scopes;

/// Somebody who may agree to what a client asks for.
#[derive(Debug)]
pub(super) struct User {
    pub(super) name: &'static str,
    /// What this person may grant.
    scopes: &'static [&'static str],
}

/// The first one is whoever agrees when nobody is asked.
pub(super) const USERS: [User; 3] = [
    User {
        name: "ada",
        scopes: &["notes:read", "notes:write", "admin"],
    },
    User {
        name: "grace",
        scopes: &["notes:read", "notes:write"],
    },
    User {
        name: "guest",
        scopes: &["notes:read"],
    },
];

/// Every scope there is.
pub(super) const SCOPES: [&str; 3] = ["notes:read", "notes:write", "admin"];

/// What a client gets that does not say what it wants.
pub(crate) const DEFAULT_SCOPE: &str = "notes:read";

impl User {
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        USERS.iter().find(|user| user.name == name)
    }

    /// What this person grants of what is asked for.
    pub(super) fn grants(&self, asked: &Scopes) -> Scopes {
        asked
            .iter()
            .filter(|scope| self.scopes.contains(scope))
            .collect()
    }
}

/// The scopes of a request that exist. Clients may ask for more than we know, such as
/// `offline_access`; only asking for nothing we know is an error.
pub(super) fn known(asked: Option<&str>) -> Option<Scopes> {
    let asked = Scopes::parse(asked.unwrap_or(DEFAULT_SCOPE)).ok()?;
    let known: Scopes = asked
        .iter()
        .filter(|scope| SCOPES.contains(scope))
        .collect();
    (!known.is_empty()).then_some(known)
}
