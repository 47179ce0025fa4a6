//! Texts with `{{names}}` in them.

/// Puts values in the places of names, once: what is put in is not looked at again. Names without a
/// value stay what they are.
pub(super) fn fill<'a>(text: &str, value: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let (before, from) = rest.split_at(start);
        filled.push_str(before);
        let Some(end) = from.find("}}") else {
            rest = from;
            break;
        };
        let (name, after) = (&from[2..end], &from[end + 2..]);
        filled.push_str(value(name.trim()).unwrap_or(&from[..end + 2]));
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn values_are_put_in_once() {
        let value = |name: &str| match name {
            "a" => Some("{{b}}"),
            "b" => Some("B"),
            _ => None,
        };
        for (text, expected) in [
            ("", ""),
            ("{{a}} {{ b }}!", "{{b}} B!"),
            ("{{c}} {{b}}", "{{c}} B"),
            ("{{a", "{{a"),
            ("{a} }} {{b}}", "{a} }} B"),
        ] {
            assert_eq!(fill(text, value), expected);
        }
    }
}
