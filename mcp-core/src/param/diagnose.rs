//! What is wrong with a value that did not deserialize: a path and an expectation.
//!
//! Runs only after the fast path has failed. The value is read a second time from a tree, by a
//! deserializer whose errors keep the path and never quote what was sent.

use crate::error::{ArgumentPath, InvalidArgument, InvalidArgumentKind as Kind, closest};
use serde::{
    Deserializer,
    de::{self, DeserializeOwned, IntoDeserializer, Unexpected, Visitor},
    forward_to_deserialize_any,
};
use serde_json::{Map, Value};
use std::{fmt, rc::Rc};

/// Describes why `json` is not a `T`.
pub(super) fn fault<T: DeserializeOwned>(path: &str, json: &str) -> InvalidArgument {
    let Ok(value) = serde_json::from_str::<Value>(json) else {
        return InvalidArgument::new(path, "expected JSON that nests less deeply");
    };
    let root = Path {
        parent: None,
        segment: Segment::Name(path),
    };
    match T::deserialize(Tree {
        path: Rc::new(root),
        value: &value,
    }) {
        Ok(_) => InvalidArgument::new(path, "is not valid"),
        Err(Fault { place, kind, text }) => {
            InvalidArgument::within(place.unwrap_or_default(), kind, text)
        }
    }
}

/// `expected one of "a", "b"; did you mean "a"?`
pub(super) fn expected_variant(given: &str, expected: &'static [&'static str]) -> String {
    let listed: Vec<_> = expected.iter().map(|name| format!("\"{name}\"")).collect();
    let listed = listed.join(", ");
    match closest(given, expected.iter().copied()) {
        Some(best) => format!("expected one of {listed}; did you mean \"{best}\"?"),
        None => format!("expected one of {listed}"),
    }
}

#[derive(Debug)]
struct Fault {
    place: Option<ArgumentPath>,
    kind: Kind,
    text: String,
}

impl Fault {
    /// Innermost paths win: an error passes through every level on its way out.
    fn at(mut self, path: &Path<'_>) -> Self {
        self.place.get_or_insert_with(|| path.joined());
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self {
            place: None,
            kind: Kind::Unexpected,
            text: message.to_string(),
        }
    }

    fn invalid_type(given: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let (expected, given) = (in_words(expected), kind(&given));
        Self::custom(format_args!("expected {expected}, got {given}"))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::custom(format_args!("expected {}", in_words(expected)))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::custom(expected_variant(variant, expected))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let known = expected.iter().copied();
        let fault = InvalidArgument::unknown_field(ArgumentPath::default(), field, known);
        Self {
            kind: fault.kind().clone(),
            ..Self::custom(fault.expectation())
        }
    }

    fn missing_field(field: &'static str) -> Self {
        let kind = Kind::Missing {
            field: field.to_owned(),
        };
        Self {
            kind,
            ..Self::custom(format_args!("`{field}` is required"))
        }
    }
}

/// The types of Rust in the words of JSON; anything else as serde says it.
fn in_words(expected: &dyn de::Expected) -> String {
    let text = expected.to_string();
    let words = match text.as_str() {
        "i8" => "an integer from -128 to 127",
        "i16" => "an integer from -32768 to 32767",
        "i32" => "a 32-bit integer",
        "i64" | "i128" | "isize" => "an integer",
        "u8" => "an integer from 0 to 255",
        "u16" => "an integer from 0 to 65535",
        "u32" => "an integer from 0 to 4294967295",
        "u64" | "u128" | "usize" => "an integer of at least 0",
        "f32" | "f64" => "a number",
        _ => return text,
    };
    words.to_owned()
}

fn kind(given: &Unexpected<'_>) -> &'static str {
    match given {
        Unexpected::Bool(_) => "a boolean",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "an integer",
        Unexpected::Float(_) => "a number",
        Unexpected::Char(_) | Unexpected::Str(_) => "a string",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::Seq => "an array",
        Unexpected::Map => "an object",
        _ => "something else",
    }
}

/// Where a value is. Segments are joined only when a fault is reported: a peer chooses how long
/// names are and how many values stand under them.
struct Path<'a> {
    parent: Option<Rc<Self>>,
    segment: Segment<'a>,
}

enum Segment<'a> {
    Name(&'a str),
    Index(usize),
}

impl Path<'_> {
    fn joined(&self) -> ArgumentPath {
        let parent = self.parent.as_ref();
        let mut path = parent.map(|parent| parent.joined()).unwrap_or_default();
        match self.segment {
            // The arguments as a whole.
            Segment::Name("") if self.parent.is_none() => {}
            Segment::Name(name) => path.member(name),
            Segment::Index(index) => path.item(index),
        }
        path
    }
}

struct Tree<'a> {
    path: Rc<Path<'a>>,
    value: &'a Value,
}

impl<'a> Tree<'a> {
    fn below(&self, segment: Segment<'a>, value: &'a Value) -> Self {
        let parent = Some(self.path.clone());
        Tree {
            path: Rc::new(Path { parent, segment }),
            value,
        }
    }

    fn array<'de, V: Visitor<'de>>(
        &self,
        items: &'a [Value],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let elements = items
            .iter()
            .enumerate()
            .map(|(index, item)| self.below(Segment::Index(index), item));
        visitor.visit_seq(de::value::SeqDeserializer::new(elements))
    }

    fn object<'de, V: Visitor<'de>>(
        &self,
        members: &'a Map<String, Value>,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let members = members.iter().map(|(name, value)| {
            let below = self.below(Segment::Name(name), value);
            (name.as_str(), below)
        });
        visitor.visit_map(de::value::MapDeserializer::new(members))
    }
}

impl<'de> IntoDeserializer<'de, Fault> for Tree<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Tree<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let read = match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::String(value) => visitor.visit_str(value),
            Value::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(value), _) => visitor.visit_u64(value),
                (None, Some(value)) => visitor.visit_i64(value),
                (None, None) => visitor.visit_f64(number.as_f64().unwrap_or(f64::NAN)),
            },
            Value::Array(items) => self.array(items, visitor),
            Value::Object(members) => self.object(members, visitor),
        };
        read.map_err(|fault| fault.at(&self.path))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        // How enums are spelled is serde_json's business; only its error is replaced.
        self.value
            .clone()
            .deserialize_enum(name, variants, visitor)
            .map_err(|_| de::Error::custom(variant_expectation(self.value, variants)))
            .map_err(|fault: Fault| fault.at(&self.path))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier
    }
}

fn variant_expectation(value: &Value, variants: &'static [&'static str]) -> String {
    let given = match value {
        Value::String(name) => name,
        Value::Object(members) => members.keys().next().map_or("", String::as_str),
        _ => "",
    };
    if variants.contains(&given) {
        format!("is not a valid \"{given}\"")
    } else {
        expected_variant(given, variants)
    }
}
