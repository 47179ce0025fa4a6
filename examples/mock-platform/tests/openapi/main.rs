//! OpenAPI documents as designs.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

mod expected;
mod wire;

use mock_platform::import::openapi::import;
use proptest::prelude::*;
use serde_json::{Value, json};

fn shop() -> Value {
    json!({
        "openapi": "3.0.3",
        "info": {"title": "Pets", "version": "2.1"},
        "paths": {
            "/pets/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}],
                "get": {
                    "operationId": "get pet", "summary": "One pet",
                    "parameters": [{"$ref": "#/components/parameters/Trace"}, {"name": "c", "in": "cookie"}],
                    "responses": {"404": {"description": "none"}, "200": {"description": "it", "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}}
                },
                "put": {
                    "requestBody": {"required": true, "content": {"application/json": {
                        "schema": {"$ref": "#/components/schemas/Pet"}}}},
                    "responses": {"200": {"description": "it", "content": {"application/json": {
                        "examples": {"a": {"value": {"name": "Rex"}}}}}}}
                },
                "delete": {"operationId": "get pet", "responses": {"204": {"description": "It is gone"}}}
            }
        },
        "components": {
            "parameters": {"Trace": {"name": "X-Trace", "in": "header", "schema": {"type": "string"}}},
            "schemas": {"Pet": {"type": "object", "required": ["id", "name"], "properties": {
                "id": {"type": "integer", "readOnly": true, "minimum": 1},
                "name": {"type": "string", "nullable": true},
                "young": {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}}
            }}}
        }
    })
}

#[test]
fn operations_become_tools() {
    let design = import(&shop()).unwrap();
    assert_eq!(design["name"], "Pets");
    assert_eq!(design["version"], "2.1");
    let tools = design["tools"].as_array().unwrap();
    let names: Vec<_> = tools
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["get_pet", "put_pets_id", "get_pet_2"]);
    let trace = json!({"id": {"type": "integer"}, "X-Trace": {"type": "string"}});
    assert_eq!(tools[0]["inputSchema"]["properties"], trace);
    assert_eq!(tools[0]["inputSchema"]["required"], json!(["id"]));
    assert_eq!(
        tools[0]["default"],
        json!({"id": 1, "name": "string", "young": []})
    );
    assert_eq!(tools[1]["default"], json!({"name": "Rex"}));
    assert_eq!(tools[2]["default"], "It is gone");
}

#[test]
fn bodies_stand_beside_parameters_and_may_refer_to_themselves() {
    let design = import(&shop()).unwrap();
    let input = &design["tools"][1]["inputSchema"];
    assert_eq!(input["required"], json!(["id", "name"]));
    assert_eq!(
        input["properties"]["name"]["type"],
        json!(["string", "null"])
    );
    assert_eq!(input["properties"]["young"]["items"]["$ref"], "#/$defs/Pet");
    assert_eq!(input["$defs"]["Pet"]["required"], json!(["name"]));
}

#[test]
fn what_is_wrong_is_told_with_its_path() {
    let mut document = shop();
    document["components"]["parameters"]["Trace"]["schema"] =
        json!({"$ref": "https://example.com/x"});
    document["paths"]["/pets/{id}"]["put"]["requestBody"] = json!({"$ref": "#/nowhere"});
    let faults = import(&document).unwrap_err();
    let paths: Vec<_> = faults.0.iter().map(|fault| fault.path.as_str()).collect();
    let expected = [
        "/components/parameters/Trace/schema/$ref",
        "/paths/~1pets~1{id}/put/requestBody/$ref",
    ];
    assert_eq!(paths, expected);
    for version in [json!("2.0"), json!("3.2.0"), json!(3.1), Value::Null] {
        document["openapi"] = version;
        assert_eq!(import(&document).unwrap_err().0[0].path, "/openapi");
    }
}

#[test]
fn references_that_multiply_are_bounded() {
    let mut schemas = json!({"S30": {"type": "string"}});
    for level in 0..30 {
        let next = json!({"$ref": format!("#/components/schemas/S{}", level + 1)});
        schemas[format!("S{level}")] =
            json!({"type": "object", "properties": {"a": next, "b": next}});
    }
    let mut document = shop();
    schemas["Pet"] = json!({"$ref": "#/components/schemas/S0"});
    document["components"]["schemas"] = schemas;
    let faults = import(&document).unwrap_err();
    assert!(faults.to_string().contains("more than"), "{faults}");
}

fn any_json() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "$ref",
        "type",
        "properties",
        "items",
        "allOf",
        "get",
        "schema",
        "name",
        "in",
        "path",
        "object",
        "content",
        "application/json",
        "parameters",
        "responses",
        "200",
        "#/paths",
        "#",
        "nullable",
        "requestBody",
        "readOnly",
        "required",
        "examples",
        "exclusiveMinimum",
        "minimum",
        "enum",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((word.clone(), inner), 0..6).prop_map(|members| {
                let members = members
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value));
                Value::Object(members.collect())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn no_document_makes_it_panic(item in any_json(), is_3_0: bool) {
        let version = if is_3_0 { "3.0.0" } else { "3.1.0" };
        let _ = import(&json!({"openapi": version, "paths": {"/a": item}}));
        let _ = import(&item);
    }
}
