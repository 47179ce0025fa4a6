//! What checks against schemas cost, counted in allocations: no value of a few hundred bytes may take
//! more than a few megabytes, whatever the schema.

#![cfg(feature = "json-schema")]
#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

use allocation_counter::measure;
use mcp_core::{
    Entry, Facts, Payload, Request, SchemaChecks, SchemaCost, SchemaEffort, Server, ToolError,
    protocol::{Message, RawJson, Revision, Tool, ToolResult},
};
use serde_json::{Value, json};
use tower_service::Service;

fn server(schema: &Value) -> Result<Server, Vec<String>> {
    let tool = Tool::new("t").with_input_schema(RawJson::from_serialize(schema).unwrap());
    let entry = Entry::tool(tool, |_, _| async { Ok::<_, ToolError>(ToolResult::new()) });
    let builder = Server::builder("s", "1").check_schemas(SchemaChecks::new());
    let built = builder.entry(entry).try_build();
    built.map_err(|error| error.problems().to_vec())
}

/// What a call is told, and the bytes that it took.
fn call(server: &Server, arguments: &Value) -> (Option<String>, u64) {
    let params = json!({"name": "t", "arguments": arguments});
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.unwrap();
    let mut told = None;
    let counted = measure(|| {
        let Ok(Message::Request(message)) = Message::parse(message.to_string().into(), 64) else {
            panic!("{message}");
        };
        let request = Request::new(Facts::new(message, Revision::NEWEST_MODERN));
        let answer = runtime.block_on(server.clone().call(request)).unwrap();
        let Ok(Payload::Tool(result)) = answer.into_outcome() else {
            panic!("no result");
        };
        let text = || serde_json::to_value(&result.content[0]).unwrap()["text"].to_string();
        told = result.is_error.then(text);
    });
    (told, counted.bytes_total)
}

/// `And`, `Or` and `Not` of each other, and leaves: the filter of many an API.
fn filters(has_tags: bool) -> Value {
    let form = |op: &str| {
        let of = json!({"$ref": "#/$defs/filter"});
        let mut form = json!({"type": "object", "properties": {"of": of}, "required": ["of"]});
        if has_tags {
            form["properties"]["op"] = json!({"const": op});
            form["required"] = json!(["op", "of"]);
        }
        form
    };
    let leaf = json!({"type": "object", "properties": {"op": {"const": "leaf"}, "of": {"type": "string"}}, "required": ["op", "of"]});
    let forms = [form("and"), form("or"), form("not"), leaf];
    json!({"type": "object", "properties": {"filter": {"$ref": "#/$defs/filter"}},
        "$defs": {"filter": {"oneOf": forms}}})
}

fn nested(levels: usize, innermost: &Value) -> Value {
    let mut value = json!({"op": "leaf", "of": innermost});
    for _ in 1..levels {
        value = json!({"op": "and", "of": value});
    }
    json!({"filter": value})
}

const FEW_MEGABYTES: u64 = 64 * 1024 * 1024;

#[test]
fn a_wrong_value_deep_in_a_union_costs_little() {
    let server = server(&filters(true)).unwrap();
    for levels in [1, 2, 4, 6, 8, 10, 20, 30] {
        let (told, _) = call(&server, &nested(levels, &json!("x")));
        assert_eq!(told, None, "{levels}");
        let (told, bytes) = call(&server, &nested(levels, &json!(1)));
        let told = told.unwrap();
        assert!(bytes < FEW_MEGABYTES, "{levels}: {bytes} bytes");
        // Its place, as long as that is cheap.
        let place = if levels <= 6 { "`filter`" } else { "" };
        assert!(told.contains(place), "{levels}: {told}");
    }
    let (_, ten) = call(&server, &nested(10, &json!(1)));
    let (_, twenty) = call(&server, &nested(20, &json!(1)));
    let (_, thirty) = call(&server, &nested(29, &json!(1)));
    assert!(
        thirty < 2 * twenty && twenty < 4 * ten,
        "{ten} {twenty} {thirty}"
    );
}

#[test]
fn forms_that_look_alike_are_tried_to_a_bound() {
    for keyword in ["oneOf", "anyOf"] {
        let mut schema = filters(false);
        let forms = schema["$defs"]["filter"]["oneOf"].take();
        schema["$defs"]["filter"] = json!({ keyword: forms });
        let server = server(&schema).unwrap();
        for levels in [1, 5, 10, 20, 30] {
            for innermost in [json!("x"), json!(1)] {
                let (told, bytes) = call(&server, &nested(levels, &innermost));
                assert!(bytes < FEW_MEGABYTES, "{keyword} {levels}: {bytes}");
                let is_refused = told.is_some_and(|told| told.contains("nest it less"));
                assert_eq!(is_refused, levels >= 20, "{keyword} {levels}");
            }
        }
    }
}

