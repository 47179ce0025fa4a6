use http::Extensions;
use mcp_core::{Principal, Scopes};
use serde_json::{Map, Value};
use std::{fmt, sync::Arc, time::SystemTime};

/// Who a token speaks for, and what for.
///
/// After a request was let in, its `http::Extensions` hold the identity, and beside it the
/// [`Principal`] and the [`Scopes`]. A handler asks for what it needs:
///
/// ```
/// use mcp_tower::{Extension, auth::Identity, mcp_tool};
///
/// #[mcp_tool]
/// async fn whoami(Extension(identity): Extension<Identity>) -> String {
///     let name = identity.claim("name").and_then(|name| name.as_str());
///     format!("{} with {}", name.unwrap_or("somebody"), identity.scopes())
/// }
/// ```
///
/// `Debug` shows no claims: they may hold anything.
#[derive(Clone)]
pub struct Identity {
    principal: Principal,
    scopes: Scopes,
    expires_at: Option<SystemTime>,
    claims: Arc<Map<String, Value>>,
    extensions: Extensions,
    /// What takes the extensions away again.
    forget: Vec<fn(&mut Extensions)>,
}

impl Identity {
    /// A caller that was granted nothing yet.
    pub fn new(principal: Principal) -> Self {
        Self {
            principal,
            scopes: Scopes::none(),
            expires_at: None,
            claims: Arc::default(),
            extensions: Extensions::new(),
            forget: Vec::new(),
        }
    }

    /// What the caller was granted.
    #[must_use]
    pub fn with_scopes(mut self, scopes: Scopes) -> Self {
        self.scopes = scopes;
        self
    }

    /// Until when the token is good. This informs handlers; it is the validator that refuses what
    /// has expired.
    #[must_use]
    pub fn with_expiry(mut self, at: SystemTime) -> Self {
        self.expires_at = Some(at);
        self
    }

    /// What else the token says.
    #[must_use]
    pub fn with_claims(mut self, claims: Map<String, Value>) -> Self {
        self.claims = Arc::new(claims);
        self
    }

    /// A value of the application's own, for example its user; handlers get it with
    /// `Extension<T>`. It goes with the identity: where two `Auth`s let a request in, one after the
    /// other, it is gone when the second one has found somebody.
    #[must_use]
    pub fn with_extension<T: Clone + Send + Sync + 'static>(mut self, value: T) -> Self {
        if self.extensions.insert(value).is_none() {
            self.forget
                .push(|extensions| drop(extensions.remove::<T>()));
        }
        self
    }

    /// Issuer and subject.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// What the caller was granted, with everything that it implies.
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// Until when the token is good, if that is known.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }

    /// One claim of the token.
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }

    /// All claims of the token; none for tokens that are no claims.
    pub fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// Puts everything where handlers look for it, in the place of what another identity has put there.
    pub(super) fn enter(mut self, extensions: &mut Extensions) {
        if let Some(former) = extensions.remove::<Self>() {
            former.forget.iter().for_each(|forget| forget(extensions));
        }
        extensions.extend(std::mem::take(&mut self.extensions));
        extensions.insert(self.principal.clone());
        extensions.insert(self.scopes.clone());
        extensions.insert(self);
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("principal", &self.principal)
            .field("scopes", &self.scopes)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    struct User(&'static str);

    #[derive(Clone, Debug, PartialEq)]
    struct Plan(&'static str);

    #[test]
    fn nothing_of_another_identity_is_left() {
        let identity = |subject| Identity::new(Principal::new("tests", subject));
        let mut extensions = Extensions::new();
        extensions.insert("a layer's own");
        let outer = identity("everybody").with_extension(User("first"));
        let outer = outer.with_extension(User("everybody"));
        outer.with_extension(Plan("free")).enter(&mut extensions);
        assert_eq!(extensions.get(), Some(&User("everybody")));
        let inner = identity("ada").with_extension(Plan("paid"));
        inner.enter(&mut extensions);
        assert_eq!(extensions.get::<User>(), None);
        assert_eq!(extensions.get(), Some(&Plan("paid")));
        assert_eq!(extensions.get(), Some(&"a layer's own"));
        let found = extensions.get::<Principal>().map(Principal::subject);
        assert_eq!(found, Some(Some("ada")));
        identity("eve").enter(&mut extensions);
        assert_eq!(extensions.get::<Plan>(), None);
    }
}
