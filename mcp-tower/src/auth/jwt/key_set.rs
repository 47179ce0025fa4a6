use super::{Algorithm, token::Compact};
use jsonwebtoken::{
    AlgorithmFamily, DecodingKey, DecodingKeyKind,
    crypto::{JwtVerifier, rust_crypto},
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse},
};
use mcp_core::BoxError;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::{fmt, ops::RangeInclusive};

/// The most keys that a set may have.
const MAX_KEYS: usize = 100;
/// The most keys that one token is tried with.
const MAX_TRIED: usize = 4;
/// The bits that the modulus of an RSA key has. Fewer are forbidden (RFC 7518, section 3.3), and
/// `rsa` verifies with no more.
const RSA_BITS: RangeInclusive<usize> = 2048..=4096;

/// Public keys that verify tokens: a JSON Web Key Set (RFC 7517).
///
/// ```
/// use mcp_tower::auth::KeySet;
///
/// let set = KeySet::parse(br#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "1",
///     "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#)?;
/// assert_eq!(set.len(), 1);
/// # Ok::<(), mcp_tower::auth::InvalidKeySet>(())
/// ```
#[derive(Clone)]
pub struct KeySet {
    keys: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    id: Option<String>,
    /// What it may verify; never nothing.
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

/// A key set that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidKeySet(&'static str);

#[derive(Deserialize)]
struct RawSet<'a> {
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

impl KeySet {
    /// Reads a set. Keys that do not verify signatures, or in a way that is not known here, are
    /// left out, as RFC 7517 has it; shared secrets too, and RSA keys of less than 2048 bits or
    /// more than 4096.
    ///
    /// # Errors
    /// When it is no key set, or has more than 100 keys.
    pub fn parse(json: &[u8]) -> Result<Self, InvalidKeySet> {
        let set: RawSet<'_> =
            serde_json::from_slice(json).map_err(|_| InvalidKeySet("it is no JSON Web Key Set"))?;
        if set.keys.len() > MAX_KEYS {
            return Err(InvalidKeySet("it has more than 100 keys"));
        }
        let keys = set.keys.iter().filter_map(|raw| {
            // One by one: a key of a kind that the library does not know would spoil its `JwkSet`.
            let key: Jwk = serde_json::from_str(raw.get()).ok()?;
            Key::read(key)
        });
        Ok(Self {
            keys: keys.collect(),
        })
    }

    /// How many keys are usable.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether no key is usable.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether one of the keys has signed the token; `None` if there is no key to ask.
    pub(super) fn verify(&self, token: &Compact<'_>) -> Option<bool> {
        let id = &token.header.kid;
        let fits = |key: &&Key| {
            (id.is_none() || key.id == *id) && key.algorithms.contains(&token.algorithm)
        };
        let mut candidates = self.keys.iter().filter(fits).take(MAX_TRIED).peekable();
        candidates.peek()?;
        Some(candidates.any(|key| {
            let verifier = verifier(token.algorithm, &key.key);
            verifier.is_some_and(|verifier| {
                let message = token.message.as_bytes();
                verifier.verify(message, &token.signature).is_ok()
            })
        }))
    }
}

impl Key {
    fn read(jwk: Jwk) -> Option<Self> {
        let common = &jwk.common;
        let usage = common.public_key_use.as_ref();
        let operations = common.key_operations.as_ref();
        if !usage.is_none_or(|usage| *usage == PublicKeyUse::Signature)
            || !operations.is_none_or(|all| all.contains(&KeyOperations::Verify))
        {
            return None;
        }
        let key = DecodingKey::from_jwk(&jwk).ok()?;
        if !is_sound(&key) {
            return None;
        }
        let named = common.key_algorithm.map(|name| name.to_string().parse());
        let verifies = |one: &Algorithm| {
            named.as_ref().is_none_or(|name| *name == Ok(one.known()))
                && has_the_kind_for(*one, &jwk.algorithm)
                && verifier(*one, &key).is_some()
        };
        let algorithms: Vec<_> = Algorithm::ALL.into_iter().filter(verifies).collect();
        (!algorithms.is_empty()).then_some(Self {
            id: jwk.common.key_id,
            algorithms,
            key,
        })
    }
}

fn has_the_kind_for(algorithm: Algorithm, parameters: &AlgorithmParameters) -> bool {
    match parameters {
        AlgorithmParameters::RSA(_) => algorithm.known().family() == AlgorithmFamily::Rsa,
        AlgorithmParameters::EllipticCurve(point) => match point.curve {
            EllipticCurve::P256 => algorithm == Algorithm::Es256,
            EllipticCurve::P384 => algorithm == Algorithm::Es384,
            _ => false,
        },
        AlgorithmParameters::OctetKeyPair(point) => {
            point.curve == EllipticCurve::Ed25519 && algorithm == Algorithm::EdDsa
        }
        // A shared secret: what everybody may read proves nothing.
        _ => false,
    }
}

/// What the library does not ask of keys: it would panic at an Ed25519 key that is too short, cut
/// one that is too long, and verify with RSA keys that can be factored.
fn is_sound(key: &DecodingKey) -> bool {
    match key.kind() {
        DecodingKeyKind::RsaModulusExponent { n, .. } => RSA_BITS.contains(&bits(n)),
        DecodingKeyKind::SecretOrDer(key_bytes) => {
            key.family() != AlgorithmFamily::Ed || key_bytes.len() == 32
        }
    }
}

/// The bits of a number whose most significant byte is the first; some issuers pad theirs.
fn bits(number: &[u8]) -> usize {
    let first = number.iter().position(|byte| *byte != 0);
    first.map_or(0, |at| {
        (number.len() - at) * 8 - number[at].leading_zeros() as usize
    })
}

/// `None` if the key is not on its curve, or of another kind.
///
/// This asks one provider of cryptography by its name. `jsonwebtoken::decode` asks the one of the
/// process, which panics at every token if two are compiled in and the application has not chosen;
/// choosing for it is no library's business, and would make its own choice fail.
fn verifier(algorithm: Algorithm, key: &DecodingKey) -> Option<Box<dyn JwtVerifier>> {
    (rust_crypto::DEFAULT_PROVIDER.verifier_factory)(&algorithm.known(), key).ok()
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = self.keys.iter().map(|key| &key.id);
        f.debug_list().entries(ids).finish()
    }
}

impl fmt::Display for InvalidKeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for InvalidKeySet {}

/// Where a key set comes from, whenever it is needed anew.
///
/// Ready is [`HttpKeys`](super::HttpKeys). Caching and single flight are
/// [`CachedKeys`](super::CachedKeys)' part, around any source.
pub trait KeySource: Send + Sync + 'static {
    /// Gets the set as JSON.
    ///
    /// # Errors
    /// Whatever went wrong; it goes into the log.
    fn fetch(&self) -> impl Future<Output = Result<bytes::Bytes, BoxError>> + Send;
}
