//! Values from text: prompt arguments and template variables, and from nothing at all.

use crate::error::InvalidArgument;
use serde::{
    Deserializer,
    de::{self, DeserializeSeed, IntoDeserializer, Unexpected, Visitor},
    forward_to_deserialize_any,
};
use std::{borrow::Cow, fmt};

/// The value of an argument that was not given: `None` for an `Option`, the default where serde
/// has one, an error otherwise.
pub(crate) struct Absent;

impl<'de> Deserializer<'de> for Absent {
    type Error = de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(de::Error::custom("absent"))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_none()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// A member name, borrowed unless it is written with escapes.
pub(crate) struct KeySeed;

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E>(self, key: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}

/// Text that becomes whatever scalar the type asks for.
pub(crate) struct TextValue<'a>(pub(crate) &'a str);

/// An expectation; never holds a value.
#[derive(Debug)]
pub(crate) struct TextError(String);

impl TextError {
    pub(crate) fn into_fault(self, name: &str) -> InvalidArgument {
        InvalidArgument::new(name, self.0)
    }
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TextError {}

impl de::Error for TextError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self(format!("expected {expected}"))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self(format!("expected {expected}"))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self(super::diagnose::expected_variant(variant, expected))
    }
}

impl<'de> IntoDeserializer<'de, TextError> for TextValue<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! parsed {
    ($($method:ident => $visit:ident $expected:literal;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TextError> {
            match self.0.trim().parse() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(TextError($expected.to_owned())),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for TextValue<'_> {
    type Error = TextError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TextError> {
        visitor.visit_str(self.0)
    }

    parsed! {
        deserialize_bool => visit_bool "expected `true` or `false`";
        deserialize_i8 => visit_i8 "expected an integer from -128 to 127";
        deserialize_i16 => visit_i16 "expected an integer from -32768 to 32767";
        deserialize_i32 => visit_i32 "expected a 32-bit integer";
        deserialize_i64 => visit_i64 "expected an integer";
        deserialize_i128 => visit_i128 "expected an integer";
        deserialize_u8 => visit_u8 "expected an integer from 0 to 255";
        deserialize_u16 => visit_u16 "expected an integer from 0 to 65535";
        deserialize_u32 => visit_u32 "expected an integer from 0 to 4294967295";
        deserialize_u64 => visit_u64 "expected an integer of at least 0";
        deserialize_u128 => visit_u128 "expected an integer of at least 0";
        deserialize_f32 => visit_f32 "expected a number";
        deserialize_f64 => visit_f64 "expected a number";
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TextError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, TextError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TextError> {
        visitor.visit_enum(de::value::StrDeserializer::new(self.0))
    }

    forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}
