//! Extractors stand anywhere among arguments, and may be made for one state only.

use mcp_core::{
    ClientInfo, Context, FromContext, FromRef, RequestError, Server, State, mcp_prompt,
    mcp_resource, mcp_tool,
};
use serde_json::json;
use std::sync::Arc;

#[derive(Clone)]
struct App {
    name: Arc<str>,
    limits: Limits,
}

#[derive(Clone)]
struct Limits {
    most: u32,
    least: u32,
}

impl FromRef<App> for Limits {
    fn from_ref(app: &App) -> Self {
        app.limits.clone()
    }
}

struct Owner(Arc<str>);

impl FromContext<App> for Owner {
    async fn from_context(_: &Context, app: &App) -> Result<Self, RequestError> {
        Ok(Self(app.name.clone()))
    }
}

use mcp_core::State as Shared;

#[mcp_tool]
async fn clamp(
    Owner(owner): Owner,
    mut number: u32,
    Shared(Limits { most, least }): Shared<Limits>,
    client: ClientInfo,
    suffix: Option<String>,
    State(app): State<App>,
) -> String {
    number = number.clamp(least, most);
    let _ = (client, app);
    format!("{owner}: {number}{}", suffix.unwrap_or_default())
}

#[mcp_prompt]
async fn greet(Owner(owner): Owner) -> String {
    format!("Hello from {owner}")
}

#[mcp_resource("owner://current")]
async fn owner(Owner(owner): Owner) -> String {
    owner.to_string()
}

fn main() {
    let limits = Limits { most: 5, least: 1 };
    let app = App {
        name: "ui".into(),
        limits,
    };
    let server = Server::builder("ui", "1.0").state(app);
    let server = server.tool(clamp).prompt(greet).resource(owner).build();
    let schema = &ui_tests::listed(&server, "tools")["inputSchema"];
    assert_eq!(schema["properties"].as_object().unwrap().len(), 2);
    assert_eq!(
        ui_tests::call(&server, "clamp", json!({ "number": 9, "suffix": "!" })),
        "ui: 5!"
    );
}
