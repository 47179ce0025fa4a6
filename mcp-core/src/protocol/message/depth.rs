//! Bounds on nesting and on strings, checked before anything is parsed.

/// Whether `json` nests at most `max` arrays and objects.
///
/// Linear. Malformed text may give either answer: the parser refuses it anyway.
pub(super) fn within(json: &[u8], max: usize) -> bool {
    // With so few brackets, wherever they are, there is no need to look at strings: nearly always.
    if memchr::memchr2_iter(b'{', b'[', json).nth(max).is_none() {
        return true;
    }
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

/// Whether no string of `json`, names of members included, has more than `max` bytes as it is
/// written.
///
/// Linear. Malformed text may give either answer: the parser refuses it anyway.
///
/// ```
/// use mcp_core::protocol::strings_within;
///
/// assert!(strings_within(br#"{"name":"four"}"#, 4));
/// assert!(!strings_within(br#"{"name":"longer"}"#, 4));
/// ```
pub fn strings_within(json: &[u8], max: usize) -> bool {
    let mut at = 0;
    while let Some(quote) = json.get(at..).and_then(|rest| memchr::memchr(b'"', rest)) {
        let from = at + quote + 1;
        match end_of_string(json, from) {
            Some(end) if end - 1 - from > max => return false,
            Some(end) => at = end,
            None => return true,
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
    use super::{strings_within, within};

    #[test]
    fn strings_are_measured_as_they_are_written() {
        let json = br#"{"ab":["\"\"",""],"c":"abcd"}"#;
        assert!(strings_within(json, 4));
        assert!(!strings_within(json, 3));
        assert!(strings_within(b"[1,2]", 0));
        assert!(strings_within(b"\"open", 0));
    }

    #[test]
    fn counts_open_brackets_outside_strings() {
        assert!(within(br#"{"a":[1,[2]]}"#, 3));
        assert!(!within(br#"{"a":[1,[2]]}"#, 2));
        assert!(within(br#"{"a":"[[[[","b":"\"[[","c":{}}"#, 2));
        assert!(within(br#"[[],[],[]]"#, 2));
    }
}
