//! Request ids and progress tokens: an integer or a string, kept as it came.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, sync::Arc};

/// A JSON-RPC request id. Type and value are kept: `1` and `"1"` are different ids.
///
/// Integers of 64 bits, signed or not, are exact. Fractions and `null` are not ids.
///
/// ```
/// use mcp_core::protocol::RequestId;
///
/// let id: RequestId = serde_json::from_str("18446744073709551615")?;
/// assert_eq!(id.to_string(), "18446744073709551615");
/// assert_ne!(RequestId::from(1), RequestId::from("1"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RequestId(Repr);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    // Wide enough for both signed and unsigned 64-bit integers.
    Integer(i128),
    String(Arc<str>),
}

impl RequestId {
    /// The string, when the id is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.0 {
            Repr::Integer(_) => None,
            Repr::String(text) => Some(text),
        }
    }
}

impl From<i64> for RequestId {
    fn from(id: i64) -> Self {
        Self(Repr::Integer(id.into()))
    }
}

impl From<&str> for RequestId {
    fn from(id: &str) -> Self {
        Self(Repr::String(id.into()))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Integer(id) => id.fmt(f),
            Repr::String(id) => id.fmt(f),
        }
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Integer(id) => id.fmt(f),
            Repr::String(id) => fmt::Debug::fmt(id, f),
        }
    }
}

impl Serialize for RequestId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Repr::Integer(id) => serializer.serialize_i128(*id),
            Repr::String(id) => serializer.serialize_str(id),
        }
    }
}

impl<'de> Deserialize<'de> for RequestId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = RequestId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or an integer")
            }

            fn visit_i64<E>(self, id: i64) -> Result<RequestId, E> {
                Ok(RequestId(Repr::Integer(id.into())))
            }

            fn visit_u64<E>(self, id: u64) -> Result<RequestId, E> {
                Ok(RequestId(Repr::Integer(id.into())))
            }

            fn visit_str<E>(self, id: &str) -> Result<RequestId, E> {
                Ok(id.into())
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

/// The token of a request that wants progress, echoed exactly (`_meta.progressToken`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProgressToken(pub RequestId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_keep_type_and_value() {
        for text in [
            "0",
            "-9223372036854775808",
            "18446744073709551615",
            "\"1\"",
            "\"\"",
        ] {
            let id: RequestId = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&id).unwrap(), text);
        }
    }

    #[test]
    fn other_values_are_not_ids() {
        for text in [
            "null",
            "1.5",
            "true",
            "[]",
            "{}",
            "1e400",
            "18446744073709551616",
        ] {
            assert!(serde_json::from_str::<RequestId>(text).is_err(), "{text}");
        }
    }
}
