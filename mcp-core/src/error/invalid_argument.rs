//! One fault in the arguments of a call.

use super::ArgumentPath;
use std::fmt;

/// Where an argument is wrong, what was expected, and what may have been meant.
///
/// It never holds the value that was sent, which may be secret. Macro-made tools, schema
/// validation and data-driven tools all report faults this way.
///
/// ```
/// use mcp_core::InvalidArgument;
///
/// let fault = InvalidArgument::new("filter.year", "expected an integer");
/// assert_eq!(fault.to_string(), "`filter.year`: expected an integer");
/// assert_eq!(fault.pointer(), "/filter/year");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidArgument {
    path: String,
    pointer: String,
    expectation: String,
    kind: InvalidArgumentKind,
}

/// What is wrong with an argument, for those who have words of their own for it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidArgumentKind {
    /// A member that is required is not there.
    Missing {
        /// Its name.
        field: String,
    },
    /// A member is there that nothing reads.
    Unknown {
        /// Its name, at most 64 characters of it.
        field: String,
    },
    /// A value is not what was expected.
    Unexpected,
}

impl InvalidArgument {
    /// A fault at a path such as `filter.years[2]`; the empty path is the arguments as a whole.
    pub fn new(path: impl Into<String>, expectation: impl Into<String>) -> Self {
        let path = path.into();
        Self {
            pointer: ArgumentPath::read(&path).pointer,
            path,
            expectation: expectation.into(),
            kind: InvalidArgumentKind::Unexpected,
        }
    }

    /// A fault of what is at `place`, or of the member of it that `kind` names.
    pub(crate) fn within(
        mut place: ArgumentPath,
        kind: InvalidArgumentKind,
        expectation: impl Into<String>,
    ) -> Self {
        use InvalidArgumentKind as Kind;
        let path = place.text.clone();
        if let Kind::Missing { field } | Kind::Unknown { field } = &kind {
            place.member(field);
        }
        Self {
            path,
            pointer: place.pointer,
            expectation: expectation.into(),
            kind,
        }
    }

    /// A member of what is at `place` that is required and not there.
    pub(crate) fn missing(mut place: ArgumentPath, field: &str) -> Self {
        place.member(field);
        Self {
            path: place.text,
            pointer: place.pointer,
            expectation: "is required".to_owned(),
            kind: InvalidArgumentKind::Missing {
                field: field.to_owned(),
            },
        }
    }

    /// A member that nothing reads. The closest of `known` is suggested.
    pub(crate) fn unknown_field<'a>(
        place: ArgumentPath,
        field: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let kind = InvalidArgumentKind::Unknown {
            field: ArgumentPath::shown(field),
        };
        Self::within(place, kind, unknown("field", field, known))
    }

    /// Where, as people read it: `filter.years[2]`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Where, as a JSON Pointer (RFC 6901) into the arguments: of the value that is wrong, or of the
    /// member that is missing or unknown. Names are cut at 64 characters.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// What is wrong.
    pub fn kind(&self) -> &InvalidArgumentKind {
        &self.kind
    }

    /// What was expected.
    pub fn expectation(&self) -> &str {
        &self.expectation
    }
}

/// `unknown field "querry", did you mean "query"?`
fn unknown<'a>(what: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    // The name is the peer's own, but it may be long.
    let shown = ArgumentPath::shown(name);
    match closest(name, known) {
        Some(best) => format!("unknown {what} \"{shown}\", did you mean \"{best}\"?"),
        None => format!("unknown {what} \"{shown}\""),
    }
}

/// The candidate that `name` may be a misspelling of.
pub(crate) fn closest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    const LONGEST: usize = 64;
    if name.len() > LONGEST {
        return None;
    }
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

impl fmt::Display for InvalidArgument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.expectation)
        } else {
            write!(f, "`{}`: {}", self.path, self.expectation)
        }
    }
}

impl std::error::Error for InvalidArgument {}
