//! When two values are equal, and which of two is more.

use serde_json::{Number, Value};
use std::{borrow::Cow, cmp::Ordering};

/// Deep equality; numbers by value, so that 1 is 1.0.
pub(crate) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => numbers(a, b) == Some(Ordering::Equal),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let same = |(name, a): (&String, &Value)| b.get(name).is_some_and(|b| equal(a, b));
            a.len() == b.len() && a.iter().all(same)
        }
        _ => a == b,
    }
}

/// As [`equal`]; two texts in lower case where case is ignored.
pub(crate) fn equal_folded(a: &Value, b: &Value, ignore_case: bool) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => fold(a, ignore_case) == fold(b, ignore_case),
        _ => equal(a, b),
    }
}

pub(crate) fn fold(text: &str, ignore_case: bool) -> Cow<'_, str> {
    match ignore_case {
        true => Cow::Owned(text.to_lowercase()),
        false => Cow::Borrowed(text),
    }
}

/// Two numbers, or two texts by code points; anything else cannot be compared.
pub(crate) fn order(a: &Value, b: &Value, ignore_case: bool) -> Option<Ordering> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => numbers(a, b),
        // The order of bytes in UTF-8 is that of code points.
        (Value::String(a), Value::String(b)) => {
            Some(fold(a, ignore_case).cmp(&fold(b, ignore_case)))
        }
        _ => None,
    }
}

/// Exact: a whole number is never rounded to meet one with a fraction.
fn numbers(a: &Number, b: &Number) -> Option<Ordering> {
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        (Some(a), None) => whole_to_float(a, b.as_f64()?),
        (None, Some(b)) => whole_to_float(b, a.as_f64()?).map(Ordering::reverse),
        (None, None) => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}

fn whole(number: &Number) -> Option<i128> {
    let signed = number.as_i64().map(i128::from);
    signed.or_else(|| number.as_u64().map(i128::from))
}

fn whole_to_float(whole: i128, float: f64) -> Option<Ordering> {
    // Past any whole number that JSON gives us, and far from what `i128` cannot hold.
    const FAR: f64 = 1e30;
    if float.is_nan() {
        return None;
    }
    if float.abs() >= FAR {
        return Some(if float > 0.0 {
            Ordering::Less
        } else {
            Ordering::Greater
        });
    }
    let truncated = float.trunc();
    // Exact: a float without a fraction, within the range.
    let by_whole = whole.cmp(&(truncated as i128));
    let by_fraction = truncated.partial_cmp(&float)?;
    Some(by_whole.then(by_fraction))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_compare_exactly() {
        use Ordering::{Equal, Greater, Less};
        let table = [
            ("1", "1.0", Equal),
            ("0", "-0.0", Equal),
            ("9007199254740993", "9007199254740992.0", Greater),
            ("9007199254740993", "9007199254740992", Greater),
            ("18446744073709551615", "18446744073709551616.0", Less),
            ("18446744073709551615", "-1", Greater),
            ("1", "1.5", Less),
            ("-1", "-1.5", Greater),
            ("2", "1.5", Greater),
            ("1", "1e300", Less),
            ("1", "-1e300", Greater),
        ];
        for (a, b, expected) in table {
            let [a, b]: [Value; 2] = [a, b].map(|text| serde_json::from_str(text).expect("JSON"));
            assert_eq!(order(&a, &b, false), Some(expected), "{a} {b}");
            assert_eq!(order(&b, &a, false), Some(expected.reverse()), "{b} {a}");
            assert_eq!(equal(&a, &b), expected == Equal, "{a} {b}");
        }
    }

    #[test]
    fn equality_is_deep() {
        assert!(equal(
            &json!({"a": [1, {"b": 2}], "c": 0}),
            &json!({"c": 0.0, "a": [1.0, {"b": 2.0}]})
        ));
        assert!(!equal(&json!({"a": 1}), &json!({"a": 1, "b": null})));
        assert!(!equal(&json!({"a": null}), &json!({"b": null})));
        assert!(!equal(&json!([1, 2]), &json!([2, 1])));
        assert!(!equal(&json!("1"), &json!(1)));
    }
}