#[test]
fn definitions_that_double_are_bounded_whatever_leads_on() {
    let definitions = |step: &dyn Fn(Value) -> Value| {
        let mut definitions = json!({"d30": {"type": "string"}});
        for at in 0..30 {
            let next = json!({"$ref": format!("#/$defs/d{}", at + 1)});
            definitions[format!("d{at}")] = step(next);
        }
        json!({"type": "object", "properties": {"x": {"$ref": "#/$defs/d0"}}, "$defs": definitions})
    };
    let twice = |schema: Value| json!([schema.clone(), schema]);
    let member = |next: Value| json!({"properties": {"x": next}});
    let schemas = [
        definitions(&|next| json!({"anyOf": twice(member(next))})),
        definitions(&|next| json!({"allOf": twice(member(next))})),
        definitions(&|next| json!({"oneOf": twice(json!({"items": next}))})),
        definitions(&|next| json!({"properties": {"x": next}, "patternProperties": {"x": next}})),
        definitions(&|next| json!({"items": next, "contains": next})),
        definitions(&|next| {
            let only = json!({"anyOf": [member(next)]});
            json!({"anyOf": [only], "unevaluatedProperties": false})
        }),
    ];
    for schema in schemas {
        let server = server(&schema).unwrap();
        for wrap in [|value| json!({"x": value}), |value| json!([value])] {
            for innermost in [json!(1), json!("x")] {
                let mut value = innermost;
                for _ in 0..30 {
                    value = wrap(value);
                }
                let (_, bytes) = call(&server, &json!({"x": value}));
                assert!(bytes < FEW_MEGABYTES, "{schema}: {bytes}");
            }
        }
    }
    // The same in circles, so that no order of reading them breaks all of them early.
    let mut circles = definitions(&|next| json!({"anyOf": twice(member(next))}));
    circles["$defs"]["d30"] = member(json!({"$ref": "#/$defs/d0"}));
    let mut value = json!(1);
    for _ in 0..60 {
        value = json!({"x": value});
    }
    let (told, bytes) = call(&server(&circles).unwrap(), &value);
    assert!(told.unwrap().contains("nest it less"));
    assert!(bytes < FEW_MEGABYTES, "{bytes}");
}

#[test]
fn a_long_way_in_needs_no_more_stack_than_there_is() {
    // Many schemas for each of a few values, one within the other.
    let ways = |levels: usize, last: Value| {
        let mut definitions = json!({});
        for at in 0..levels {
            let next = json!({"$ref": format!("#/$defs/d{}", at + 1)});
            definitions[format!("d{at}")] = match at % 90 {
                89 => json!({"properties": {"x": next}}),
                _ => json!({"anyOf": [next]}),
            };
        }
        definitions[format!("d{levels}")] = last;
        json!({"type": "object", "allOf": [{"$ref": "#/$defs/d0"}], "$defs": definitions})
    };
    let nested = |levels: usize| (0..levels).fold(json!(1), |value, _| json!({"x": value}));
    let text = json!({"type": "string"});
    for (schema, levels, is_refused) in [
        (ways(180, text.clone()), 2, false),
        (ways(240, text), 2, false),
        (
            ways(180, json!({"properties": {"x": {"$ref": "#"}}})),
            3,
            false,
        ),
        (
            ways(180, json!({"properties": {"x": {"$ref": "#"}}})),
            60,
            true,
        ),
    ] {
        let (told, bytes) = call(&server(&schema).unwrap(), &nested(levels));
        assert!(bytes < FEW_MEGABYTES, "{levels}: {bytes}");
        let was_refused = told.is_some_and(|told| told.contains("nest it less"));
        assert_eq!(was_refused, is_refused, "{levels}");
    }
}

#[test]
fn a_long_list_of_unions_tells_its_first_fault() {
    let mut schema = filters(true);
    let items = json!({"$ref": "#/$defs/filter"});
    schema["properties"]["filters"] = json!({"type": "array", "items": items});
    let server = server(&schema).unwrap();
    let mut list = vec![nested(3, &json!("x"))["filter"].take(); 2_000];
    let (told, _) = call(&server, &json!({ "filters": list }));
    assert_eq!(told, None);
    list[1_234] = nested(3, &json!(1))["filter"].take();
    let (told, bytes) = call(&server, &json!({ "filters": list }));
    assert!(told.unwrap().contains("`filters[1234]`"));
    assert!(bytes < FEW_MEGABYTES, "{bytes}");
}

