//! Names of what a caller may do, as OAuth spells them.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{fmt, str::FromStr, sync::Arc};

/// A set of scopes: what a caller was granted, or what an operation needs.
///
/// Whichever outer layer authenticates a request puts the granted ones into `http::Extensions`;
/// without them the caller holds none. Order and repetition mean nothing: the names are sorted,
/// and equal sets are equal values. A clone shares them.
///
/// ```
/// use mcp_core::Scopes;
///
/// let granted = Scopes::parse("notes:write notes:read")?;
/// assert!(granted.contains("notes:read"));
/// assert!(granted.contains_all(&Scopes::parse("notes:write")?));
/// assert_eq!(granted.to_string(), "notes:read notes:write");
/// # Ok::<(), mcp_core::InvalidScope>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Scopes(
    /// The names, sorted, with one space between them; never empty text.
    Option<Arc<str>>,
);

/// Text that holds something that is no scope.
///
/// The text itself is not repeated: it may have come from a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidScope;

impl Scopes {
    /// No scopes.
    pub const fn none() -> Self {
        Self(None)
    }

    /// Reads scopes with spaces between them, as in the `scope` of a token (RFC 6749 §3.3).
    ///
    /// Empty text and repeated spaces are accepted.
    ///
    /// # Errors
    /// When a name holds anything but visible ASCII without `"` and `\`.
    pub fn parse(text: &str) -> Result<Self, InvalidScope> {
        let names: Vec<_> = text.split(' ').filter(|name| !name.is_empty()).collect();
        if names.iter().all(|name| is_scope(name)) {
            Ok(Self::sorted(names))
        } else {
            Err(InvalidScope)
        }
    }

    fn sorted(mut names: Vec<&str>) -> Self {
        names.sort_unstable();
        names.dedup();
        Self((!names.is_empty()).then(|| names.join(" ").into()))
    }

    /// These and others.
    #[must_use]
    pub fn with(&self, others: &Self) -> Self {
        match (&self.0, &others.0) {
            (_, None) => self.clone(),
            (None, _) => others.clone(),
            _ => Self::sorted(self.iter().chain(others.iter()).collect()),
        }
    }

    /// The names, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.as_deref().into_iter().flat_map(|all| all.split(' '))
    }

    /// Whether a scope is among them.
    pub fn contains(&self, scope: &str) -> bool {
        self.iter().any(|name| name == scope)
    }

    /// Whether all of the others are among them.
    pub fn contains_all(&self, others: &Self) -> bool {
        others.iter().all(|name| self.contains(name))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

/// `scope-token` of RFC 6749 §3.3.
fn is_scope(name: &str) -> bool {
    let allowed = |byte| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
    !name.is_empty() && name.bytes().all(allowed)
}

/// Collects what a caller holds. Names that are no scopes are left out: nothing can need them.
impl<S: AsRef<str>> FromIterator<S> for Scopes {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        let names: Vec<S> = names.into_iter().collect();
        let names = names.iter().map(AsRef::as_ref);
        Self::sorted(names.filter(|name| is_scope(name)).collect())
    }
}

impl FromStr for Scopes {
    type Err = InvalidScope;

    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        Self::parse(text)
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_deref().unwrap_or_default())
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(D::Error::custom)
    }
}

impl fmt::Display for InvalidScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a scope: visible ASCII without quotes and backslashes is allowed")
    }
}

impl std::error::Error for InvalidScope {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_repetition_and_spaces_mean_nothing() {
        let one = Scopes::parse("b a  b ").unwrap();
        assert_eq!(one, ["a", "b"].into_iter().collect());
        assert_eq!(one.to_string(), "a b");
        assert_eq!(Scopes::parse("  ").unwrap(), Scopes::none());
    }

    #[test]
    fn what_is_no_scope_is_refused_or_left_out() {
        for text in ["a\"b", "a\\b", "a\tb", "é", "a\nb", "\u{7f}"] {
            assert_eq!(Scopes::parse(text), Err(InvalidScope), "{text:?}");
            assert_eq!(Scopes::from_iter([text]), Scopes::none(), "{text:?}");
        }
        let spaced = Scopes::from_iter(["admin notes", "", "notes"]);
        assert_eq!(spaced.to_string(), "notes");
    }

    #[test]
    fn a_part_of_a_name_is_not_held() {
        let held = Scopes::parse("notes:read").unwrap();
        assert!(!held.contains("notes"));
        assert!(!held.contains(""));
        assert!(!held.contains_all(&Scopes::parse("notes:read notes").unwrap()));
        assert!(Scopes::none().contains_all(&Scopes::none()));
    }

    #[test]
    fn they_travel_as_text() {
        let scopes = Scopes::parse("b a").unwrap();
        let text = serde_json::to_string(&scopes).unwrap();
        assert_eq!(text, r#""a b""#);
        assert_eq!(serde_json::from_str::<Scopes>(&text).unwrap(), scopes);
        assert!(serde_json::from_str::<Scopes>(r#""\"""#).is_err());
    }
}
