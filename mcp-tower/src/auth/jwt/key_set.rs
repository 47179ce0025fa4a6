use super::algorithm::{Algorithm, Curve, Scheme};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use mcp_core::BoxError;
use ring::signature::{RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::fmt;

/// The most keys that a set may have.
const MAX_KEYS: usize = 100;
/// The most keys that one token is tried with.
const MAX_TRIED: usize = 4;

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
    algorithm: Option<Algorithm>,
    material: Material,
}

#[derive(Clone)]
enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    Point(Curve, Vec<u8>),
}

/// A key set that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidKeySet(&'static str);

#[derive(Deserialize)]
struct RawSet<'a> {
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct RawKey {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    r#use: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeySet {
    /// Reads a set. Keys that do not verify signatures, or in a way that is not known here, are
    /// left out, as RFC 7517 has it; shared secrets too.
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
            let key: RawKey = serde_json::from_str(raw.get()).ok()?;
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

    /// Whether one of the keys has signed the message; `None` if there is no key to ask.
    pub(super) fn verify(
        &self,
        algorithm: Algorithm,
        id: Option<&str>,
        message: &[u8],
        signature: &[u8],
    ) -> Option<bool> {
        let fits = |key: &&Key| {
            (id.is_none() || key.id.as_deref() == id)
                && key.algorithm.is_none_or(|only| only == algorithm)
                && key.material.fits(algorithm)
        };
        let mut candidates = self.keys.iter().filter(fits).take(MAX_TRIED).peekable();
        candidates.peek()?;
        Some(candidates.any(|key| key.material.verify(algorithm, message, signature)))
    }
}

impl Key {
    fn read(raw: RawKey) -> Option<Self> {
        let is_for_signatures = raw.r#use.as_deref().is_none_or(|usage| usage == "sig");
        let verifies = |ops: &Vec<String>| ops.iter().any(|op| op == "verify");
        if !is_for_signatures || !raw.key_ops.as_ref().is_none_or(verifies) {
            return None;
        }
        let algorithm = match &raw.alg {
            Some(name) => Some(Algorithm::parse(name)?),
            None => None,
        };
        Some(Self {
            material: Material::read(&raw)?,
            id: raw.kid,
            algorithm,
        })
    }
}

impl Material {
    fn read(raw: &RawKey) -> Option<Self> {
        let curve = raw.crv.as_deref();
        Some(match (raw.kty.as_str(), curve) {
            ("RSA", _) => Self::Rsa {
                // Some issuers pad the modulus, and ring takes none of that.
                n: without_zeros(decode(raw.n.as_deref())?),
                e: without_zeros(decode(raw.e.as_deref())?),
            },
            ("EC", Some("P-256")) => Self::Point(Curve::P256, point(raw, 32)?),
            ("EC", Some("P-384")) => Self::Point(Curve::P384, point(raw, 48)?),
            ("OKP", Some("Ed25519")) => {
                let x = decode(raw.x.as_deref())?;
                (x.len() == 32).then_some(Self::Point(Curve::Ed25519, x))?
            }
            _ => return None,
        })
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        match (self, algorithm.scheme()) {
            (Self::Rsa { .. }, Scheme::Rsa(_)) => true,
            (Self::Point(curve, _), Scheme::Curve(needed, _)) => *curve == needed,
            _ => false,
        }
    }

    fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match (self, algorithm.scheme()) {
            (Self::Rsa { n, e }, Scheme::Rsa(parameters)) => {
                let key = RsaPublicKeyComponents { n, e };
                key.verify(parameters, message, signature).is_ok()
            }
            (Self::Point(curve, point), Scheme::Curve(needed, verification)) => {
                let key = UnparsedPublicKey::new(verification, point);
                *curve == needed && key.verify(message, signature).is_ok()
            }
            _ => false,
        }
    }
}

fn decode(text: Option<&str>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text?).ok()
}

fn without_zeros(number: Vec<u8>) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number[zeros..].to_vec()
}

/// An uncompressed point with coordinates of this size.
fn point(raw: &RawKey, size: usize) -> Option<Vec<u8>> {
    let (x, y) = (decode(raw.x.as_deref())?, decode(raw.y.as_deref())?);
    (x.len() == size && y.len() == size).then(|| [&[4], &*x, &*y].concat())
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
