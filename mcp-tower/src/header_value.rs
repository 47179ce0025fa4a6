//! The values of `Mcp-Name` and `Mcp-Param-*`: literals, or Base64 between markers.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderValue;
use std::borrow::Cow;

/// A client that follows the specification does not send this value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadHeaderValue;

/// Reads a value. Blanks and tabs around it are no part of it. `=?base64?…?=` stands for text,
/// anything else for itself; only text is copied.
///
/// Decoding is strict: the standard alphabet, padding, no stray bits at the end, UTF-8. Otherwise
/// two spellings of one value would exist, and what a proxy decided about one would not hold for
/// the other.
pub(crate) fn decode(value: &HeaderValue) -> Result<Cow<'_, str>, BadHeaderValue> {
    // Visible ASCII, blanks and tabs are what `to_str` lets through, and what a literal may have.
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

/// What a client writes for a text: the text itself where a header can hold it.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn encode(text: &str) -> String {
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t'))
        && text.trim_matches([' ', '\t']) == text
        && !(text.starts_with("=?base64?") && text.ends_with("?="));
    if is_plain {
        text.to_owned()
    } else {
        format!("=?base64?{}?=", STANDARD.encode(text))
    }
}

/// Whether a decoded header equals an argument that is a JSON string.
pub(crate) fn matches_string(header: &str, json: &str) -> bool {
    let quoted = json
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    match quoted {
        None => false,
        Some(text) if !text.contains('\\') => text == header,
        Some(_) => serde_json::from_str::<String>(json).is_ok_and(|text| text == header),
    }
}

/// Whether a decoded header equals an argument that is a JSON number and an integer.
///
/// Both are compared as numbers (`42.0` and `42` are equal), exactly, however they are written:
/// each must be a number by the grammar of JSON, so `+5`, `05` and ` 5` are none. An argument that
/// is not whole, or beyond ±(2⁵³ − 1), was never allowed to be mirrored and equals nothing: there,
/// clients that compute in doubles would have sent another number than the one meant.
pub(crate) fn matches_integer(header: &str, json: &str) -> bool {
    match (integer(header), integer(json)) {
        (Some(header), Some(argument)) => header == argument,
        _ => false,
    }
}

/// The largest integer that every JSON implementation tells apart from its neighbours.
const MAX_SAFE: i64 = (1 << 53) - 1;

/// The whole number that a JSON number stands for, if it is within the safe range.
///
/// Reads decimals itself: a double would take `1.0000000000000000001` for 1.
fn integer(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent_of(exponent)?),
        None => (digits, 0),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((_, "")) => return None,
        Some((whole, fraction)) => (whole, fraction),
        None => (mantissa, ""),
    };
    let is_whole_part = !whole.is_empty() && (whole == "0" || !whole.starts_with('0'));
    if !is_whole_part
        || !whole
            .bytes()
            .chain(fraction.bytes())
            .all(|b| b.is_ascii_digit())
    {
        return None;
    }
    // Where the point stands after the exponent moved it, counted from the first digit.
    let point = i64::try_from(whole.len()).ok()?.checked_add(exponent)?;
    let mut value: i64 = 0;
    let mut read: i64 = 0;
    for digit in whole.bytes().chain(fraction.bytes()) {
        let digit = i64::from(digit - b'0');
        if read < point {
            value = value.checked_mul(10)?.checked_add(digit)?;
        } else if digit != 0 {
            return None;
        }
        read += 1;
    }
    if value != 0 {
        // What the exponent adds behind the last digit.
        for _ in read..point {
            value = value.checked_mul(10)?;
        }
    }
    (value <= MAX_SAFE).then_some(if negative { -value } else { value })
}

/// An exponent of JSON: an optional sign and digits. One that does not fit moves every digit out
/// of the safe range, or out of the whole part, and is as good as the largest that does.
fn exponent_of(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = digits.iter().fold(0_i64, |value, digit| {
        (value
            .saturating_mul(10)
            .saturating_add(i64::from(digit - b'0')))
        .min(i64::MAX / 2)
    });
    Some(if negative { -value } else { value })
}

