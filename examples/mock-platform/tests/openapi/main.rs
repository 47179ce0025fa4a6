//! OpenAPI documents as designs.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

mod expected;
mod wire;
#[path = "../world/mod.rs"]
mod world;

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
fn kinds_that_name_what_they_are_kinds_of_are_cut() {
    let mut document = shop();
    let pet = "#/components/schemas/Pet";
    let kind = |name: &str| {
        let properties = json!({"kind": {"const": name}, "friend": {"$ref": pet}});
        json!({"allOf": [{"$ref": pet}, {"properties": properties, "required": ["kind"]}]})
    };
    let schemas = &mut document["components"]["schemas"];
    schemas["Cat"] = kind("Cat");
    schemas["Dog"] = kind("Dog");
    let kinds = ["Cat", "Dog"].map(|name| json!({"$ref": format!("#/components/schemas/{name}")}));
    schemas["Pet"] =
        json!({"type": "object", "discriminator": {"propertyName": "kind"}, "oneOf": kinds});
    let design = import(&document).unwrap();
    let text = design.to_string();
    assert!(text.contains("come back to itself"), "{text}");
    // One that is nothing but itself.
    document["components"]["schemas"]["Pet"] = json!({"allOf": [{"$ref": pet}]});
    assert!(import(&document).is_ok());
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

/// Each names the next one twice.
fn chain() -> Value {
    let mut schemas = json!({"S30": {"type": "string"}});
    for level in 0..30 {
        let next = json!({"$ref": format!("#/components/schemas/S{}", level + 1)});
        schemas[format!("S{level}")] =
            json!({"type": "object", "properties": {"a": next, "b": next}});
    }
    schemas["Pet"] = schemas["S0"].take();
    schemas
}

#[test]
fn references_that_multiply_are_kept() {
    let mut document = shop();
    document["components"]["schemas"] = chain();
    let design = import(&document).unwrap();
    let input = &design["tools"][1]["inputSchema"];
    assert_eq!(input["properties"]["a"]["$ref"], "#/$defs/S1");
    assert_eq!(input["$defs"].as_object().unwrap().len(), 30);
    let next = json!({"$ref": "#/$defs/S3"});
    let definition = json!({"type": "object", "properties": {"a": next, "b": next}});
    assert_eq!(input["$defs"]["S2"], definition);
    // What is not required is made up to some depth.
    let answer = &design["tools"][0]["default"];
    assert_eq!(
        *answer,
        json!({"a": {"a": {"a": {}, "b": {}}, "b": {"a": {}, "b": {}}},
        "b": {"a": {"a": {}, "b": {}}, "b": {"a": {}, "b": {}}}})
    );
}

#[test]
fn what_is_too_much_is_told() {
    let mut large = shop();
    large["paths"]["/pets/{id}"]["put"]["responses"]["200"] = json!({"description": "it",
        "content": {"text/plain": {"example": "x".repeat(1_200_000)}}});
    let faults = import(&large).unwrap_err();
    assert_eq!(faults.0[0].path, "/paths");
    assert!(faults.to_string().contains("1048576 at most"), "{faults}");

    let mut many = shop();
    many["components"]["schemas"]["Pet"]["title"] = "x".repeat(20_000).into();
    for number in 0..300 {
        let operation = many["paths"]["/pets/{id}"]["put"].clone();
        many["paths"][format!("/{number}")] = json!({ "put": operation });
    }
    let faults = import(&many).unwrap_err();
    assert!(
        faults.to_string().contains("more than 4194304 bytes"),
        "{faults}"
    );

    for number in 0..300 {
        let operation = many["paths"]["/pets/{id}"]["delete"].clone();
        many["paths"][format!("/{number}")] = json!({"put": operation, "get": operation});
    }
    let faults = import(&many).unwrap_err();
    assert!(
        faults.to_string().contains("500 operations at most"),
        "{faults}"
    );
}

#[test]
fn answers_without_an_example_are_made_up() {
    let schema = json!({"type": "object", "properties": {
        "at": {"type": "string", "format": "date-time"},
        "count": {"type": "integer", "minimum": -5}, "size": {"type": "number", "minimum": 2.5},
        "depth": {"type": "integer", "maximum": -3}, "open": {"type": ["null", "boolean"]},
        "owner": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Owner"}]},
        "nothing": {"anyOf": [{"type": "null"}]}, "secret": {"type": "string", "writeOnly": true},
        "kind": {"$ref": "#/components/schemas/Kind", "default": "other"},
        "tags": {"type": "array", "items": {"enum": ["a", "b"]}}, "any": {}, "all": true}});
    let owner = json!({"allOf": [{"properties": {"name": {"examples": ["Ada"]}}},
        {"type": "object", "properties": {"pet": {"$ref": "#/components/schemas/Owner"}, "age": {"const": 7}}}]});
    let answer = json!({"description": "ok", "content": {"application/json": {"schema": schema}}});
    let document = json!({"openapi": "3.1.0", "info": {},
        "paths": {"/": {"get": {"responses": {"default": answer}}}},
        "components": {"schemas": {"Owner": owner, "Kind": {"type": "string"}}}});
    let design = import(&document).unwrap();
    let expected = json!({"at": "2026-01-01T12:00:00Z", "count": 0, "size": 2.5, "depth": -3, "open": true,
        "owner": {"name": "Ada", "age": 7}, "nothing": null, "kind": "other", "tags": ["a"],
        "any": null, "all": null});
    assert_eq!(design["tools"][0]["default"], expected);
}

/// As documents of 3.0 are that were made ones of 3.1 by changing the number.
#[test]
fn what_3_0_has_said_is_understood_in_3_1() {
    let number =
        json!({"type": "number", "minimum": 0, "exclusiveMinimum": true, "nullable": true});
    let tree = json!({"type": "object", "$recursiveAnchor": true, "properties": {
        "number": number, "more": {"type": "array", "items": {"$recursiveRef": "#"}}}});
    let operation = json!({"operationId": "plant", "responses": {},
        "requestBody": {"required": true, "content": {"application/json": {"schema": tree}}}});
    let document =
        json!({"openapi": "3.1.0", "info": {}, "paths": {"/trees": {"post": operation}}});
    let design = import(&document).unwrap();
    let properties = &design["tools"][0]["inputSchema"]["properties"];
    assert_eq!(
        properties["number"],
        json!({"type": ["number", "null"], "exclusiveMinimum": 0})
    );
    let more = json!({"type": "array", "items": {"$comment": "not followed: $recursiveRef \"#\""}});
    assert_eq!(properties["more"], more);
    assert_eq!(design["tools"][0]["default"], Value::Null);
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
