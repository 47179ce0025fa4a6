use mcp_core::mcp_tool;

use mcp_core::{Context, FromContext, RequestError};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct User(String);

impl<S: Sync> FromContext<S> for User {
    async fn from_context(_: &Context, _: &S) -> Result<Self, RequestError> {
        Ok(Self(String::new()))
    }
}

#[mcp_tool]
async fn whoami(user: User) -> String {
    user.0
}

fn main() {
    let _ = mcp_core::Server::builder("ui", "1.0").tool(whoami);
}
