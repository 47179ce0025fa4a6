//! Durations as people write them.

use std::time::Duration;
use syn::{
    Error, LitStr, Result,
    parse::{Parse, ParseStream},
};

const EXPECTED: &str =
    "expected a whole number and a unit (`ms`, `s`, `m` or `h`), for example `\"30s\"`";

/// A time limit: more than nothing.
pub(crate) struct Limit(pub(crate) Duration);

impl Parse for Limit {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if !input.peek(LitStr) {
            return Err(input.error(EXPECTED));
        }
        let literal: LitStr = input.parse()?;
        let duration = parse(&literal.value());
        duration
            .map(Self)
            .map_err(|fault| Error::new(literal.span(), fault))
    }
}

fn parse(text: &str) -> std::result::Result<Duration, &'static str> {
    let unit = text.trim_start_matches(|digit: char| digit.is_ascii_digit());
    let digits = &text[..text.len() - unit.len()];
    if digits.is_empty() {
        return Err(EXPECTED);
    }
    let milliseconds: u64 = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60 * 1000,
        "h" => 60 * 60 * 1000,
        _ => return Err(EXPECTED),
    };
    let total = digits
        .parse()
        .ok()
        .and_then(|count: u64| count.checked_mul(milliseconds));
    match total {
        Some(0) => Err("a time limit is more than nothing"),
        Some(total) => Ok(Duration::from_millis(total)),
        None => Err("this time limit is too long"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit() {
        for (text, milliseconds) in [
            ("250ms", 250),
            ("30s", 30_000),
            ("5m", 300_000),
            ("2h", 7_200_000),
            ("007s", 7000),
        ] {
            assert_eq!(
                parse(text),
                Ok(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for text in [
            "", "s", "30", "30 s", " 30s", "1.5s", "-1s", "30S", "30sec", "1h30m", "１s",
        ] {
            assert_eq!(parse(text), Err(EXPECTED), "{text}");
        }
        assert_eq!(parse("0s"), Err("a time limit is more than nothing"));
        for text in ["99999999999999999999ms", "9999999999999999h"] {
            assert_eq!(parse(text), Err("this time limit is too long"), "{text}");
        }
    }

    #[test]
    fn only_strings_are_read() {
        let error = syn::parse_str::<Limit>("30").err().unwrap();
        assert_eq!(error.to_string(), EXPECTED);
        assert!(syn::parse_str::<Limit>("\"30s\"").is_ok());
    }
}
