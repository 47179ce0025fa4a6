//! The page on which a user of the development issuer agrees, or does not.

use super::{
    Issuer,
    authorize::{Asked, page},
    error::OAuthError,
    manners,
    secret::secret,
    users::{USERS, User},
};
use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    response::{Html, IntoResponse, Response},
};
use http::{HeaderValue, header};
use serde::Deserialize;
use std::fmt::Write;

/// How long a user may think about it, in seconds.
const PATIENCE: u64 = 600;

/// What the page sends.
#[derive(Deserialize)]
pub(super) struct Decision {
    request: String,
    user: String,
    decision: String,
}

impl Issuer {
    /// Puts a request to the user. What was asked stays here; the page carries a name for it that
    /// is good once, so that no other page can answer in the user's place.
    pub(super) fn ask(&self, asked: Asked) -> Result<Response, OAuthError> {
        let ticket = secret()?;
        let page = render(&asked, &ticket);
        let now = self.now();
        self.0.asked.insert(ticket, asked, now, now + PATIENCE)?;
        Ok(page)
    }
}

pub(super) async fn decide(
    State(issuer): State<Issuer>,
    form: Result<Form<Decision>, FormRejection>,
) -> Response {
    let Ok(Form(form)) = form else {
        return page("the form is not the one that was sent");
    };
    let Some(asked) = issuer.0.asked.take(&form.request, issuer.now()) else {
        return page("it has been answered, or took too long");
    };
    match User::named(&form.user).filter(|_| form.decision == "allow") {
        Some(user) => issuer.agree(asked, user),
        None => issuer.decline(asked),
    }
}

fn render(asked: &Asked, ticket: &str) -> Response {
    let name = asked
        .client
        .name
        .as_deref()
        .unwrap_or("A client without a name");
    let mut scopes = String::new();
    for scope in asked.scopes.iter() {
        let _ = write!(scopes, "<li><code>{}</code></li>", Escaped(scope));
    }
    let mut users = String::new();
    for user in &USERS {
        let _ = write!(users, "<option>{}</option>", Escaped(user.name));
    }
    let body = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Allow access?</title>\
         <h1>Allow access?</h1><p><b>{}</b> wants to use <code>{}</code>:<ul>{scopes}</ul>\
         <p>The answer goes to <code>{}</code>.\
         <form method=post action=/authorize>\
         <input type=hidden name=request value=\"{ticket}\">\
         <p><label>You are <select name=user>{users}</select></label>\
         <p><button name=decision value=allow>Allow</button> \
         <button name=decision value=deny>Deny</button></form></html>",
        Escaped(name),
        Escaped(&asked.resource),
        Escaped(asked.redirect_uri()),
    );
    let mut response = manners::unstored(Html(body).into_response());
    // No script, and no frame in which another page could place this one under a click. Where a
    // form may lead is not restricted: the answer is a redirect to the client.
    let policy = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'";
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(policy),
    );
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    response
}

/// Text in a page, which it cannot end: clients choose their names.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.chars().try_for_each(|character| match character {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            other => f.write_char(other),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_text() {
        let name = "<script>\"'&";
        assert_eq!(Escaped(name).to_string(), "&lt;script&gt;&quot;&#39;&amp;");
    }
}
