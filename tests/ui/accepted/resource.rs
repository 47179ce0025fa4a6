//! Resources and templates; variables have the types of the parameters.

use mcp_core::{Json, Server, State, mcp_resource};
use serde_json::json;

/// The settings.
#[mcp_resource(
    "config://settings",
    name = "Settings",
    title = "All settings",
    mime_type = "application/json",
    size = 2,
    audience(user, assistant),
    priority = 1,
    last_modified = "2025-11-25T09:30:00Z"
)]
async fn settings() -> &'static str {
    "{}"
}

/// A page of the notes of one year.
#[mcp_resource("notes://{year}/{+path}{?page}")]
async fn notes(
    State(prefix): State<&'static str>,
    year: u16,
    path: String,
    page: Option<u8>,
) -> Option<Json<(String, u16, u8)>> {
    (year > 2000).then(|| Json((format!("{prefix}{path}"), year, page.unwrap_or(1))))
}

fn read(server: &Server, uri: &str) -> serde_json::Value {
    ui_tests::ask(server, "resources/read", &json!({ "uri": uri }))
}

fn main() {
    let server = Server::builder("ui", "1.0")
        .state("/")
        .resource(settings)
        .resource(notes)
        .build();
    assert_eq!(
        ui_tests::listed(&server, "resources"),
        json!({
            "uri": "config://settings",
            "name": "Settings",
            "title": "All settings",
            "description": "The settings.",
            "mimeType": "application/json",
            "size": 2,
            "annotations": {
                "audience": ["user", "assistant"],
                "priority": 1.0,
                "lastModified": "2025-11-25T09:30:00Z",
            },
        })
    );
    let template = ui_tests::listed(&server, "resourceTemplates");
    assert_eq!(template["uriTemplate"], "notes://{year}/{+path}{?page}");
    assert_eq!(template["name"], "notes");

    let answer = read(&server, "config://settings");
    assert_eq!(answer["result"]["contents"][0]["text"], "{}");
    let answer = read(&server, "notes://2025/a/b?page=3");
    assert_eq!(
        answer["result"]["contents"][0]["text"],
        r#"["/a/b",2025,3]"#
    );
    let answer = read(&server, "notes://1999/a");
    assert!(answer["error"].is_object(), "{answer}");
    let answer = read(&server, "notes://year/a");
    assert!(answer["error"].is_object(), "{answer}");
}
