use mcp_core::BoxError;
use std::{fmt, time::Duration};

/// What a caller has sent to prove who it is. `Debug` does not show it.
#[derive(Clone, Copy)]
pub struct Token<'a>(&'a str);

impl<'a> Token<'a> {
    /// A token by its text.
    pub const fn new(text: &'a str) -> Self {
        Self(text)
    }

    /// The text. Keep it out of logs, errors and requests to others.
    pub const fn expose(&self) -> &'a str {
        self.0
    }
}

impl fmt::Debug for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// Why a token was not accepted.
#[derive(Debug)]
pub struct TokenError(Kind);

#[derive(Debug)]
enum Kind {
    Invalid(&'static str),
    Unavailable {
        source: BoxError,
        retry_after: Option<Duration>,
    },
}

impl TokenError {
    /// The token is expired, forged, meant for somebody else, or no token at all: 401.
    ///
    /// The reason goes into the log, at level `DEBUG`, and not to the caller.
    pub const fn invalid(reason: &'static str) -> Self {
        Self(Kind::Invalid(reason))
    }

    /// Nobody can tell right now, because a key or a server is out of reach: 503.
    ///
    /// The source goes into the log, at level `WARN`: it must not quote the token.
    pub fn unavailable(source: impl Into<BoxError>) -> Self {
        Self(Kind::Unavailable {
            source: source.into(),
            retry_after: None,
        })
    }

    /// Says when to try again, if the error is that nobody can tell right now.
    #[must_use]
    pub fn with_retry_after(mut self, after: Duration) -> Self {
        if let Kind::Unavailable { retry_after, .. } = &mut self.0 {
            *retry_after = Some(after);
        }
        self
    }

    /// Whether the token itself is at fault.
    pub const fn is_invalid(&self) -> bool {
        matches!(self.0, Kind::Invalid(_))
    }

    /// When to try again, if that is known.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self.0 {
            Kind::Invalid(_) => None,
            Kind::Unavailable { retry_after, .. } => retry_after,
        }
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Invalid(reason) => f.write_str(reason),
            Kind::Unavailable { .. } => f.write_str("the token could not be checked"),
        }
    }
}

impl std::error::Error for TokenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            Kind::Invalid(_) => None,
            Kind::Unavailable { source, .. } => Some(&**source),
        }
    }
}
