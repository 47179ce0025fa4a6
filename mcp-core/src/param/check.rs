//! Constraints on plain parameters, checked by generated code.

use super::{Fault, Field};
use crate::error::InvalidArgument;
use regex_lite::Regex;
use std::{
    borrow::Cow,
    collections::HashMap,
    fmt,
    sync::{LazyLock, PoisonError, RwLock},
};

/// A bound of a range.
#[derive(Clone, Copy, Debug)]
pub enum Bound {
    /// An integer.
    Int(i128),
    /// A number.
    Float(f64),
}

impl Bound {
    /// An integer.
    pub const fn int(bound: i128) -> Self {
        Self::Int(bound)
    }

    /// A number.
    pub const fn float(bound: f64) -> Self {
        Self::Float(bound)
    }

    fn as_f64(self) -> f64 {
        match self {
            // Bounds beyond 2^53 on floating-point parameters lose precision, as in the schema.
            #[allow(clippy::cast_precision_loss)]
            Self::Int(bound) => bound as f64,
            Self::Float(bound) => bound,
        }
    }
}

// What a constant in `range(..)` may be.
macro_rules! from {
    ($($variant:ident($target:ident): $($source:ident)*;)*) => {$($(
        impl From<$source> for Bound {
            fn from(bound: $source) -> Self {
                Self::$variant($target::from(bound))
            }
        }
    )*)*};
}
from! {
    Int(i128): i8 i16 i32 i64 u8 u16 u32 u64;
    Float(f64): f32 f64;
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(bound) => bound.fmt(f),
            Self::Float(bound) => bound.fmt(f),
        }
    }
}

/// A type that `range` applies to.
#[diagnostic::on_unimplemented(message = "`range` does not apply to `{Self}`")]
pub trait Ranged {
    /// Whether the value is inside.
    fn is_within(&self, min: Option<Bound>, max: Option<Bound>) -> bool;
}

macro_rules! ranged {
    ($($integer:ty)*) => {$(
        impl Ranged for $integer {
            fn is_within(&self, min: Option<Bound>, max: Option<Bound>) -> bool {
                // No supported integer exceeds an `i128` but the upper half of `u128`.
                let value = i128::try_from(*self).unwrap_or(i128::MAX);
                let below = |bound| match bound {
                    Bound::Int(bound) => bound <= value,
                    #[allow(clippy::cast_precision_loss)]
                    Bound::Float(bound) => bound <= value as f64,
                };
                let above = |bound| match bound {
                    Bound::Int(bound) => value <= bound,
                    #[allow(clippy::cast_precision_loss)]
                    Bound::Float(bound) => value as f64 <= bound,
                };
                min.is_none_or(below) && max.is_none_or(above)
            }
        }
    )*};
}
ranged!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

impl Ranged for f64 {
    fn is_within(&self, min: Option<Bound>, max: Option<Bound>) -> bool {
        min.is_none_or(|bound| bound.as_f64() <= *self)
            && max.is_none_or(|bound| *self <= bound.as_f64())
    }
}

impl Ranged for f32 {
    fn is_within(&self, min: Option<Bound>, max: Option<Bound>) -> bool {
        f64::from(*self).is_within(min, max)
    }
}

/// A type that `length` applies to.
#[diagnostic::on_unimplemented(message = "`length` does not apply to `{Self}`")]
pub trait Length {
    /// Characters of a text, items of a list; `None` when there is nothing to check.
    fn measure(&self) -> Option<usize>;
}

/// A type that `pattern` applies to.
#[diagnostic::on_unimplemented(message = "`pattern` does not apply to `{Self}`")]
pub trait Text {
    /// The text; `None` when there is nothing to check.
    fn text(&self) -> Option<&str>;
}

