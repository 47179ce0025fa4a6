//! The authorization endpoint: checks what a client asks of a user, and answers by redirect.

use super::{
    Consent, Issuer,
    clients::Client,
    error::OAuthError,
    grants::{Grant, name_grant},
    manners,
    pkce::Challenge,
    secret::{Digest, secret},
    users::{USERS, User, known},
};
use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use mcp_tower::core::Scopes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use std::{fmt::Write, sync::Arc};

/// How long a code is good, in seconds.
const CODE_TIME: u64 = 60;

/// What was asked. A repeated parameter is an error of reading (RFC 6749 §3.1).
#[derive(Deserialize)]
pub(super) struct AuthorizationRequest {
    client_id: Option<String>,
    redirect_uri: Option<String>,
    response_type: Option<String>,
    scope: Option<String>,
    state: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
    resource: Option<String>,
    login_hint: Option<String>,
}

/// A request that may be put to a user.
pub(super) struct Asked {
    pub(super) client: Client,
    pub(super) scopes: Scopes,
    pub(super) resource: Arc<str>,
    challenge: Challenge,
    answer: Answer,
}

/// Where the answer goes.
#[derive(Clone)]
struct Answer {
    redirect_uri: String,
    state: Option<String>,
}

/// What a code stands for, until it is redeemed and for the rest of its time.
pub(super) struct Code {
    pub(super) grant: Grant,
    pub(super) redirect_uri: String,
    pub(super) challenge: Challenge,
    pub(super) redeemed: bool,
}

pub(super) async fn authorize(
    State(issuer): State<Issuer>,
    query: Result<Query<AuthorizationRequest>, QueryRejection>,
) -> Response {
    let Ok(Query(query)) = query else {
        return page("a parameter is malformed, or given twice");
    };
    let hint = query.login_hint.clone();
    let asked = match issuer.check(query).await {
        Ok(asked) => asked,
        Err(response) => return response,
    };
    match issuer.0.consent {
        Consent::Automatic => {
            let user = hint.as_deref().and_then(User::named).unwrap_or(&USERS[0]);
            issuer.agree(asked, user)
        }
        Consent::Page => {
            let answer = asked.answer.clone();
            issuer
                .ask(asked)
                .unwrap_or_else(|error| answer.refuse(&issuer, &error))
        }
    }
}

/// For the user, not for the client: sending a user to an unchecked address would make this an
/// open redirector.
pub(super) fn page(problem: &'static str) -> Response {
    manners::unstored((
        StatusCode::BAD_REQUEST,
        format!("This cannot be authorized: {problem}.\n"),
    ))
}

impl Asked {
    /// Where the user is sent back to.
    pub(super) fn redirect_uri(&self) -> &str {
        &self.answer.redirect_uri
    }
}

impl Issuer {
    async fn check(&self, query: AuthorizationRequest) -> Result<Asked, Response> {
        let id = query.client_id.as_deref().unwrap_or_default();
        let client = self.find_client(id).await;
        let client =
            client.ok_or_else(|| page("the client is unknown; it has to register again"))?;
        let redirect_uri = query.redirect_uri.unwrap_or_default();
        if !client
            .redirect_uris
            .iter()
            .any(|uri| uri.matches(&redirect_uri))
        {
            return Err(page(
                "the redirect URI is not one that the client registered",
            ));
        }
        let answer = Answer {
            redirect_uri,
            state: query.state,
        };
        let checked = || {
            if query.response_type.as_deref() != Some("code") {
                let message = "`response_type` must be code";
                return Err(OAuthError::new("unsupported_response_type", message));
            }
            let method = query.code_challenge_method.as_deref();
            let challenge = Challenge::read(method, query.code_challenge.as_deref())?;
            let resource = self.resource(query.resource.as_deref())?;
            let scopes = known(query.scope.as_deref()).ok_or_else(OAuthError::scope)?;
            Ok((challenge, resource, scopes))
        };
        match checked() {
            Ok((challenge, resource, scopes)) => Ok(Asked {
                client,
                scopes,
                resource,
                challenge,
                answer,
            }),
            Err(error) => Err(answer.refuse(self, &error)),
        }
    }

    /// The user agrees: the client gets a code.
    pub(super) fn agree(&self, asked: Asked, user: &User) -> Response {
        let Asked {
            client,
            scopes,
            resource,
            challenge,
            answer,
        } = asked;
        let scopes = user.grants(&scopes);
        if scopes.is_empty() {
            return answer.refuse(self, &denied());
        }
        let code = || {
            let grant = Grant {
                id: name_grant()?,
                client: client.id.clone(),
                subject: user.name.into(),
                scopes,
                resource,
            };
            let code = secret()?;
            let row = Code {
                grant,
                redirect_uri: answer.redirect_uri.clone(),
                challenge,
                redeemed: false,
            };
            let now = self.now();
            let id = Digest::of(&code).to_challenge();
            self.0.codes.insert(id, row, now, now + CODE_TIME)?;
            self.0.clients.used(&client.id, now);
            Ok(code)
        };
        match code() {
            Ok(code) => answer.redirect(self, &[("code", &code)]),
            Err(error) => answer.refuse(self, &error),
        }
    }

    /// The user does not agree.
    pub(super) fn decline(&self, asked: Asked) -> Response {
        asked.answer.refuse(self, &denied())
    }
}

fn denied() -> OAuthError {
    OAuthError::new("access_denied", "the user does not agree")
}

impl Answer {
    fn refuse(&self, issuer: &Issuer, error: &OAuthError) -> Response {
        let description = ("error_description", &*error.description);
        self.redirect(issuer, &[("error", error.code), description])
    }

    /// Sends the user back, with the state of the client and our name (RFC 9207).
    fn redirect(&self, issuer: &Issuer, parameters: &[(&str, &str)]) -> Response {
        let mut uri = self.redirect_uri.clone();
        let own = [
            ("state", self.state.as_deref()),
            ("iss", Some(issuer.url())),
        ];
        let own = own
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        for (name, value) in parameters.iter().copied().chain(own) {
            let separator = if uri.contains('?') { '&' } else { '?' };
            let value = utf8_percent_encode(value, NON_ALPHANUMERIC);
            let _ = write!(uri, "{separator}{name}={value}");
        }
        match HeaderValue::try_from(uri) {
            Ok(uri) => {
                manners::unstored((StatusCode::FOUND, [(header::LOCATION, uri)]).into_response())
            }
            Err(_) => page("the redirect URI is no header"),
        }
    }
}
