//! W3C trace context, as `_meta` carries it.

use crate::protocol::RequestMeta;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The trace that a call is part of: `traceparent`, `tracestate` and `baggage` of its `_meta`.
///
/// Malformed values are left out, as W3C says. It serializes to the same three members, so it can
/// be put into the `_meta` of calls to other servers, or written to HTTP headers.
///
/// ```
/// use mcp_core::TraceContext;
///
/// let trace: TraceContext = serde_json::from_str(
///     r#"{"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}"#,
/// )?;
/// assert!(trace.parent().is_some_and(|parent| parent.is_sampled()));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Unchecked")]
pub struct TraceContext {
    #[serde(rename = "traceparent", skip_serializing_if = "Option::is_none")]
    parent: Option<TraceParent>,
    #[serde(rename = "tracestate", skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    baggage: Option<String>,
}

#[derive(Deserialize)]
struct Unchecked {
    traceparent: Option<String>,
    tracestate: Option<String>,
    baggage: Option<String>,
}

impl From<Unchecked> for TraceContext {
    fn from(unchecked: Unchecked) -> Self {
        Self::read(
            unchecked.traceparent.as_deref(),
            unchecked.tracestate.as_deref(),
            unchecked.baggage.as_deref(),
        )
    }
}

impl TraceContext {
    pub(super) fn of(meta: &RequestMeta) -> Self {
        Self::read(
            meta.traceparent.as_deref(),
            meta.tracestate.as_deref(),
            meta.baggage.as_deref(),
        )
    }

    /// Reads the three values; malformed ones are left out.
    pub fn read(
        traceparent: Option<&str>,
        tracestate: Option<&str>,
        baggage: Option<&str>,
    ) -> Self {
        let parent = traceparent.and_then(|text| text.parse().ok());
        Self {
            // A state belongs to a parent.
            state: tracestate
                .filter(|state| parent.is_some() && is_state(state))
                .map(str::to_owned),
            baggage: baggage
                .filter(|baggage| is_baggage(baggage))
                .map(str::to_owned),
            parent,
        }
    }

    /// The caller's span: the remote parent of the call's own.
    pub fn parent(&self) -> Option<TraceParent> {
        self.parent
    }

    /// What tracing systems add, to be passed on.
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// What applications add, to be passed on. Anybody can write it.
    pub fn baggage(&self) -> Option<&str> {
        self.baggage.as_deref()
    }
}

/// A span of a trace: a W3C `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceParent {
    trace_id: u128,
    parent_id: u64,
    flags: u8,
}

/// Not a `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceParentError(());

impl TraceParent {
    /// The flags that are defined: sampled, and random trace id. Others must not be passed on.
    const FLAGS: u8 = 0b11;

    /// The id of the trace; not zero.
    pub fn trace_id(self) -> u128 {
        self.trace_id
    }

    /// The id of the caller's span; not zero.
    pub fn parent_id(self) -> u64 {
        self.parent_id
    }

    /// Whether the caller records the trace.
    pub fn is_sampled(self) -> bool {
        self.flags & 1 == 1
    }

    pub(crate) fn trace_id_hex(self) -> impl fmt::Display {
        Hex::<32>(self.trace_id)
    }

    pub(crate) fn parent_id_hex(self) -> impl fmt::Display {
        Hex::<16>(self.parent_id.into())
    }
}

struct Hex<const DIGITS: usize>(u128);

impl<const DIGITS: usize> fmt::Display for Hex<DIGITS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:01$x}", self.0, DIGITS)
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            trace_id,
            parent_id,
            flags,
        } = self;
        write!(f, "00-{trace_id:032x}-{parent_id:016x}-{flags:02x}")
    }
}

impl FromStr for TraceParent {
    type Err = TraceParentError;

    fn from_str(text: &str) -> Result<Self, TraceParentError> {
        parse(text.as_bytes()).ok_or(TraceParentError(()))
    }
}

fn parse(text: &[u8]) -> Option<TraceParent> {
    const LENGTH: usize = 55;
    let (known, rest) = text.split_at_checked(LENGTH)?;
    let version = hex(&known[..2])?;
    // Version 255 is forbidden; a later version than the first may add fields.
    let extended = version > 0 && rest.first() == Some(&b'-');
    let dashes = [2, 35, 52].iter().all(|at| known[*at] == b'-');
    if version == 0xff || !dashes || !(rest.is_empty() || extended) {
        return None;
    }
    let parent = TraceParent {
        trace_id: hex(&known[3..35])?,
        parent_id: u64::try_from(hex(&known[36..52])?).ok()?,
        flags: u8::try_from(hex(&known[53..])?).ok()? & TraceParent::FLAGS,
    };
    (parent.trace_id != 0 && parent.parent_id != 0).then_some(parent)
}

/// Lowercase digits only.
fn hex(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0, |value, digit| {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(value << 4 | u128::from(digit))
    })
}