macro_rules! text {
    ($($type:ty)*) => {$(
        impl Length for $type {
            fn measure(&self) -> Option<usize> {
                // JSON Schema counts characters, not bytes.
                Some(self.chars().count())
            }
        }
        impl Text for $type {
            fn text(&self) -> Option<&str> {
                Some(self)
            }
        }
    )*};
}
text!(String Box<str> std::sync::Arc<str> Cow<'static, str>);

impl<T> Length for Vec<T> {
    fn measure(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl<T: Ranged> Ranged for Option<T> {
    fn is_within(&self, min: Option<Bound>, max: Option<Bound>) -> bool {
        self.as_ref().is_none_or(|value| value.is_within(min, max))
    }
}

impl<T: Length> Length for Option<T> {
    fn measure(&self) -> Option<usize> {
        self.as_ref()?.measure()
    }
}

impl<T: Text> Text for Option<T> {
    fn text(&self) -> Option<&str> {
        self.as_ref()?.text()
    }
}

fn bounds<T: fmt::Display>(what: &str, min: Option<T>, max: Option<T>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("expected {what} from {min} to {max}"),
        (Some(min), None) => format!("expected {what} of at least {min}"),
        (None, Some(max)) => format!("expected {what} of at most {max}"),
        (None, None) => format!("expected {what}"),
    }
}

/// `#[schemars(range(..))]`.
///
/// # Errors
/// When the value is outside.
pub fn range<T: Ranged + ?Sized>(
    field: &Field,
    value: &T,
    min: Option<Bound>,
    max: Option<Bound>,
) -> Result<(), Fault> {
    if value.is_within(min, max) {
        return Ok(());
    }
    Err(InvalidArgument::new(field.name, bounds("a number", min, max)).into())
}

/// `#[schemars(length(..))]`.
///
/// # Errors
/// When the value is too short or too long.
pub fn length<T: Length + ?Sized>(
    field: &Field,
    value: &T,
    min: Option<usize>,
    max: Option<usize>,
) -> Result<(), Fault> {
    let within = value.measure().is_none_or(|length| {
        min.is_none_or(|min| min <= length) && max.is_none_or(|max| length <= max)
    });
    if within {
        return Ok(());
    }
    Err(InvalidArgument::new(field.name, bounds("a length", min, max)).into())
}

/// `#[schemars(regex(pattern = ..))]`. Matching is linear in the length of the text.
///
/// # Errors
/// When the text does not match.
pub fn pattern<T: Text + ?Sized>(
    field: &Field,
    value: &T,
    pattern: &'static str,
) -> Result<(), Fault> {
    let matches = value
        .text()
        .is_none_or(|text| compiled(pattern).is_none_or(|regex| regex.is_match(text)));
    if matches {
        return Ok(());
    }
    let expectation = format!("expected text that matches `{pattern}`");
    Err(InvalidArgument::new(field.name, expectation).into())
}

/// The compiled pattern. There are as many as there are constrained parameters in the program;
/// the macro has checked that each compiles.
fn compiled(pattern: &'static str) -> Option<Regex> {
    static CACHE: LazyLock<RwLock<HashMap<&'static str, Option<Regex>>>> =
        LazyLock::new(RwLock::default);
    let known = CACHE
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(pattern)
        .cloned();
    known.unwrap_or_else(|| {
        let regex = Regex::new(pattern).ok();
        let mut cache = CACHE.write().unwrap_or_else(PoisonError::into_inner);
        cache.insert(pattern, regex.clone());
        regex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELD: Field = Field {
        name: "n",
        aliases: &[],
        description: "",
    };

    fn message(checked: Result<(), Fault>) -> String {
        format!("{:?}", checked.unwrap_err())
    }

    #[test]
    fn bounds_are_inclusive_and_named() {
        let (min, max) = (Some(Bound::int(1)), Some(Bound::int(50)));
        assert!(range(&FIELD, &1_u8, min, max).is_ok());
        assert!(range(&FIELD, &Some(50_u8), min, max).is_ok());
        assert!(range(&FIELD, &None::<u8>, min, max).is_ok());
        assert!(message(range(&FIELD, &51_i64, min, max)).contains("from 1 to 50"));
        assert!(range(&FIELD, &0.4, Some(Bound::float(0.5)), None).is_err());
        assert!(range(&FIELD, &f64::NAN, min, None).is_err());
    }

    #[test]
    fn lengths_count_characters() {
        assert!(length(&FIELD, &"äöü".to_owned(), None, Some(3)).is_ok());
        assert!(length(&FIELD, &vec![1, 2], Some(3), None).is_err());
        assert!(length(&FIELD, &None::<String>, Some(3), None).is_ok());
    }

    #[test]
    fn patterns_search() {
        assert!(pattern(&FIELD, &"xab".to_owned(), "ab$").is_ok());
        let text = message(pattern(&FIELD, &"secret".to_owned(), "^[0-9]+$"));
        assert!(text.contains("^[0-9]+$") && !text.contains("secret"));
    }
}
