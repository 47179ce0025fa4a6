//! Names of scopes: `scopes("notes:read", "notes:write")`.

use super::in_parens;
use syn::{Error, LitStr, Result, Token, parse::ParseStream, punctuated::Punctuated};

/// The names, with spaces between them.
pub(super) fn parse(input: ParseStream<'_>) -> Result<String> {
    let start = input.span();
    let names = in_parens(input, Punctuated::<LitStr, Token![,]>::parse_terminated)?;
    if names.is_empty() {
        return Err(Error::new(start, "expected at least one scope"));
    }
    let mut seen: Vec<String> = Vec::new();
    for literal in &names {
        let name = literal.value();
        if !is_scope(&name) {
            let message = "a scope is visible ASCII without spaces, quotes and backslashes";
            return Err(Error::new(literal.span(), message));
        }
        if seen.contains(&name) {
            return Err(Error::new(
                literal.span(),
                format!("duplicate scope `{name}`"),
            ));
        }
        seen.push(name);
    }
    Ok(seen.join(" "))
}

/// `scope-token` of RFC 6749 §3.3.
fn is_scope(name: &str) -> bool {
    let allowed = |byte| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
    !name.is_empty() && name.bytes().all(allowed)
}
