use super::{Identity, Token, TokenError, TokenValidator};
use mcp_core::BoxFuture;
use ring::digest::{SHA256, digest};
use std::{fmt, hint::black_box, sync::Arc};

/// Keys that were handed out by hand, known here by their SHA-256 digests only.
///
/// A key has to be long and random (32 random bytes, say): a digest hides no password. Make one,
/// and what belongs into the configuration, with
///
/// ```sh
/// key=$(openssl rand -hex 32); printf %s "$key" | sha256sum
/// ```
///
/// A presented key is compared with every digest in constant time; so this is meant for tens or
/// hundreds of keys, not for millions.
#[derive(Clone, Default)]
pub struct ApiKeys {
    keys: Arc<Vec<([u8; 32], Identity)>>,
}

/// A digest that is not 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidDigest;

impl ApiKeys {
    /// No keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the key with this SHA-256 digest, in hexadecimal, and whom it speaks for.
    ///
    /// ```
    /// use mcp_tower::{Principal, auth::{ApiKeys, Identity}};
    ///
    /// let identity = Identity::new(Principal::new("api-keys", "nightly-build"))
    ///     .with_scopes("notes:read".parse()?);
    /// let digest = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
    /// let keys = ApiKeys::new().with_key(digest, identity)?;
    /// # let _ = keys;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When the text is no such digest.
    pub fn with_key(mut self, digest: &str, identity: Identity) -> Result<Self, InvalidDigest> {
        let digest = parse_digest(digest).ok_or(InvalidDigest)?;
        Arc::make_mut(&mut self.keys).push((digest, identity));
        Ok(self)
    }

    fn find(&self, token: Token<'_>) -> Option<&Identity> {
        let presented = digest(&SHA256, token.expose().as_bytes());
        let mut found = None;
        // To the end always: how long it takes says nothing about which one it was.
        for (known, identity) in self.keys.iter() {
            if same(known, presented.as_ref()) {
                found = Some(identity);
            }
        }
        found
    }
}

fn same(one: &[u8], other: &[u8]) -> bool {
    let pairs = one.iter().zip(other);
    let difference = pairs.fold(0, |difference, (a, b)| black_box(difference | (a ^ b)));
    one.len() == other.len() && difference == 0
}

fn parse_digest(text: &str) -> Option<[u8; 32]> {
    let text = text.as_bytes();
    if text.len() != 64 {
        return None;
    }
    let nibble = |byte: u8| char::from(byte).to_digit(16);
    let mut digest = [0; 32];
    for (byte, pair) in digest.iter_mut().zip(text.chunks_exact(2)) {
        *byte = u8::try_from(nibble(pair[0])? << 4 | nibble(pair[1])?).ok()?;
    }
    Some(digest)
}

impl TokenValidator for ApiKeys {
    fn validate<'a>(&'a self, token: Token<'a>) -> BoxFuture<'a, Result<Identity, TokenError>> {
        let found = self.find(token).cloned();
        Box::pin(async move { found.ok_or(TokenError::invalid("the key is unknown")) })
    }
}

impl fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKeys")
            .field("keys", &self.keys.len())
            .finish()
    }
}

impl fmt::Display for InvalidDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a digest is 64 hexadecimal digits")
    }
}

impl std::error::Error for InvalidDigest {}

#[cfg(test)]
mod tests {
    use super::*;
    use mcp_core::Principal;

    /// Of `foo`.
    const FOO: &str = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";

    fn identity(subject: &str) -> Identity {
        Identity::new(Principal::new("api-keys", subject))
    }

    #[test]
    fn a_key_is_found_by_its_digest_and_only_so() {
        let zeros = "0".repeat(64);
        let keys = ApiKeys::new().with_key(&zeros, identity("nobody")).unwrap();
        let keys = keys.with_key(&FOO.to_uppercase(), identity("foo")).unwrap();
        let keys = keys.with_key(&"f".repeat(64), identity("last")).unwrap();
        let found = keys.find(Token::new("foo")).unwrap();
        assert_eq!(found.principal().subject(), Some("foo"));
        for wrong in ["fo", "fooo", "Foo", "", FOO] {
            assert!(keys.find(Token::new(wrong)).is_none(), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_digest_is_refused() {
        let odd = format!("{}g", &FOO[1..]);
        let signed = format!("+{}", &FOO[1..]);
        for text in ["", "foo", &FOO[1..], &odd, &signed, &"é".repeat(32)] {
            assert!(
                ApiKeys::new().with_key(text, identity("x")).is_err(),
                "{text}"
            );
        }
    }
}