#[test]
fn collected_errors_are_few_in_a_long_list() {
    let lists = [
        json!({"items": {"type": "integer"}}),
        json!({"items": {"type": "boolean"}}),
    ];
    let schema = json!({"type": "object", "properties": {"list": {"anyOf": lists}}});
    let server = server(&schema).unwrap();
    let (told, bytes) = call(&server, &json!({"list": vec!["x"; 200_000]}));
    assert!(told.unwrap().contains("is not what the schema allows"));
    assert!(bytes < 2 * FEW_MEGABYTES, "{bytes}");
    let (told, _) = call(&server, &json!({"list": vec!["x"; 100]}));
    assert!(told.unwrap().contains("`list`: is none of the forms"));
}

#[test]
fn references_that_cannot_be_followed_are_refused() {
    let mut names = json!({"d22": {"type": "string"}});
    for at in 0..22 {
        let next = json!({"$ref": format!("d{}", at + 1)});
        names[format!("d{at}")] =
            json!({"$id": format!("http://e.x/d{at}"), "anyOf": [next, next]});
    }
    let within = |schema: Value| json!({"type": "object", "properties": {"a": schema}});
    let inner = json!({"$id": "http://e.x/inner", "type": "string"});
    let draft4 = "http://json-schema.org/draft-04/schema#";
    let through = json!({"type": "object", "x": {"$id": "http://e.x/i", "y": {}}, "properties": {"a": {"$ref": "#/x/y"}}});
    for (schema, expected) in [
        (json!({"type": "object", "$defs": names}), "of its own"),
        (within(inner.clone()), "`$id` of its own"),
        (
            within(json!({"items": {"$defs": {"default": inner}}})),
            "of its own",
        ),
        (through, "of its own"),
        (
            json!({"$schema": draft4, "type": "object", "properties": {"a": {"id": "b"}}}),
            "`id` of its own",
        ),
        (
            within(json!({"$ref": "other.json"})),
            "nothing is ever fetched",
        ),
        (
            within(json!({"$ref": "http://e.x/other#/a"})),
            "nothing is ever fetched",
        ),
        (within(json!({"$ref": "#/$defs/none"})), "leads nowhere"),
        (within(json!({"$ref": "#none"})), "leads nowhere"),
        (within(json!({"$ref": "#%2F$defs"})), "leads nowhere"),
        (
            within(json!({"allOf": [{"$anchor": "a"}, {"$anchor": "a"}, {"$ref": "#a"}]})),
            "twice",
        ),
    ] {
        let problems = server(&schema).unwrap_err();
        assert!(
            problems[0].contains(expected),
            "{problems:?}, expected {expected}"
        );
        assert!(!problems[0].contains("feature"), "{problems:?}");
    }
}

#[test]
fn what_generators_write_is_allowed() {
    let node = json!({"type": "object", "properties": {
        "$id": {"type": "string"}, "id": {"type": "integer"}, "next": {"$ref": "#/definitions/node"},
    }});
    let base = "https://e.x/tool.json";
    for schema in [
        json!({"$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
            "properties": {"a": {"$ref": "#/definitions/node"}}, "definitions": {"node": node}}),
        json!({"$id": base, "type": "object", "$defs": {"a/b": {"$anchor": "c"}}, "allOf": [
            {"$ref": format!("{base}#/$defs/a~1b")}, {"$ref": "#/$defs/a~1b"}, {"$ref": "#/%24defs/a~1b"}, {"$ref": "#c"}]}),
        json!({"type": "object", "default": {"$id": "x"}, "properties": {
            "a": {"const": {"$id": "x", "$ref": "y"}, "enum": [{"$id": "x"}], "examples": [{"$ref": "z"}]}}}),
        json!({"$dynamicAnchor": "node", "type": "object", "properties": {"a": {"$dynamicRef": "#node"}}}),
    ] {
        assert_eq!(server(&schema).err(), None, "{schema}");
    }
}

#[test]
fn effort_follows_size() {
    let cost = SchemaCost::new(&json!({"items": {"type": "integer"}})).unwrap();
    for (length, expected) in [
        (10, SchemaEffort::AllFaults),
        (40_000, SchemaEffort::FirstFault),
        (1_200_000, SchemaEffort::Verdict),
    ] {
        assert_eq!(cost.effort(&json!(vec![0; length])), expected, "{length}");
    }
}