/// Whether a decoded header equals an argument that is a JSON boolean.
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
            ("us-west1", Ok("us-west1")),
            ("  us west\t1 \t", Ok("us west\t1")),
            ("", Ok("")),
            ("   ", Ok("")),
            // The examples of the specification.
            ("=?base64?SGVsbG8sIOS4lueVjA==?=", Ok("Hello, 世界")),
            ("=?base64?IHBhZGRlZCA=?=", Ok(" padded ")),
            ("=?base64?bGluZTEKbGluZTI=?=", Ok("line1\nline2")),
            (
                "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=",
                Ok("=?base64?literal?="),
            ),
            (" =?base64?w6k=?= ", Ok("é")),
            ("=?base64??=", Ok("")),
            // No padding, wrong padding, other alphabets, white space, stray bits, no UTF-8.
            ("=?base64?SGVsbG8?=", Err(BadHeaderValue)),
            ("=?base64?SGVsbG8==?=", Err(BadHeaderValue)),
            ("=?base64?SGVs!!!bG8=?=", Err(BadHeaderValue)),
            ("=?base64?_-__?=", Err(BadHeaderValue)),
            ("=?base64? SGVsbG8=?=", Err(BadHeaderValue)),
            ("=?base64?SGVs bG8=?=", Err(BadHeaderValue)),
            ("=?base64?SGVsbG9=?=", Err(BadHeaderValue)),
            ("=?base64?/w==?=", Err(BadHeaderValue)),
            ("=?base64?=?=", Err(BadHeaderValue)),
            // Not both markers, or not exactly.
            ("=?BASE64?SGVsbG8=?=", Ok("=?BASE64?SGVsbG8=?=")),
            ("=?base64?SGVsbG8=", Ok("=?base64?SGVsbG8=")),
            ("SGVsbG8=?=", Ok("SGVsbG8=?=")),
            ("=?base64?=", Ok("=?base64?=")),
            ("x=?base64?SGVsbG8=?=", Ok("x=?base64?SGVsbG8=?=")),
            ("SGVsbG8=", Ok("SGVsbG8=")),
        ];
        for (value, expected) in table {
            assert_eq!(decoded(value), expected.map(str::to_owned), "{value}");
        }
        for bytes in [&b"\xff"[..], b"caf\xc3\xa9", b"=?base64?\xc3\xa9?="] {
            let value = HeaderValue::from_bytes(bytes).unwrap();
            assert_eq!(decode(&value), Err(BadHeaderValue));
        }
        let literal = HeaderValue::from_static("add");
        assert!(matches!(decode(&literal), Ok(Cow::Borrowed("add"))));
    }

    #[test]
    fn strings_are_compared_exactly() {
        let table = [
            ("a\"b", r#""a\"b""#, true),
            ("add", r#""add""#, true),
            ("add", r#""\u0061dd""#, true),
            ("😀", r#""\ud83d\ude00""#, true),
            ("", r#""""#, true),
            ("Add", r#""add""#, false),
            ("add", r#""add ""#, false),
            (r"\u0061dd", r#""\u0061dd""#, false),
            ("5", "5", false),
            ("null", "null", false),
            ("x", r#""\ud83d""#, false),
            ("", "\"", false),
            ("", "", false),
        ];
        for (header, json, expected) in table {
            assert_eq!(matches_string(header, json), expected, "{header} {json}");
        }
    }

    #[test]
    fn integers_are_compared_as_numbers() {
        let equal = [
            ("5", "5"),
            ("5", "5.0"),
            ("42.0", "42"),
            ("5e0", "5"),
            ("5", "50E-1"),
            ("5", "0.5e+1"),
            ("100", "1e2"),
            ("1200", "1.2e3"),
            ("-7", "-7.00"),
            ("0", "-0"),
            ("0", "0e999999999999999999999"),
            ("9007199254740991", "9007199254740991"),
            ("-9007199254740991", "-9007199254740991.0"),
        ];
        for (header, json) in equal {
            assert!(matches_integer(header, json), "{header} {json}");
            assert!(matches_integer(json, header), "{json} {header}");
        }
        let unequal = [
            ("5", "6"),
            ("5", "-5"),
            ("5", "5.5"),
            ("5.5", "5.5"),
            ("5", "50"),
            ("+5", "5"),
            ("05", "5"),
            (" 5", "5"),
            ("5.", "5"),
            (".5e1", "5"),
            ("5e", "5"),
            ("5e+", "5"),
            ("5e0.0", "5"),
            ("0x5", "5"),
            ("--5", "5"),
            ("-", "0"),
            ("", "0"),
            ("٥", "5"),
            ("5", "\"5\""),
            ("5", "[5]"),
            ("null", "null"),
            ("1", "1.0000000000000000001"),
            ("NaN", "NaN"),
            ("9007199254740992", "9007199254740992"),
            ("9007199254740993", "9007199254740992"),
            ("1e400", "1e400"),
            ("1e-400", "0"),
            ("1e99999999999999999999", "1e99999999999999999999"),
            ("1_000", "1000"),
        ];
        for (header, json) in unequal {
            assert!(!matches_integer(header, json), "{header} {json}");
            assert!(!matches_integer(json, header), "{json} {header}");
        }
    }

    #[test]
    fn booleans_are_two_words() {
        let table = [
            ("true", "true", true),
            ("false", "false", true),
            ("true", "false", false),
            ("True", "true", false),
            ("1", "true", false),
            ("x", "x", false),
            ("true", "\"true\"", false),
        ];
        for (header, json, expected) in table {
            assert_eq!(matches_boolean(header, json), expected, "{header} {json}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..40), a in "[-+0-9.eE]{0,30}", b in "\\PC{0,9}") {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                let _ = decode(&value);
            }
            matches_integer(&a, &b);
            matches_string(&a, &b);
        }

        #[test]
        fn what_was_encoded_comes_back(text in any::<String>()) {
            prop_assert_eq!(decoded(&encode(&text)), Ok(text));
        }

        #[test]
        fn every_string_matches_itself(text in any::<String>()) {
            prop_assert!(matches_string(&text, &serde_json::to_string(&text).unwrap()));
        }

        #[test]
        fn numbers_are_read_as_std_reads_them(text in "-?(0|[1-9][0-9]{0,5})(\\.[0-9]{1,3})?(e[+-]?[0-9])?", number in -99_999_i64..99_999) {
            let read: f64 = text.parse().unwrap();
            prop_assert_eq!(integer(&text).map(|value| value as f64), (read.fract() == 0.0).then_some(read));
            let same = format!("{number}.0");
            prop_assert!(matches_integer(&number.to_string(), &same));
        }
    }
}
