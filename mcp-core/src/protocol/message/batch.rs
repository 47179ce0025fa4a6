//! Several messages in one array.

use super::{Message, ParseError, ParseErrorKind, depth};
use bytes::Bytes;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// The messages of a batch, in order; what is none keeps its place.
pub(super) type Batch = Vec<Result<Message, ParseError>>;

/// Whether a body can only be an array.
pub(super) fn is_batch(body: &[u8]) -> bool {
    let first = body
        .iter()
        .find(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    first == Some(&b'[')
}

pub(super) fn parse(body: &[u8], max_depth: usize, max: usize) -> Result<Batch, ParseError> {
    let text = std::str::from_utf8(body).map_err(|_| ParseError::new(ParseErrorKind::NotUtf8))?;
    // The array is a level of its own.
    if !depth::within(body, max_depth.saturating_add(1)) {
        return Err(ParseError::new(ParseErrorKind::TooDeep));
    }
    let invalid = |reason| Err(ParseError::new(ParseErrorKind::Invalid(reason)));
    let mut json = serde_json::Deserializer::from_str(text);
    let elements = json
        .deserialize_seq(Elements { max })
        .and_then(|elements| json.end().map(|()| elements))
        .map_err(|_| ParseError::new(ParseErrorKind::NotJson))?;
    match elements {
        None => invalid("the batch has too many messages"),
        Some(elements) if elements.is_empty() => invalid("a batch has at least one message"),
        // Copies: what is left of a batch must not hold the whole of it.
        Some(elements) => Ok(elements
            .into_iter()
            .map(|element| Bytes::copy_from_slice(element.get().as_bytes()))
            .map(|element| Message::parse(element, max_depth))
            .collect()),
    }
}

/// Reads an array of at most so many elements; `None` for a longer one.
struct Elements {
    max: usize,
}

impl<'de> Visitor<'de> for Elements {
    type Value = Option<Vec<&'de RawValue>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element::<&'de RawValue>()? {
            elements.push(element);
            if elements.len() > self.max {
                // The rest has to be JSON all the same.
                while seq.next_element::<serde::de::IgnoredAny>()?.is_some() {}
                return Ok(None);
            }
        }
        Ok(Some(elements))
    }

    fn visit_map<A>(self, _: A) -> Result<Self::Value, A::Error>
    where
        A: serde::de::MapAccess<'de>,
    {
        Err(A::Error::custom("not an array"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(body: &str) -> Result<Vec<String>, String> {
        let batch = parse(body.as_bytes(), 4, 3).map_err(|error| error.to_string())?;
        let each = batch.into_iter().map(|element| match element {
            Ok(Message::Request(request)) => request.method().to_owned(),
            Ok(Message::Response(_)) => "response".to_owned(),
            Err(error) => format!("{:?} {error}", error.id().map(ToString::to_string)),
        });
        Ok(each.collect())
    }

    #[test]
    fn each_message_is_judged_alone() {
        let a = r#"{"jsonrpc":"2.0","id":1,"method":"a"}"#;
        assert_eq!(read(&format!(" [{a}]\n")).unwrap(), ["a"]);
        let response = r#"{"jsonrpc":"2.0","id":1,"result":{}}"#;
        let mixed = read(&format!("[{a},{response},{{\"id\":7}}]")).unwrap();
        assert_eq!(mixed[..2], ["a", "response"]);
        assert!(mixed[2].starts_with("Some(\"7\")"), "{mixed:?}");
        let nested = read(&format!("[[{a}],1]")).unwrap();
        assert!(
            nested.iter().all(|message| message.starts_with("None ")),
            "{nested:?}"
        );
    }

    #[test]
    fn a_batch_is_bounded_and_json() {
        assert!(read("[]").unwrap_err().contains("at least one"));
        assert!(read("[1,2,3,4]").unwrap_err().contains("too many"));
        for broken in ["[1,2,3,4", "[1,", "[1]]", "[1] 2", "{}", "x", ""] {
            assert_eq!(
                read(broken).unwrap_err(),
                "the body is not JSON",
                "{broken}"
            );
        }
        let deep = |levels: usize| format!("[{}{}]", "[".repeat(levels), "]".repeat(levels));
        assert!(read(&deep(4)).is_ok());
        assert!(read(&deep(5)).unwrap_err().contains("deeply"));
    }

    proptest! {
        #[test]
        fn nothing_panics(body in "[\\[\\]{}\", :0-9a-z\\\\]{0,60}") {
            let _ = read(&body);
            prop_assert_eq!(is_batch(body.as_bytes()), body.trim_start().starts_with('['));
        }
    }
}
