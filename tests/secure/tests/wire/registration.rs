//! Clients that register themselves, and what the issuer tells them first.

use http::Request;
use secure_tests::{REDIRECT, System, error_of};
use serde_json::json;

#[tokio::test]
async fn the_metadata_names_every_endpoint() {
    let system = System::start().await;
    let path = "/.well-known/oauth-authorization-server";
    let metadata = system.client.get(path).await.json().await;
    let oidc = system.client.get("/.well-known/openid-configuration").await;
    assert_eq!(oidc.json().await, metadata);
    let url = system.url();
    for (name, path) in [
        ("authorization_endpoint", "/authorize"),
        ("token_endpoint", "/token"),
        ("registration_endpoint", "/register"),
        ("revocation_endpoint", "/revoke"),
        ("jwks_uri", "/jwks.json"),
    ] {
        assert_eq!(metadata[name], format!("{url}{path}"));
        assert!(
            ![404, 500].contains(&system.client.get(path).await.status.as_u16()),
            "{path}"
        );
    }
    assert_eq!(metadata["issuer"], url);
    assert_eq!(
        metadata["code_challenge_methods_supported"],
        json!(["S256"])
    );
    assert_eq!(
        metadata["authorization_response_iss_parameter_supported"],
        true
    );
    assert_eq!(metadata["client_id_metadata_document_supported"], false);
}

#[tokio::test]
async fn pages_may_read_what_has_no_cookie() {
    let system = System::start().await;
    let preflight = Request::options("/register")
        .header("origin", "https://app.example.com")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type");
    let reply = system
        .client
        .send(preflight.body(String::new()).unwrap())
        .await;
    assert_eq!(
        (
            reply.status.as_u16(),
            reply.header("access-control-allow-origin")
        ),
        (204, "*")
    );
    assert!(
        reply
            .header("access-control-allow-headers")
            .contains("Content-Type")
    );
    let reply = system.client.get("/authorize").await;
    assert_eq!(
        reply.header("access-control-allow-origin"),
        "",
        "people go there, not pages"
    );
}

#[tokio::test]
async fn a_registration_is_checked() {
    let system = System::start().await;
    let uris = |uris: &[&str]| json!({"redirect_uris": uris, "token_endpoint_auth_method": "none"});
    let with = |name: &str, value| {
        let mut body = uris(&[REDIRECT]);
        body[name] = value;
        body
    };
    let table = [
        (uris(&[]), "invalid_redirect_uri"),
        (uris(&["http://app.example.com/"]), "invalid_redirect_uri"),
        (
            uris(&["https://app.example.com/#x"]),
            "invalid_redirect_uri",
        ),
        (uris(&["javascript:alert(1)"]), "invalid_redirect_uri"),
        (uris(&[REDIRECT; 11]), "invalid_redirect_uri"),
        (json!("text"), "invalid_client_metadata"),
        (
            with("grant_types", json!(["client_credentials"])),
            "invalid_client_metadata",
        ),
        (
            with("grant_types", json!(["password"])),
            "invalid_client_metadata",
        ),
        (
            with("response_types", json!(["token"])),
            "invalid_client_metadata",
        ),
        (
            with("token_endpoint_auth_method", json!("private_key_jwt")),
            "invalid_client_metadata",
        ),
        (
            with("client_name", json!("x".repeat(201))),
            "invalid_client_metadata",
        ),
    ];
    for (body, error) in table {
        let reply = system.client.post_json("/register", &body).await;
        assert_eq!(error_of(reply).await, (400, error.to_owned()), "{body}");
    }
}
