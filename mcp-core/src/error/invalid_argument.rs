//! One fault in the arguments of a call.

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
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidArgument {
    path: String,
    expectation: String,
}

impl InvalidArgument {
    /// A fault at a path such as `filter.years[2]`; the empty path is the arguments as a whole.
    pub fn new(path: impl Into<String>, expectation: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            expectation: expectation.into(),
        }
    }

    /// A member that nothing reads. The closest of `known` is suggested.
    pub(crate) fn unknown_field<'a>(
        path: &str,
        field: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        Self::new(path, unknown("field", field, known))
    }

    /// Where.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What was expected.
    pub fn expectation(&self) -> &str {
        &self.expectation
    }
}

/// `unknown field "querry", did you mean "query"?`
fn unknown<'a>(what: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    // The name is the peer's own, but it may be long.
    let shown: String = name.chars().take(64).collect();
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