impl fmt::Display for TraceParentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a traceparent")
    }
}

impl std::error::Error for TraceParentError {}

impl Serialize for TraceParent {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TraceParent {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// W3C Trace Context, §3.3: up to 32 members, each key once.
fn is_state(state: &str) -> bool {
    const MEMBERS: usize = 32;
    let mut keys = Vec::new();
    for member in state.split(',').map(trim).filter(|text| !text.is_empty()) {
        let Some((key, value)) = member.split_once('=') else {
            return false;
        };
        if keys.len() == MEMBERS || keys.contains(&key) || !is_state_key(key) || !is_value(value) {
            return false;
        }
        keys.push(key);
    }
    !keys.is_empty()
}

fn is_state_key(key: &str) -> bool {
    let part = |text: &str, longest: usize, digit_first: bool| {
        let first = text.bytes().next();
        text.len() <= longest
            && first.is_some_and(|first| {
                first.is_ascii_lowercase() || digit_first && first.is_ascii_digit()
            })
            && text.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-*/".contains(&byte)
            })
    };
    match key.split_once('@') {
        None => part(key, 256, true),
        Some((tenant, system)) => part(tenant, 241, true) && part(system, 14, false),
    }
}

fn is_value(value: &str) -> bool {
    (1..=256).contains(&value.len())
        && !value.contains('=')
        && value.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// W3C Baggage, §3.3.1: members with properties, within the size that everybody passes on.
fn is_baggage(baggage: &str) -> bool {
    const BYTES: usize = 8192;
    const MEMBERS: usize = 180;
    let property = |text: &str| match text.split_once('=') {
        None => is_token(trim(text)),
        Some((key, value)) => is_token(trim(key)) && is_baggage_value(trim(value)),
    };
    let member = |text: &str| {
        let mut parts = text.split(';');
        parts
            .next()
            .is_some_and(|first| first.contains('=') && property(first))
            && parts.all(property)
    };
    baggage.len() <= BYTES
        && baggage.split(',').count() <= MEMBERS
        && baggage.split(',').all(member)
}

fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

fn is_baggage_value(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte))
}

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn traceparents() {
        let parent: TraceParent = PARENT.parse().unwrap();
        assert_eq!(parent.to_string(), PARENT);
        assert_eq!(parent.trace_id(), 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c);
        assert_eq!(parent.parent_id(), 0xb7ad_6b71_6920_3331);
        let later = PARENT.replacen("00", "cc", 1);
        for good in [later.clone(), format!("{later}-more")] {
            assert_eq!(good.parse(), Ok(parent), "{good}");
        }
        let bad = [
            "",
            "00",
            &PARENT.to_uppercase(),
            &PARENT.replacen("00", "ff", 1),
            &PARENT.replace('-', "_"),
            &format!("{PARENT}-more"),
            &format!("{later}more"),
            &format!(" {PARENT}"),
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0é",
        ];
        for bad in bad {
            assert!(bad.parse::<TraceParent>().is_err(), "{bad}");
        }
    }

    #[test]
    fn states() {
        for good in [
            "a=1",
            "rojo=00f067aa0ba902b7 , congo=t61r",
            "0ab@sys=x y",
            "a=1,,b=2",
        ] {
            assert!(is_state(good), "{good}");
        }
        let many: Vec<_> = (0..33).map(|n| format!("k{n}=v")).collect();
        for bad in [
            "",
            "a",
            "A=1",
            "a=",
            "a=1,a=2",
            "a@0=1",
            "a=\u{e9}",
            &many.join(","),
        ] {
            assert!(!is_state(bad), "{bad}");
        }
    }

    #[test]
    fn baggage() {
        for good in ["userId=alice", "a=1,b = 2;meta;k=v", "a=", "n=Am%C3%A9lie"] {
            assert!(is_baggage(good), "{good}");
        }
        let long = format!("a={}", "x".repeat(9000));
        for bad in ["", "a", "a b=1", "a=\"q\"", "a=1,,b=2", "a=\u{e9}", &long] {
            assert!(!is_baggage(bad), "{bad}");
        }
    }

    #[test]
    fn what_is_malformed_is_left_out() {
        let trace = TraceContext::read(Some("x"), Some("a=1"), Some("k=v"));
        assert_eq!((trace.parent(), trace.state()), (None, None));
        assert_eq!(trace.baggage(), Some("k=v"));
        let trace = TraceContext::read(Some(PARENT), Some("A=1"), None);
        assert!(trace.parent().is_some() && trace.state().is_none());
        let text = serde_json::to_string(&trace).unwrap();
        assert_eq!(text, format!("{{\"traceparent\":\"{PARENT}\"}}"));
        let back: TraceContext = serde_json::from_str(&text).unwrap();
        assert_eq!(back, trace);
    }
}
