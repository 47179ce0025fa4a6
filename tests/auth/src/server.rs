//! The endpoint.

use crate::{DOCUMENT, ISSUER, Issuer, RESOURCE};
use mcp_tower::{
    Context, Extension, Headers, McpService, Principal, Server, ToolError,
    auth::{Auth, Identity, JwtValidator, KeySet, ResourceMetadata},
    core::Scopes,
    mcp_prompt, mcp_resource, mcp_tool,
};
use serde_json::{Value, json};

fn tell(
    identity: Option<&Extension<Identity>>,
    principal: &Principal,
    scopes: Option<Extension<Scopes>>,
    headers: &Headers,
) -> String {
    let name = identity.and_then(|identity| identity.0.claim("sub").cloned());
    json!({
        "subject": principal.subject(),
        "issuer": principal.issuer(),
        "claim": name,
        "scopes": scopes.map(|scopes| scopes.0.to_string()),
        "authorization": headers.0.contains_key("authorization"),
    })
    .to_string()
}

/// Tell who calls.
#[mcp_tool]
async fn whoami(
    identity: Option<Extension<Identity>>,
    principal: Principal,
    scopes: Option<Extension<Scopes>>,
    headers: Headers,
) -> String {
    tell(identity.as_ref(), &principal, scopes, &headers)
}

/// The same as a prompt.
#[mcp_prompt]
async fn whoami_prompt(
    identity: Option<Extension<Identity>>,
    principal: Principal,
    scopes: Option<Extension<Scopes>>,
    headers: Headers,
) -> String {
    tell(identity.as_ref(), &principal, scopes, &headers)
}

/// The same as a resource.
#[mcp_resource("who://am-i")]
async fn whoami_resource(
    identity: Option<Extension<Identity>>,
    principal: Principal,
    scopes: Option<Extension<Scopes>>,
    headers: Headers,
) -> String {
    tell(identity.as_ref(), &principal, scopes, &headers)
}

/// Ask the user to open a link.
#[mcp_tool]
async fn pay(cx: Context) -> Result<&'static str, ToolError> {
    cx.elicit_url("pay", "Please pay", "https://pay.example.com/1")
        .await?;
    Ok("agreed")
}

pub fn server() -> Server {
    Server::builder("notes", "1")
        .page_size(1)
        .tool(whoami)
        .tool(pay)
        .prompt(whoami_prompt)
        .resource(whoami_resource)
        .build()
}

pub fn metadata() -> ResourceMetadata {
    ResourceMetadata::new(RESOURCE, [ISSUER])
        .unwrap()
        .with_scopes("notes:read".parse().unwrap())
}

/// Trusts one key.
pub fn validator(issuer: &Issuer) -> JwtValidator {
    let set: Value = json!({"keys": [issuer.jwk()]});
    let keys = KeySet::parse(set.to_string().as_bytes()).unwrap();
    JwtValidator::new(ISSUER, RESOURCE, keys)
}

pub fn auth(issuer: &Issuer) -> Auth {
    Auth::new(validator(issuer), metadata())
}

pub fn service(issuer: &Issuer) -> McpService {
    McpService::new(server()).authorize(auth(issuer))
}

/// The challenge for those without a good token, maybe with an error.
pub fn challenge(error: Option<&str>) -> String {
    let error = error.map(|error| format!(r#", error="{error}""#));
    let error = error.unwrap_or_default();
    format!(r#"Bearer resource_metadata="{DOCUMENT}", scope="notes:read"{error}"#)
}
