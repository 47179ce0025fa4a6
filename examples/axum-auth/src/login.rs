//! The login that the application had before it had MCP. Nothing here knows of MCP, except for the
//! one line that says who the caller is in its terms.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use mcp_tower::Principal;
use serde::Serialize;
use std::sync::Arc;

/// Somebody who has logged in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct User {
    pub(crate) name: &'static str,
    pub(crate) role: Role,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    Reader,
    Librarian,
}

/// Everybody who may log in. A real application keeps hashes of passwords, in a database.
#[derive(Clone)]
pub(crate) struct Users(Arc<[(User, &'static str)]>);

impl Users {
    pub(crate) fn new() -> Self {
        let user = |name, role, password| (User { name, role }, password);
        Self(Arc::new([
            user("ada", Role::Librarian, "analytical"),
            user("jane", Role::Reader, "persuasion"),
        ]))
    }

    /// Who the request says it is from, with the right password (RFC 7617).
    fn find(&self, headers: &HeaderMap) -> Option<User> {
        let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let (scheme, credentials) = value.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let credentials = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
        let (name, password) = credentials.split_once(':')?;
        let found = self
            .0
            .iter()
            .find(|(user, secret)| user.name == name && *secret == password)?;
        Some(found.0.clone())
    }
}

/// Lets in who has logged in.
pub(crate) async fn required(
    State(users): State<Users>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(user) = users.find(request.headers()) else {
        let challenge = [(header::WWW_AUTHENTICATE, "Basic realm=\"library\"")];
        return (StatusCode::UNAUTHORIZED, challenge).into_response();
    };
    // Nobody further in needs the password.
    request.headers_mut().remove(header::AUTHORIZATION);
    // Sessions, cursors and whatever else is kept for later belong to this principal.
    let principal = Principal::new("library", user.name);
    request.extensions_mut().insert(principal);
    request.extensions_mut().insert(user);
    next.run(request).await
}
