//! The parser: one visitor for the envelope, one for `params`, one for `_meta`.
//!
//! Faults are noted and reading goes on, so that the id of a bad message is still found and the
//! whole body is checked to be JSON.

mod client_info;
mod envelope;
mod params;

use super::{Known, Message, ParseError, ParseErrorKind, depth};
use crate::protocol::{ByteStr, RawJson, RequestId};
use bytes::Bytes;
use envelope::Envelope;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt};

pub(super) fn message(body: Bytes, max_depth: usize) -> Result<Message, ParseError> {
    let body = ByteStr::from_utf8(body).map_err(|_| ParseError::new(ParseErrorKind::NotUtf8))?;
    let text = body.as_str();
    if !depth::within(text.as_bytes(), max_depth) {
        return Err(ParseError::new(ParseErrorKind::TooDeep));
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let mut envelope = Envelope::default();
    Seed(&body, &mut envelope)
        .deserialize(&mut json)
        .and_then(|()| json.end())
        .map_err(|_| ParseError::new(ParseErrorKind::NotJson))?;
    envelope.classify(|| RawJson::trusted(body.clone()))
}

/// One member of a message that was parsed before.
pub(super) fn member(message: &RawJson, name: &str) -> Option<RawJson> {
    struct Find<'a>(&'a str);
    impl<'de> Visitor<'de> for Find<'_> {
        type Value = Option<&'de RawValue>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut found = None;
            while let Some(key) = map.next_key::<Key<'de>>()? {
                if key.0 == self.0 {
                    found = Some(map.next_value()?);
                } else {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            Ok(found)
        }
    }
    let found = serde_json::Deserializer::from_str(message.as_str())
        .deserialize_map(Find(name))
        .ok()??;
    Some(RawJson::slice(message.text(), found))
}

/// A member name, borrowed unless it is written with escapes.
struct Key<'de>(Cow<'de, str>);

impl<'a, 'de: 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a member name")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(key)))
            }

            fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

/// An object whose slices point into the body. It is filled where it is: what is as large as an
/// envelope costs more to move than to read.
trait Shape<'de> {
    fn not_object(&mut self, is_array: bool);
    fn object<A: MapAccess<'de>>(&mut self, body: &ByteStr, map: A) -> Result<(), A::Error>;
}

struct Seed<'b, S>(&'b ByteStr, &'b mut S);

impl<'de, S: Shape<'de>> DeserializeSeed<'de> for Seed<'_, S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, S: Shape<'de>> Visitor<'de> for Seed<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        self.1.object(self.0, map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        self.1.not_object(true);
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.1.not_object(false);
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.1.not_object(false);
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        self.1.not_object(false);
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.1.not_object(false);
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        self.1.not_object(false);
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.1.not_object(false);
        Ok(())
    }
}

fn once<T>(place: &mut Known<T>, value: Known<T>) {
    *place = if place.is_present() {
        Known::Malformed
    } else {
        value
    };
}

fn known<'de, T: Deserialize<'de>>(raw: &'de RawValue) -> Known<T> {
    serde_json::from_str(raw.get()).map_or(Known::Malformed, Known::Is)
}

/// Most ids are numbers that count up.
fn id(raw: &RawValue) -> Known<RequestId> {
    match raw.get().parse::<u32>() {
        Ok(number) => Known::Is(RequestId::from(i64::from(number))),
        Err(_) => known(raw),
    }
}

fn string(body: &ByteStr, raw: &RawValue) -> Known<ByteStr> {
    let text = raw.get();
    match text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
    {
        Some(plain) if memchr::memchr(b'\\', plain.as_bytes()).is_none() => {
            Known::Is(ByteStr::slice(body, plain))
        }
        Some(_) => known::<String>(raw)
            .get()
            .cloned()
            .map_or(Known::Malformed, |text| Known::Is(text.into())),
        None => Known::Malformed,
    }
}

fn object(body: &ByteStr, raw: &RawValue) -> Known<RawJson> {
    if raw.get().starts_with('{') {
        Known::Is(RawJson::slice(body, raw))
    } else {
        Known::Malformed
    }
}

#[cfg(test)]
mod tests;
