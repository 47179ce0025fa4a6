//! Proof that whoever redeems a code asked for it (RFC 7636), method S256 alone.

use super::{error::OAuthError, secret::Digest};

/// The challenge of an authorization request.
pub(super) struct Challenge(String);

impl Challenge {
    pub(super) fn read(method: Option<&str>, challenge: Option<&str>) -> Result<Self, OAuthError> {
        let challenge =
            challenge.ok_or_else(|| OAuthError::request("`code_challenge` is missing"))?;
        // Without a method it would be `plain` (§4.3).
        if method != Some("S256") {
            let message = "`code_challenge_method` must be S256";
            return Err(OAuthError::request(message));
        }
        if challenge.len() != 43 || !challenge.bytes().all(is_unreserved) {
            return Err(OAuthError::request("`code_challenge` is no SHA-256 digest"));
        }
        Ok(Self(challenge.to_owned()))
    }

    pub(super) fn is_met_by(&self, verifier: &str) -> bool {
        (43..=128).contains(&verifier.len())
            && verifier.bytes().all(is_unreserved)
            && Digest::of(verifier).to_challenge() == self.0
    }
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_example_of_the_rfc() {
        let challenge = Challenge::read(Some("S256"), Some(CHALLENGE)).unwrap();
        assert!(challenge.is_met_by(VERIFIER));
        assert!(!challenge.is_met_by(&VERIFIER.replace('d', "e")));
        assert!(!challenge.is_met_by(CHALLENGE));
        assert!(!challenge.is_met_by(""));
    }

    #[test]
    fn nothing_but_s256() {
        assert!(Challenge::read(Some("S256"), None).is_err());
        assert!(Challenge::read(None, Some(CHALLENGE)).is_err());
        assert!(Challenge::read(Some("plain"), Some(VERIFIER)).is_err());
        assert!(Challenge::read(Some("S256"), Some("short")).is_err());
    }
}
