//! A bound on nesting, checked before anything recurses.

/// Whether `json` nests at most `max` arrays and objects.
///
/// Linear; the insides of strings are skipped with `memchr`. Malformed text may give either
/// answer: the parser refuses it anyway.
pub(super) fn within(json: &[u8], max: usize) -> bool {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = json.get(at) {
        at += 1;
        match byte {
            b'"' => match end_of_string(json, at) {
                Some(end) => at = end,
                None => return true,
            },
            b'{' | b'[' => {
                depth += 1;
                if depth > max {
                    return false;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    true
}

/// The position behind the quote that ends the string whose text starts at `from`.
fn end_of_string(json: &[u8], mut from: usize) -> Option<usize> {
    loop {
        let offset = memchr::memchr2(b'"', b'\\', json.get(from..)?)?;
        let found = from + offset;
        if json[found] == b'"' {
            return Some(found + 1);
        }
        // Whatever follows the backslash is part of the string.
        from = found + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn counts_open_brackets_outside_strings() {
        assert!(within(br#"{"a":[1,[2]]}"#, 3));
        assert!(!within(br#"{"a":[1,[2]]}"#, 2));
        assert!(within(br#"{"a":"[[[[","b":"\"[[","c":{}}"#, 2));
        assert!(within(br#"[[],[],[]]"#, 2));
    }
}
