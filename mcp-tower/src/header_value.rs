//! The values of `Mcp-Name` and `Mcp-Param-*`: literals, or Base64 between markers.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderValue;
use std::borrow::Cow;

/// The value is none that a client may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadHeaderValue;

/// Reads a value: white space around it is no part of it; `=?base64?…?=` is decoded strictly, with
/// padding; anything else stands for itself.
pub(crate) fn decode(value: &HeaderValue) -> Result<Cow<'_, str>, BadHeaderValue> {
    // Visible ASCII, blanks and tabs: what `to_str` lets through.
    let text = value.to_str().map_err(|_| BadHeaderValue)?;
    let text = text.trim_matches([' ', '\t']);
    let encoded = text
        .strip_prefix("=?base64?")
        .and_then(|text| text.strip_suffix("?="));
    let Some(encoded) = encoded else {
        return Ok(Cow::Borrowed(text));
    };
    let bytes = STANDARD.decode(encoded).map_err(|_| BadHeaderValue)?;
    let decoded = String::from_utf8(bytes).map_err(|_| BadHeaderValue)?;
    Ok(Cow::Owned(decoded))
}

/// Whether a header equals a JSON string.
pub(crate) fn matches_string(header: &str, json: &str) -> bool {
    serde_json::from_str::<Cow<'_, str>>(json).is_ok_and(|text| text == header)
}

/// Whether a header equals a JSON number that is an integer, whichever way it is written: `5`,
/// `5.0` and `5e0` are the same JSON number.
pub(crate) fn matches_integer(header: &str, json: &str) -> bool {
    let Ok(header) = header.parse::<i64>() else {
        return false;
    };
    if let Ok(number) = serde_json::from_str::<i64>(json) {
        return number == header;
    }
    // Mirrored integers stay within ±(2^53 − 1), where doubles are exact.
    #[allow(clippy::cast_precision_loss)]
    let header = header as f64;
    serde_json::from_str::<f64>(json).is_ok_and(|number| number.fract() == 0.0 && number == header)
}

/// Whether a header equals a JSON boolean.
pub(crate) fn matches_boolean(header: &str, json: &str) -> bool {
    matches!(json, "true" | "false") && header == json
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decoded(value: &str) -> Result<String, BadHeaderValue> {
        decode(&HeaderValue::from_str(value).unwrap()).map(Cow::into_owned)
    }

    #[test]
    fn values_are_read_strictly() {
        let table = [
            ("us-east", Ok("us-east")),
            ("  us-east\t", Ok("us-east")),
            ("=?base64?SGVsbG8=?=", Ok("Hello")),
            (" =?base64?w6k=?= ", Ok("é")),
            ("=?base64?SGVsbG8?=", Err(BadHeaderValue)),
            ("=?base64?SGVs!!!bG8=?=", Err(BadHeaderValue)),
            ("=?base64?SGVsbG9=?=", Err(BadHeaderValue)),
            ("=?base64?/w==?=", Err(BadHeaderValue)),
            ("=?BASE64?SGVsbG8=?=", Ok("=?BASE64?SGVsbG8=?=")),
            ("=?base64?SGVsbG8=", Ok("=?base64?SGVsbG8=")),
            ("SGVsbG8=", Ok("SGVsbG8=")),
            ("=?base64?=", Ok("=?base64?=")),
            ("=?base64??=", Ok("")),
            ("", Ok("")),
        ];
        for (value, expected) in table {
            assert_eq!(decoded(value), expected.map(str::to_owned), "{value}");
        }
        assert!(decode(&HeaderValue::from_bytes(b"\xff").unwrap()).is_err());
    }

    #[test]
    fn values_are_compared_by_type() {
        assert!(matches_string("a\"b", r#""a\"b""#));
        assert!(!matches_string("5", "5"));
        assert!(matches_integer("5", "5") && matches_integer("5", "5.0"));
        assert!(matches_integer("-7", "-7") && !matches_integer("5", "6"));
        assert!(!matches_integer("5.0", "5") && !matches_integer("", "5"));
        assert!(!matches_integer("5", "\"5\"") && !matches_integer("5", "5.5"));
        assert!(matches_boolean("true", "true") && !matches_boolean("True", "true"));
        assert!(!matches_boolean("x", "x"));
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                let _ = decode(&value);
            }
        }

        #[test]
        fn what_was_encoded_comes_back(text in any::<String>()) {
            let encoded = format!("=?base64?{}?=", STANDARD.encode(&text));
            prop_assert_eq!(decoded(&encoded), Ok(text));
        }
    }
}
