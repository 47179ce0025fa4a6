//! The text of a document: JSON in which no object has two members of one name.

use super::{fault::DesignFaults as Faults, reader::member_path};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// Why a text is no document.
#[derive(Debug)]
#[non_exhaustive]
pub enum Unreadable {
    /// It is not JSON.
    NotJson(serde_json::Error),
    /// Members are there twice, and nobody knows which one is meant.
    Faults(Faults),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson(error) => error.fmt(f),
            Self::Faults(faults) => faults.fmt(f),
        }
    }
}

impl std::error::Error for Unreadable {}

/// Reads JSON, of a design or of anything else that is to become one.
///
/// # Errors
/// When it is not JSON, or an object names a member twice: each of them, with its JSON Pointer.
///
/// ```
/// use mock_platform::design::read;
/// use serde_json::json;
///
/// assert_eq!(read(br#"{"a": [1]}"#)?, json!({"a": [1]}));
/// let twice = read(br#"{"a": [{"b/c": 1, "b/c": 2}]}"#).unwrap_err();
/// assert_eq!(twice.to_string(), "/a/0/b~1c: is there twice");
/// # Ok::<(), mock_platform::design::Unreadable>(())
/// ```
pub fn read(text: &[u8]) -> Result<Value, Unreadable> {
    let mut faults = Faults::default();
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let place = Place::Root;
    let seed = Seed {
        place: &place,
        faults: &mut faults,
    };
    let value = seed.deserialize(&mut deserializer);
    let value = value.and_then(|value| deserializer.end().map(|()| value));
    match value {
        Err(error) => Err(Unreadable::NotJson(error)),
        Ok(_) if !faults.0.is_empty() => Err(Unreadable::Faults(faults)),
        Ok(value) => Ok(value),
    }
}

/// Where a value is; written down only where something is wrong.
enum Place<'a> {
    Root,
    Member(&'a Place<'a>, &'a str),
    Item(&'a Place<'a>, usize),
}

impl Place<'_> {
    fn path(&self) -> String {
        match self {
            Self::Root => String::new(),
            Self::Member(of, name) => member_path(&of.path(), name),
            Self::Item(of, index) => format!("{}/{index}", of.path()),
        }
    }
}

struct Seed<'a> {
    place: &'a Place<'a>,
    faults: &'a mut Faults,
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        let number = serde_json::Number::from_f64(value);
        number
            .map(Value::Number)
            .ok_or_else(|| E::custom("no number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut read = Vec::new();
        loop {
            let place = Place::Item(self.place, read.len());
            let seed = Seed {
                place: &place,
                faults: self.faults,
            };
            match items.next_element_seed(seed)? {
                Some(item) => read.push(item),
                None => return Ok(read.into()),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut read = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let place = Place::Member(self.place, &name);
            if read.contains_key(&name) {
                self.faults.add(&place.path(), "is there twice");
            }
            let seed = Seed {
                place: &place,
                faults: self.faults,
            };
            let value = members.next_value_seed(seed)?;
            read.insert(name, value);
        }
        Ok(read.into())
    }
}
