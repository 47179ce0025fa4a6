//! A token as it is written: three parts, of which the first says how to verify the rest
//! (RFC 7515, section 7.1).

use super::{Algorithm, KeySet};
use crate::auth::TokenError;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Header, decode_header};

/// A token whose header was read and nothing else.
///
/// Keys that a header carries or points at (`jwk`, `jku`, `x5c`, `x5u`) are not looked at: a token
/// does not vouch for itself.
pub(super) struct Compact<'a> {
    pub(super) header: Header,
    pub(super) algorithm: Algorithm,
    /// What is signed.
    pub(super) message: &'a str,
    payload: &'a str,
    pub(super) signature: Vec<u8>,
}

impl<'a> Compact<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, TokenError> {
        const SHAPE: TokenError = TokenError::invalid("it is no signed token of three parts");
        let (message, signature) = text.rsplit_once('.').ok_or(SHAPE)?;
        let (_, payload) = message.split_once('.').ok_or(SHAPE)?;
        let header = decode_header(text)
            .map_err(|_| TokenError::invalid("the header of the token cannot be read"))?;
        // The library reads these two, and leaves them to us.
        if header.crit.is_some() {
            return Err(TokenError::invalid(
                "the token has extensions that are not known",
            ));
        }
        if header.cty.is_some() {
            return Err(TokenError::invalid("the token has another one inside"));
        }
        let algorithm = Algorithm::asymmetric(header.alg).ok_or(TokenError::invalid(
            "the token's algorithm needs a shared secret",
        ))?;
        Ok(Self {
            algorithm,
            header,
            message,
            payload,
            signature: decode(signature)?,
        })
    }

    /// Whether it says that it is an access token, or, unless `strict`, does not say what it is.
    pub(super) fn is_access_token(&self, strict: bool) -> bool {
        let Some(typ) = self.header.typ.as_deref() else {
            return !strict;
        };
        // Media types have no case, and the prefix may be left out (RFC 7515, section 4.1.9).
        let typ = typ.to_ascii_lowercase();
        match typ.strip_prefix("application/").unwrap_or(&typ) {
            "at+jwt" => true,
            "jwt" => !strict,
            _ => false,
        }
    }

    /// The claims, if one of the keys has signed them; `None` if there is no such key.
    pub(super) fn verify(&self, keys: &KeySet) -> Option<Result<Vec<u8>, TokenError>> {
        Some(if keys.verify(self)? {
            decode(self.payload)
        } else {
            Err(TokenError::invalid("the signature of the token is wrong"))
        })
    }
}

fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    let decoded = URL_SAFE_NO_PAD.decode(part);
    decoded.map_err(|_| TokenError::invalid("a part of the token is not base64url"))
}
