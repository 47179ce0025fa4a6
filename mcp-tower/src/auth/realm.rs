use std::fmt;

/// What browsers and clients call the place that a caller wants to get into (RFC 9110, section
/// 11.5): part of a challenge.
#[derive(Clone, Copy)]
pub(super) struct Realm<'a>(&'a str);

/// A realm that cannot be written into a challenge.
///
/// It is visible ASCII and spaces, without `"` and `\`, and not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidRealm;

impl<'a> Realm<'a> {
    pub(super) fn new(text: &'a str) -> Result<Self, InvalidRealm> {
        let is_safe = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
        match !text.is_empty() && text.bytes().all(is_safe) {
            true => Ok(Self(text)),
            false => Err(InvalidRealm),
        }
    }
}

/// The parameter of a challenge.
impl fmt::Display for Realm<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, r#"realm="{}""#, self.0)
    }
}

impl fmt::Display for InvalidRealm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(r#"a realm is visible ASCII and spaces, without `"` and `\`"#)
    }
}

impl std::error::Error for InvalidRealm {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_realm_cannot_end_its_quotes() {
        assert_eq!(
            Realm::new("Notes, and more").unwrap().to_string(),
            r#"realm="Notes, and more""#
        );
        for text in ["", "a\"b", "a\\", "a\nb", "a\tb", "é", "\x7f"] {
            assert!(Realm::new(text).is_err(), "{text:?}");
        }
    }
}
