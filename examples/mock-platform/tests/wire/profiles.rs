//! What the profiles of servers change: revisions, and the errors of tools.

use crate::{World, curl, request};
use http_tests::Post;
use serde_json::{Value, json};

const MISSING: &str = "Invalid params: missing required field 'city'";

fn forecast(profile: &str) -> Value {
    json!({"id": profile, "name": "Forecast", "version": "1.0.0", "status": "published", "profile": profile,
        "default_response": "json",
        "tools": [{"name": "get_weather", "default": {"temperature": 15},
            "inputSchema": {"type": "object", "required": ["city"],
                "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}}}]})
}

fn call(profile: &str, revision: &str, tool: &str, arguments: &Value) -> Post {
    if revision == "2026-07-28" {
        return Post::call(tool, arguments.clone()).path(&format!("/api/platform/{profile}/mcp"));
    }
    let params = json!({"name": tool, "arguments": arguments});
    curl(profile, &request("tools/call", params)).set("mcp-protocol-version", revision)
}

#[tokio::test]
async fn errors_are_those_of_the_profile_and_the_revision() {
    let world = World::with(["standard", "ma2d-strict"].map(forecast)).await;
    for (profile, revision, unknown, are_errors) in [
        ("standard", "2024-11-05", -32602, true),
        ("standard", "2025-03-26", -32602, true),
        ("standard", "2025-06-18", -32602, true),
        ("standard", "2025-11-25", -32602, false),
        ("standard", "2026-07-28", -32602, false),
        ("ma2d-strict", "2024-11-05", -32601, true),
        ("ma2d-strict", "2025-11-25", -32601, true),
        ("ma2d-strict", "2026-07-28", -32601, true),
    ] {
        let context = format!("{profile} {revision}");
        let reply = world
            .send(&call(profile, revision, "nothing", &json!({})))
            .await;
        let error = &reply.message()["error"];
        assert_eq!(error["code"], unknown, "{context} {error}");
        for (arguments, text) in [
            (json!({}), MISSING),
            (json!({"city": 5}), "Invalid params: /city: "),
            (
                json!({"city": "Graz", "days": "two"}),
                "Invalid params: /days: ",
            ),
        ] {
            let post = call(profile, revision, "get_weather", &arguments);
            let message = world.send(&post).await.message();
            let said = if are_errors {
                assert_eq!(message["error"]["code"], -32602, "{context} {message}");
                &message["error"]["message"]
            } else {
                assert_eq!(message["result"]["isError"], true, "{context} {message}");
                &message["result"]["content"][0]["text"]
            };
            let said = said.as_str().expect("a text");
            assert!(said.starts_with(text), "{context} {said}");
        }
    }
}

#[tokio::test]
async fn the_strict_one_agrees_on_the_oldest_revision_only() {
    let world = World::with(["standard", "ma2d-strict"].map(forecast)).await;
    for (profile, agreed) in [("standard", "2025-11-25"), ("ma2d-strict", "2024-11-05")] {
        // As the product tolerates it: nothing is said of what the client can do.
        let params = json!({"protocolVersion": "2025-11-25"});
        let initialize = curl(profile, &request("initialize", params));
        let result = world.send(&initialize).await.result();
        assert_eq!(result["protocolVersion"], agreed, "{profile}");
    }
}

#[tokio::test]
async fn without_a_dialect_the_revision_says_what_a_schema_means() {
    // `prefixItems` means nothing to Draft 7.
    let mut design = forecast("standard");
    design["tools"][0]["inputSchema"] = json!({"type": "object", "properties": {
        "pair": {"type": "array", "prefixItems": [{"type": "string"}]}}});
    let world = World::with([design]).await;
    let arguments = json!({"pair": [1]});
    for (revision, is_refused) in [
        ("2025-03-26", false),
        ("2025-06-18", false),
        ("2025-11-25", true),
        ("2026-07-28", true),
    ] {
        let post = call("standard", revision, "get_weather", &arguments);
        let message = world.send(&post).await.message();
        let refused = message["result"]["isError"] == true;
        assert_eq!(refused, is_refused, "{revision} {message}");
    }
}
