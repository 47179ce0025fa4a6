//! The authorization endpoint: what a client may ask, and how it is told no.

use secure_tests::{Authorization, CHALLENGE, System, Tokens, VERIFIER, error_of};

#[tokio::test]
async fn a_code_becomes_tokens() {
    let system = System::start().await;
    let client = system.register().await;
    let asked = Authorization::new(&system, &client, "notes:read notes:write");
    let code = asked.code(&system).await;
    let tokens = Tokens::of(system.redeem(&client, &code).await).await;
    assert_eq!(tokens.scope, "notes:read notes:write");
    assert!(tokens.refresh.is_some());
}

#[tokio::test]
async fn what_a_client_asks_wrong_it_is_told_by_redirect() {
    let system = System::start().await;
    let client = system.register().await;
    let asked = Authorization::new(&system, &client, "notes:read");
    let table = [
        (asked.clone().without("code_challenge"), "invalid_request"),
        (
            asked.clone().without("code_challenge_method"),
            "invalid_request",
        ),
        (
            asked
                .clone()
                .with("code_challenge_method", "plain")
                .with("code_challenge", VERIFIER),
            "invalid_request",
        ),
        (
            asked.clone().with("code_challenge", "short"),
            "invalid_request",
        ),
        (
            asked.clone().with("response_type", "token"),
            "unsupported_response_type",
        ),
        (asked.clone().without("resource"), "invalid_target"),
        (
            asked.clone().with("resource", "https://other.example/mcp"),
            "invalid_target",
        ),
        (asked.clone().with("scope", "root"), "invalid_scope"),
        (
            asked.with("scope", "admin").with("login_hint", "guest"),
            "access_denied",
        ),
    ];
    for (wrong, error) in table {
        assert_eq!(wrong.error(&system).await, error, "{wrong:?}");
    }
}

#[tokio::test]
async fn nobody_is_sent_where_the_client_did_not_register() {
    let system = System::start().await;
    let client = system.register().await;
    let asked = Authorization::new(&system, &client, "notes:read");
    let table = [
        asked.clone().with("client_id", "nobody"),
        asked.clone().without("client_id"),
        asked.clone().without("redirect_uri"),
        asked
            .clone()
            .with("redirect_uri", "https://evil.example/callback"),
        asked
            .clone()
            .with("redirect_uri", "http://127.0.0.1:3000/callback/more"),
        asked.clone().with(
            "redirect_uri",
            "http://127.0.0.1:3000@evil.example/callback",
        ),
        asked
            .clone()
            .with("client_id", "https://evil.example/client.json"),
    ];
    for wrong in table {
        let reply = wrong.send(&system).await;
        assert_eq!(
            (reply.status.as_u16(), reply.header("location")),
            (400, ""),
            "{wrong:?}"
        );
    }
    // The port of this machine is free to change (RFC 8252 §7.3).
    let moved = asked.with("redirect_uri", "http://127.0.0.1:49152/callback");
    assert_eq!(moved.send(&system).await.status, 302);
}

#[tokio::test]
async fn a_repeated_parameter_is_no_request() {
    let system = System::start().await;
    let reply = system
        .client
        .get("/authorize?client_id=a&client_id=b")
        .await;
    assert_eq!((reply.status.as_u16(), reply.header("location")), (400, ""));
}

#[tokio::test]
async fn users_grant_what_is_theirs() {
    let system = System::start().await;
    let everything = "admin notes:read notes:write offline_access";
    assert_eq!(
        system.grant("ada", everything).await.scope,
        "admin notes:read notes:write"
    );
    assert_eq!(
        system.grant("grace", everything).await.scope,
        "notes:read notes:write"
    );
    assert_eq!(system.grant("guest", everything).await.scope, "notes:read");
}

#[tokio::test]
async fn a_code_is_for_one_client_one_place_and_one_verifier() {
    let system = System::start().await;
    let client = system.register().await;
    let stranger = system.register().await;
    let asked = Authorization::new(&system, &client, "notes:read");
    let grant_type = ("grant_type", "authorization_code");
    let place = ("redirect_uri", secure_tests::REDIRECT);
    let resource = ("resource", system.resource());
    let verifier = ("code_verifier", VERIFIER);
    let table = [
        (&stranger, vec![place, resource, verifier], "invalid_grant"),
        (&client, vec![place, resource], "invalid_grant"),
        (
            &client,
            vec![place, resource, ("code_verifier", CHALLENGE)],
            "invalid_grant",
        ),
        (&client, vec![resource, verifier], "invalid_grant"),
        (
            &client,
            vec![
                ("redirect_uri", "http://127.0.0.1/callback"),
                resource,
                verifier,
            ],
            "invalid_grant",
        ),
        (&client, vec![place, verifier], "invalid_target"),
        (
            &client,
            vec![place, verifier, ("resource", "https://other.example/")],
            "invalid_target",
        ),
    ];
    for (client, mut pairs, error) in table {
        let code = asked.code(&system).await;
        pairs.extend([grant_type, ("code", &code)]);
        let reply = system.token(client, &pairs).await;
        assert_eq!(error_of(reply).await, (400, error.to_owned()), "{pairs:?}");
        // One guess is all there is.
        assert_eq!(system.redeem(client, &code).await.status, 400);
    }
}

#[tokio::test]
async fn a_code_is_good_once_and_its_second_use_ends_what_it_gave() {
    let system = System::start().await;
    let client = system.register().await;
    let code = Authorization::new(&system, &client, "notes:read")
        .code(&system)
        .await;
    let tokens = Tokens::of(system.redeem(&client, &code).await).await;
    let again = system.redeem(&client, &code).await;
    assert_eq!(error_of(again).await, (400, "invalid_grant".to_owned()));
    let refresh = system.refresh(&client, &tokens.refresh.unwrap()).await;
    assert_eq!(error_of(refresh).await, (400, "invalid_grant".to_owned()));
}
