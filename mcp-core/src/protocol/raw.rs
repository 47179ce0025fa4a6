//! JSON and text that stay what they were: slices of the message they came in.

use bytes::Bytes;
use bytestring::ByteString;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use serde_json::value::RawValue;
use std::{fmt, str::Utf8Error};

/// One JSON value as text, cheap to clone.
///
/// Values taken from a request are slices of its body: nothing is copied and unknown members
/// survive when they are passed on. `Debug` shows the length only, since values may be secret.
///
/// ```
/// use mcp_core::protocol::RawJson;
///
/// let raw = RawJson::from_serialize(&[1, 2])?;
/// assert_eq!(raw.as_str(), "[1,2]");
/// assert_eq!(raw.parse::<Vec<u8>>()?, [1, 2]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct RawJson(ByteStr);

impl RawJson {
    /// The empty object.
    pub const EMPTY_OBJECT: Self = Self(ByteStr(ByteString::from_static("{}")));

    /// Takes text that is already known to be one JSON value.
    pub(crate) fn trusted(text: impl Into<ByteStr>) -> Self {
        Self(text.into())
    }

    /// A slice of `owner` that a parser found to be one value.
    pub(crate) fn slice(owner: &ByteStr, value: &RawValue) -> Self {
        Self(ByteStr::slice(owner, value.get()))
    }

    /// Checks that `text` is one JSON value.
    ///
    /// # Errors
    /// When it is not.
    pub fn from_text(text: String) -> Result<Self, serde_json::Error> {
        RawValue::from_string(text)
            .map(|raw| Self(ByteStr::from(String::from(Box::<str>::from(raw)))))
    }

    /// Checks that `bytes` are one JSON value, and shares them.
    ///
    /// # Errors
    /// When they are not.
    pub fn from_bytes(bytes: Bytes) -> Result<Self, serde_json::Error> {
        let value: &RawValue = serde_json::from_slice(&bytes)?;
        let text = ByteStr::from_utf8(bytes.slice_ref(value.get().as_bytes()));
        text.map(Self).map_err(serde::de::Error::custom)
    }

    /// Shares bytes that were one JSON value when they were put away, under a seal for example, and
    /// are not checked again. What is no JSON makes messages with it in them no JSON either. For
    /// `mcp-tower`, which has no other way to trust what it has sealed.
    ///
    /// # Errors
    /// When they are not text.
    #[doc(hidden)]
    pub fn from_trusted(bytes: Bytes) -> Result<Self, Utf8Error> {
        ByteStr::from_utf8(bytes).map(Self)
    }

    /// Serializes a value.
    ///
    /// # Errors
    /// When its `Serialize` fails, or a map has keys that are not strings.
    pub fn from_serialize<T: Serialize + ?Sized>(value: &T) -> Result<Self, serde_json::Error> {
        serde_json::to_string(value).map(|text| Self(ByteStr::from(text)))
    }

    /// The value's text.
    #[inline]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The value's bytes, shared.
    pub fn as_bytes(&self) -> &Bytes {
        self.0.0.as_bytes()
    }

    /// The value's text, shared.
    pub(crate) fn text(&self) -> &ByteStr {
        &self.0
    }

    /// Whether the value is an object.
    pub fn is_object(&self) -> bool {
        self.as_str().starts_with('{')
    }

    /// Deserializes the value.
    ///
    /// # Errors
    /// When it does not have the shape of `T`. The message may quote the value: do not show it to
    /// a peer.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.as_str())
    }
}

impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawJson({} bytes)", self.as_str().len())
    }
}

impl Serialize for RawJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue =
            serde_json::from_str(self.as_str()).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for RawJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self(ByteStr::from(String::from(Box::<str>::from(raw)))))
    }
}

/// Text in shared bytes: a slice of a message, or a string of its own.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct ByteStr(ByteString);

impl ByteStr {
    /// Checks that `bytes` are text, and shares them.
    pub(crate) fn from_utf8(bytes: Bytes) -> Result<Self, Utf8Error> {
        ByteString::try_from(bytes).map(Self)
    }

    /// A slice of `owner`, which `text` must point into; a copy when it does not.
    pub(crate) fn slice(owner: &Self, text: &str) -> Self {
        let all = owner.as_str().as_bytes().as_ptr_range();
        let part = text.as_bytes().as_ptr_range();
        if all.start <= part.start && part.end <= all.end {
            Self(owner.0.slice_ref(text))
        } else {
            Self(ByteString::from(text))
        }
    }

    /// The text.
    #[inline]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for ByteStr {
    fn from(text: String) -> Self {
        Self(ByteString::from(text))
    }
}

impl From<&'static str> for ByteStr {
    fn from(text: &'static str) -> Self {
        Self(ByteString::from_static(text))
    }
}

impl std::ops::Deref for ByteStr {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for ByteStr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for ByteStr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_shares_its_owner() {
        let owner = ByteStr::from("{\"a\":\"text\"}");
        let inside = &owner[6..10];
        let slice = ByteStr::slice(&owner, inside);
        assert_eq!(slice.as_str(), "text");
        assert_eq!(slice.as_str().as_ptr(), inside.as_ptr());
        assert_eq!(ByteStr::slice(&owner, "elsewhere").as_str(), "elsewhere");
    }

    #[test]
    fn raw_json_embeds_without_quoting() {
        let raw = RawJson::from_text(r#"{"b":1,"a":2}"#.to_owned()).unwrap();
        assert_eq!(
            serde_json::to_string(&[&raw]).unwrap(),
            r#"[{"b":1,"a":2}]"#
        );
        assert!(RawJson::from_text("{".to_owned()).is_err());
    }
}
