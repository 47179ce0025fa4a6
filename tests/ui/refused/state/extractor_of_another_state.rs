use mcp_core::{Context, FromContext, RequestError, Server, mcp_tool};

struct App;

struct User(String);

impl FromContext<App> for User {
    async fn from_context(_: &Context, _: &App) -> Result<Self, RequestError> {
        Ok(Self(String::new()))
    }
}

#[mcp_tool]
async fn whoami(User(name): User) -> String {
    name
}

fn main() {
    let _ = Server::builder("ui", "1.0").tool(whoami);
}
