use super::{Token, TokenError, TokenValidator};
use mcp_core::Principal;
use std::{error::Error, pin::pin, task};

/// Tests that a validator keeps the rules of [`TokenValidator`]. Call it in a test of yours, with
/// tokens that it has to accept, whom they speak for, and tokens that it has to refuse.
///
/// ```
/// use mcp_tower::{Principal, auth::{ApiKeys, Identity, contract}};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let foo = Principal::new("api-keys", "foo");
/// let digest = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
/// let keys = ApiKeys::new().with_key(digest, Identity::new(foo.clone()))?;
/// contract(&keys, &[("foo", foo)], &["bar"]).await;
/// # Ok(())
/// # }
/// ```
///
/// # Panics
/// When the validator breaks a rule; the message names it, and no token.
pub async fn contract(
    validator: &dyn TokenValidator,
    accepted: &[(&str, Principal)],
    refused: &[&str],
) {
    assert!(!accepted.is_empty(), "give the contract a token to accept");
    for (text, principal) in accepted {
        accepts(validator, text, principal).await;
        for forged in forgeries(text) {
            refuses(validator, &forged).await;
        }
        // Refusals of others have not changed what it thinks of this one.
        accepts(validator, text, principal).await;
    }
    for text in refused {
        refuses(validator, text).await;
        refuses(validator, text).await;
    }
    let long = "a".repeat(super::credentials::MAX_TOKEN);
    for garbage in ["a", "..", "a.b.c", "-", "====", &long] {
        refuses(validator, garbage).await;
    }
    interrupted(validator, accepted).await;
}

async fn accepts(validator: &dyn TokenValidator, text: &str, principal: &Principal) {
    match validator.validate(Token::new(text)).await {
        Ok(identity) => {
            assert_eq!(
                identity.principal(),
                principal,
                "a token speaks for somebody else"
            );
            assert_ne!(
                principal,
                &Principal::Anonymous,
                "a token speaks for nobody"
            );
            assert!(
                !quotes(&format!("{identity:?}"), text),
                "an identity shows its token"
            );
        }
        Err(error) => panic!("a good token was refused: {error}"),
    }
}

async fn refuses(validator: &dyn TokenValidator, text: &str) {
    match validator.validate(Token::new(text)).await {
        Ok(_) => panic!("a bad token was accepted"),
        Err(error) => {
            assert!(
                error.is_invalid(),
                "a bad token was called uncheckable: {error}"
            );
            assert!(!quotes(&shown(&error), text), "an error quotes its token");
        }
    }
}

/// A short token may be part of any text.
fn quotes(shown: &str, token: &str) -> bool {
    token.len() >= 8 && shown.contains(token)
}

/// Everything that a log could get out of an error.
fn shown(error: &TokenError) -> String {
    let mut text = format!("{error:?} {error}");
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text} {error:?} {error}");
        source = error.source();
    }
    text
}

/// Tokens that are nearly the same.
fn forgeries(text: &str) -> Vec<String> {
    let (first, last) = (&text[..text.len() / 2], &text[text.len() / 2..]);
    vec![
        first.to_owned(),
        format!("{text}A"),
        format!("A{text}"),
        format!("{last}{first}A"),
    ]
}

/// A future that is dropped leaves nothing behind that would stop the next one.
async fn interrupted(validator: &dyn TokenValidator, accepted: &[(&str, Principal)]) {
    for (text, principal) in accepted {
        {
            let mut dropped = pin!(validator.validate(Token::new(text)));
            let mut cx = task::Context::from_waker(task::Waker::noop());
            let _ = dropped.as_mut().poll(&mut cx);
        }
        accepts(validator, text, principal).await;
    }
}
