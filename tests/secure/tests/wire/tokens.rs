//! The token endpoint beyond codes.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secure::Clock;
use secure_tests::{Authorization, Registered, System, Tokens, error_of};
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

async fn granted(system: &System) -> (Registered, Tokens) {
    let client = system.register().await;
    let asked = Authorization::new(system, &client, "notes:read notes:write");
    let code = asked.code(system).await;
    let tokens = Tokens::of(system.redeem(&client, &code).await).await;
    (client, tokens)
}

fn part(token: &str, number: usize) -> Value {
    let part = token.split('.').nth(number).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn an_access_token_says_who_may_do_what_where() {
    let system = System::start().await;
    let (client, tokens) = granted(&system).await;
    let (header, claims) = (part(&tokens.access, 0), part(&tokens.access, 1));
    assert_eq!(
        (&header["alg"], &header["typ"]),
        (&json!("ES256"), &json!("at+jwt"))
    );
    let keys = system.client.get("/jwks.json").await.json().await;
    assert_eq!(keys["keys"][0]["kid"], header["kid"]);
    assert!(keys["keys"][0].get("d").is_none());
    assert_eq!(claims["iss"], system.url());
    assert_eq!(claims["aud"], system.resource());
    assert_eq!(claims["sub"], "ada");
    assert_eq!(claims["client_id"], client.id.as_str());
    assert_eq!(claims["scope"], "notes:read notes:write");
    let life = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
    assert_eq!(life, 900);
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_its_second_use_ends_the_family() {
    let system = System::start().await;
    let (client, first) = granted(&system).await;
    let access = first.access;
    let first = first.refresh.unwrap();
    let second = Tokens::of(system.refresh(&client, &first).await).await;
    let second = second.refresh.unwrap();
    assert_ne!(first, second);
    let invalid = (400, "invalid_grant".to_owned());
    assert_eq!(
        error_of(system.refresh(&client, &first).await).await,
        invalid
    );
    assert_eq!(
        error_of(system.refresh(&client, &second).await).await,
        invalid
    );
    let answer = system.mcp(Some(&access)).call("whoami", json!({})).await;
    assert_eq!(answer.status, 401, "access tokens end with their family");
}

#[tokio::test]
async fn a_refresh_narrows_and_never_widens() {
    let system = System::start().await;
    let (client, tokens) = granted(&system).await;
    let refresh = |token: String, scope: &'static str| {
        let (system, client) = (&system, &client);
        async move {
            let pairs = [
                ("grant_type", "refresh_token"),
                ("refresh_token", &*token),
                ("scope", scope),
            ];
            system.token(client, &pairs).await
        }
    };
    let narrowed = Tokens::of(refresh(tokens.refresh.unwrap(), "notes:read").await).await;
    assert_eq!(narrowed.scope, "notes:read");
    let token = narrowed.refresh.unwrap();
    let wider = refresh(token.clone(), "notes:read admin").await;
    assert_eq!(error_of(wider).await, (400, "invalid_scope".to_owned()));
    // What was asked wrong has used nothing up.
    assert_eq!(refresh(token, "notes:read notes:write").await.status, 200);
}

#[tokio::test]
async fn a_refresh_token_is_its_clients_alone() {
    let system = System::start().await;
    let (client, tokens) = granted(&system).await;
    let thief = system.register().await;
    let token = tokens.refresh.unwrap();
    let stolen = system.refresh(&thief, &token).await;
    assert_eq!(error_of(stolen).await, (400, "invalid_grant".to_owned()));
    assert_eq!(system.refresh(&client, &token).await.status, 200);
}

#[tokio::test]
async fn a_client_with_a_secret_has_to_know_it() {
    let system = System::start().await;
    let members = json!({"token_endpoint_auth_method": "client_secret_basic"});
    let client = system.register_as(members).await;
    assert!(client.secret.is_some());
    let asked = Authorization::new(&system, &client, "notes:read");
    for secret in [None, Some("wrong".to_owned())] {
        let code = asked.code(&system).await;
        let impostor = Registered {
            secret,
            ..client.clone()
        };
        let reply = system.redeem(&impostor, &code).await;
        assert!(reply.header("www-authenticate").starts_with("Basic "));
        assert_eq!(error_of(reply).await, (401, "invalid_client".to_owned()));
        assert_eq!(system.redeem(&client, &code).await.status, 200);
    }
}

#[tokio::test]
async fn a_service_reads_in_its_own_name() {
    let system = System::start().await;
    let file = std::fs::read_to_string(system.running.service_file()).unwrap();
    let file: Value = serde_json::from_str(&file).unwrap();
    let service = Registered {
        id: file["client_id"].as_str().unwrap().to_owned(),
        secret: file["client_secret"].as_str().map(str::to_owned),
    };
    let credentials = ("grant_type", "client_credentials");
    let resource = ("resource", system.resource());
    let tokens = Tokens::of(system.token(&service, &[credentials, resource]).await).await;
    assert_eq!(
        (tokens.scope.as_str(), &tokens.refresh),
        ("notes:read", &None)
    );
    assert_eq!(part(&tokens.access, 1)["sub"], "service:reader");
    let scope = ("scope", "admin");
    let reply = system
        .token(&service, &[credentials, resource, scope])
        .await;
    assert_eq!(error_of(reply).await, (400, "invalid_scope".to_owned()));
    let reply = system.token(&service, &[credentials]).await;
    assert_eq!(error_of(reply).await, (400, "invalid_target".to_owned()));
    // Whoever registers is no service.
    let client = system.register().await;
    let reply = system.token(&client, &[credentials, resource]).await;
    assert_eq!(
        error_of(reply).await,
        (400, "unauthorized_client".to_owned())
    );
}

#[tokio::test]
async fn an_unknown_grant_type_and_a_repeated_parameter_are_refused() {
    let system = System::start().await;
    let client = system.register().await;
    let reply = system.token(&client, &[("grant_type", "password")]).await;
    assert_eq!(
        error_of(reply).await,
        (400, "unsupported_grant_type".to_owned())
    );
    let twice = [
        ("grant_type", "refresh_token"),
        ("grant_type", "authorization_code"),
    ];
    let reply = system.token(&client, &twice).await;
    assert_eq!(error_of(reply).await, (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn codes_and_refresh_tokens_end() {
    let skipped = Arc::new(AtomicU64::new(0));
    let system = System::with(|options| {
        let skipped = skipped.clone();
        let skip = move || Clock::system().now() + skipped.load(Ordering::SeqCst);
        options.clock = Clock::new(skip);
    })
    .await;
    let client = system.register().await;
    let asked = Authorization::new(&system, &client, "notes:read");
    let code = asked.code(&system).await;
    skipped.fetch_add(61, Ordering::SeqCst);
    assert_eq!(system.redeem(&client, &code).await.status, 400);
    let code = asked.code(&system).await;
    let tokens = Tokens::of(system.redeem(&client, &code).await).await;
    skipped.fetch_add(30 * 86_400 + 1, Ordering::SeqCst);
    let late = system.refresh(&client, &tokens.refresh.unwrap()).await;
    assert_eq!(
        late.status, 401,
        "nobody remembers the client itself any more"
    );
}
