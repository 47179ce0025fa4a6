//! The code flow, step by step, so that a test can do any of them wrong.

use crate::{Reply, System};
use base64::{Engine, prelude::BASE64_STANDARD};
use http::Request;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Value, json};

/// The example of RFC 7636, appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub const REDIRECT: &str = "http://127.0.0.1:3000/callback";

/// A client that registered itself.
#[derive(Clone, Debug)]
pub struct Registered {
    pub id: String,
    pub secret: Option<String>,
}

/// What a client asks a user for; every field can be changed or left out.
#[derive(Clone, Debug)]
pub struct Authorization(Vec<(&'static str, String)>);

/// What a client gets.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub access: String,
    pub refresh: Option<String>,
    pub scope: String,
}

/// A form, or a query.
pub fn parameters<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let encode = |text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs = pairs
        .into_iter()
        .map(|(name, value)| format!("{name}={}", encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

impl Authorization {
    pub fn new(system: &System, client: &Registered, scope: &str) -> Self {
        Self(vec![
            ("response_type", "code".to_owned()),
            ("client_id", client.id.clone()),
            ("redirect_uri", REDIRECT.to_owned()),
            ("scope", scope.to_owned()),
            ("state", "a state & more".to_owned()),
            ("code_challenge", CHALLENGE.to_owned()),
            ("code_challenge_method", "S256".to_owned()),
            ("resource", system.resource().to_owned()),
        ])
    }

    #[must_use]
    pub fn with(self, name: &'static str, value: &str) -> Self {
        let mut changed = self.without(name);
        changed.0.push((name, value.to_owned()));
        changed
    }

    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.retain(|(other, _)| *other != name);
        self
    }

    pub async fn send(&self, system: &System) -> Reply {
        let pairs = self.0.iter().map(|(name, value)| (*name, value.as_str()));
        let path = format!("/authorize?{}", parameters(pairs));
        system.client.get(&path).await
    }

    /// The code, after checking everything else that comes with it.
    pub async fn code(&self, system: &System) -> String {
        let reply = self.send(system).await;
        let location = reply.header("location").to_owned();
        let (uri, query) = location
            .split_once('?')
            .unwrap_or_else(|| panic!("{}", reply.status));
        assert_eq!((reply.status.as_u16(), uri), (302, REDIRECT));
        assert_eq!(parameter(query, "state").as_deref(), Some("a state & more"));
        assert_eq!(parameter(query, "iss").as_deref(), Some(system.url()));
        parameter(query, "code").unwrap_or_else(|| panic!("no code: {query}"))
    }

    /// The error with which the issuer answers by redirect.
    pub async fn error(&self, system: &System) -> String {
        let reply = self.send(system).await;
        let location = reply.header("location").to_owned();
        let (_, query) = location.split_once('?').expect("a redirect");
        assert_eq!(parameter(query, "iss").as_deref(), Some(system.url()));
        parameter(query, "error").expect("an error")
    }
}

fn parameter(query: &str, name: &str) -> Option<String> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(other, _)| *other == name)?;
    Some(
        percent_decode_str(value)
            .decode_utf8()
            .unwrap()
            .into_owned(),
    )
}

impl System {
    /// Registers a client without a secret.
    pub async fn register(&self) -> Registered {
        self.register_as(json!({"token_endpoint_auth_method": "none"}))
            .await
    }

    /// Registers a client with these members beside the usual ones.
    pub async fn register_as(&self, members: Value) -> Registered {
        let mut body = json!({
            "client_name": "Test", "redirect_uris": [REDIRECT],
            "grant_types": ["authorization_code", "refresh_token"],
        });
        let members = members.as_object().unwrap().clone();
        body.as_object_mut().unwrap().extend(members);
        let reply = self.client.post_json("/register", &body).await;
        assert_eq!(
            (reply.status.as_u16(), reply.header("cache-control")),
            (201, "no-store")
        );
        let registered = reply.json().await;
        let text = |name: &str| registered[name].as_str().map(str::to_owned);
        Registered {
            id: text("client_id").unwrap(),
            secret: text("client_secret"),
        }
    }

    /// Asks the token endpoint.
    pub async fn token(&self, client: &Registered, pairs: &[(&str, &str)]) -> Reply {
        let mut request =
            Request::post("/token").header("content-type", "application/x-www-form-urlencoded");
        let mut pairs = pairs.to_vec();
        match &client.secret {
            Some(secret) => {
                let credentials = BASE64_STANDARD.encode(format!("{}:{secret}", client.id));
                request = request.header("authorization", format!("Basic {credentials}"));
            }
            None => pairs.push(("client_id", &client.id)),
        }
        let body = parameters(pairs);
        self.client.send(request.body(body).unwrap()).await
    }

    /// Redeems a code.
    pub async fn redeem(&self, client: &Registered, code: &str) -> Reply {
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("code_verifier", VERIFIER),
            ("redirect_uri", REDIRECT),
            ("resource", self.resource()),
        ];
        self.token(client, &pairs).await
    }

    pub async fn refresh(&self, client: &Registered, token: &str) -> Reply {
        let pairs = [
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("resource", self.resource()),
        ];
        self.token(client, &pairs).await
    }

    /// The whole flow: what `user` grants a new client.
    pub async fn grant(&self, user: &str, scope: &str) -> Tokens {
        let client = self.register().await;
        let asked = Authorization::new(self, &client, scope).with("login_hint", user);
        let code = asked.code(self).await;
        Tokens::of(self.redeem(&client, &code).await).await
    }
}

impl Tokens {
    pub async fn of(reply: Reply) -> Self {
        assert_eq!(
            (reply.status.as_u16(), reply.header("cache-control")),
            (200, "no-store")
        );
        let body = reply.json().await;
        assert_eq!(body["token_type"], "Bearer");
        Self {
            access: body["access_token"].as_str().unwrap().to_owned(),
            refresh: body["refresh_token"].as_str().map(str::to_owned),
            scope: body["scope"].as_str().unwrap().to_owned(),
        }
    }
}

/// The code of an OAuth error.
pub async fn error_of(reply: Reply) -> (u16, String) {
    let status = reply.status.as_u16();
    let body = reply.json().await;
    (status, body["error"].as_str().unwrap().to_owned())
}
