//! Attributes of serde mean on a parameter what they mean on a field.

use mcp_core::{Server, mcp_tool};
use serde_json::json;

#[mcp_tool]
async fn order(
    #[serde(rename = "itemId")] item_id: u32,
    #[serde(default)] express: bool,
    #[serde(default = "one", alias = "qty", alias = "amount")] quantity: u32,
    #[serde(rename(deserialize = "note"))] remark: Option<String>,
    #[serde(deserialize_with = "words")]
    #[schemars(with = "String")]
    tags: Vec<String>,
) -> String {
    format!("{item_id} {express} {quantity} {remark:?} {tags:?}")
}

fn one() -> u32 {
    1
}

fn words<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let text = <String as serde::Deserialize>::deserialize(deserializer)?;
    Ok(text.split(' ').map(str::to_owned).collect())
}

fn main() {
    let server = Server::builder("ui", "1.0").tool(order).build();
    let schema = &ui_tests::listed(&server, "tools")["inputSchema"];
    assert_eq!(schema["required"], json!(["itemId", "tags"]));
    assert_eq!(schema["properties"]["quantity"]["default"], 1);
    assert_eq!(schema["properties"]["tags"]["type"], "string");
    assert_eq!(
        ui_tests::call(&server, "order", json!({ "itemId": 7, "tags": "a b" })),
        r#"7 false 1 None ["a", "b"]"#
    );
    assert_eq!(
        ui_tests::call(
            &server,
            "order",
            json!({ "itemId": 7, "qty": 2, "note": "x", "tags": "a" })
        ),
        r#"7 false 2 Some("x") ["a"]"#
    );
}
