//! The page on which a user agrees.

use secure::Consent;
use secure_tests::{Authorization, System, Tokens, parameters};
use serde_json::json;

async fn asked() -> (System, secure_tests::Registered, String) {
    let system = System::with(|options| options.consent = Consent::Page).await;
    let name = json!({"client_name": "<b>\"Eve\"</b>", "token_endpoint_auth_method": "none"});
    let client = system.register_as(name).await;
    let asked = Authorization::new(&system, &client, "notes:read notes:write");
    let page = asked.send(&system).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("x-frame-options"), "DENY");
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(
        page.header("content-security-policy")
            .contains("frame-ancestors 'none'")
    );
    let page = page.text().await;
    assert!(page.contains("&lt;b&gt;&quot;Eve&quot;&lt;/b&gt;") && !page.contains("<b>\"Eve"));
    let (_, ticket) = page.split_once("name=request value=\"").unwrap();
    let ticket = ticket.split('"').next().unwrap().to_owned();
    (system, client, ticket)
}

fn decision(ticket: &str, decision: &str) -> String {
    parameters([
        ("request", ticket),
        ("user", "guest"),
        ("decision", decision),
    ])
}

#[tokio::test]
async fn a_user_agrees_once() {
    let (system, client, ticket) = asked().await;
    let form = decision(&ticket, "allow");
    let reply = system.client.post_form("/authorize", form.clone()).await;
    assert_eq!(reply.status, 302);
    let (_, code) = reply.header("location").split_once("code=").unwrap();
    let code = code.split('&').next().unwrap();
    let code = percent_encoding::percent_decode_str(code)
        .decode_utf8()
        .unwrap();
    let tokens = Tokens::of(system.redeem(&client, &code).await).await;
    assert_eq!(tokens.scope, "notes:read", "a guest grants no more");
    let again = system.client.post_form("/authorize", form).await;
    assert_eq!((again.status.as_u16(), again.header("location")), (400, ""));
}

#[tokio::test]
async fn a_user_declines() {
    let (system, _, ticket) = asked().await;
    let reply = system
        .client
        .post_form("/authorize", decision(&ticket, "deny"))
        .await;
    assert!(reply.header("location").contains("error=access%5Fdenied"));
}

#[tokio::test]
async fn nobody_answers_what_was_not_asked() {
    let (system, _, _) = asked().await;
    let reply = system
        .client
        .post_form("/authorize", decision("guess", "allow"))
        .await;
    assert_eq!((reply.status.as_u16(), reply.header("location")), (400, ""));
}
