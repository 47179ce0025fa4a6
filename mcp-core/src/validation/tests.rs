use super::*;
use crate::{
    Facts, Payload, Request, Server, ServerBuilder, ToolError,
    protocol::{Message, RawJson, Revision, ToolResult},
};
use serde_json::{Value, json};
use tower_service::Service;

fn raw(value: &Value) -> RawJson {
    RawJson::from_serialize(value).unwrap()
}

/// Answers with its arguments.
fn echo(input: &Value) -> Entry<Tool> {
    let tool = Tool::new("echo").with_input_schema(raw(input));
    Entry::tool(tool, |arguments, _| async move {
        Ok::<_, ToolError>(ToolResult::text(arguments.as_str().to_owned()))
    })
}

fn checked(entry: Entry<Tool>) -> ServerBuilder {
    let builder = Server::builder("checked", "1").check_schemas(SchemaChecks::new());
    builder.entry(entry)
}

fn problems(entry: Entry<Tool>) -> Vec<String> {
    let error = checked(entry).try_build().unwrap_err();
    error.problems().to_vec()
}

async fn call(server: &Server, revision: Revision, arguments: &Value) -> ToolResult {
    let params = json!({"name": "echo", "arguments": arguments});
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
    let Ok(Message::Request(message)) = Message::parse(message.to_string().into(), 64) else {
        panic!("{message}");
    };
    let request = Request::new(Facts::new(message, revision));
    let answer = server.clone().call(request).await.unwrap();
    match answer.into_outcome().unwrap() {
        Payload::Tool(result) => result,
        other => panic!("{other:?}"),
    }
}

async fn told(server: &Server, arguments: &Value) -> Option<String> {
    let result = call(server, Revision::NEWEST_MODERN, arguments).await;
    let text = serde_json::to_value(&result.content[0]).unwrap()["text"].clone();
    result.is_error.then(|| text.as_str().unwrap().to_owned())
}

#[tokio::test]
async fn faults_may_be_errors_in_words_of_the_mount() {
    let input = json!({
        "type": "object",
        "properties": {"at": {"type": "object", "required": ["x.y"], "additionalProperties": false,
            "properties": {"x.y": {"type": "integer"}}}},
    });
    let server = checked(echo(&input)).build();
    let quirks = crate::Quirks::new()
        .argument_errors_until(Revision::V2024_11_05)
        .word_arguments(|faults| {
            let fault = &faults[0];
            format!("{} {:?}", fault.pointer(), fault.kind())
        });
    for (at, expected) in [
        (json!({}), r#"/at/x.y Missing { field: "x.y" }"#),
        (json!({"x.y": "z"}), "/at/x.y Unexpected"),
        (
            json!({"x.y": 1, "~": 1}),
            r#"/at/~0 Unknown { field: "~" }"#,
        ),
    ] {
        let params = json!({"name": "echo", "arguments": {"at": at}});
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
        for revision in [Revision::V2024_11_05, Revision::V2025_03_26] {
            let mut request = crate::request::from_json(&message.to_string(), revision);
            request.extensions_mut().insert(quirks.clone());
            let answer = server.clone().call(request).await.unwrap();
            let said = match answer.into_outcome() {
                Err(refusal) if revision == Revision::V2024_11_05 => {
                    refusal.error().message.to_string()
                }
                Ok(Payload::Tool(result)) if revision != Revision::V2024_11_05 => {
                    assert!(result.is_error);
                    let content = serde_json::to_value(&result.content[0]).unwrap();
                    content["text"].as_str().unwrap().to_owned()
                }
                other => panic!("{revision}: {other:?}"),
            };
            assert_eq!(said, expected);
        }
    }
}

#[tokio::test]
async fn faults_have_path_and_expectation_and_no_value() {
    let schema = json!({
        "type": "object",
        "properties": {
            "city": {"type": "string", "minLength": 2, "pattern": "^[A-Z]"},
            "units": {"enum": ["celsius", "kelvin"]},
            "days": {"type": "array", "items": {"type": "integer", "maximum": 7}, "maxItems": 2},
            "at": {"anyOf": [{"type": "number"}, {"type": "null"}]},
            "either": {"type": ["string", "null"]},
            "deep": {"type": "object", "required": ["in"], "properties": {"in": {"const": 1}}},
        },
        "required": ["city"],
        "additionalProperties": false,
    });
    let server = checked(echo(&schema)).build();
    let table = [
        (json!({"city": "Graz"}), None),
        (json!({}), Some("`city`: is required")),
        (json!({"city": 1}), Some("`city`: expected a string")),
        (
            json!({"city": "G"}),
            Some("`city`: expected a length of at least 2"),
        ),
        (
            json!({"city": "graz"}),
            Some("`city`: expected text that matches `^[A-Z]`"),
        ),
        (
            json!({"city": "Graz", "town": 1}),
            Some("unknown field \"town\""),
        ),
        (
            json!({"city": "Graz", "units": "kelwin"}),
            Some("did you mean \"kelvin\"?"),
        ),
        (
            json!({"city": "Graz", "days": [1, 8]}),
            Some("`days[1]`: expected a number of at most 7"),
        ),
        (
            json!({"city": "Graz", "days": [1, 2, 3]}),
            Some("`days`: expected at most 2 items"),
        ),
        (
            json!({"city": "Graz", "at": "s3cret"}),
            Some("`at`: is none of the forms"),
        ),
        (
            json!({"city": "Graz", "either": 1}),
            Some("`either`: expected null or a string"),
        ),
        (
            json!({"city": "Graz", "deep": {}}),
            Some("`deep.in`: is required"),
        ),
        (
            json!({"city": "Graz", "deep": {"in": "s3cret"}}),
            Some("`deep.in`: expected 1"),
        ),
    ];
    for (arguments, expected) in table {
        let told = told(&server, &arguments).await;
        match (told, expected) {
            (None, None) => {}
            (Some(told), Some(expected)) => {
                assert!(told.starts_with("invalid arguments: "), "{told}");
                assert!(
                    told.contains(expected) && !told.contains("s3cret"),
                    "{told}"
                );
            }
            (told, expected) => panic!("{arguments}: {told:?}, expected {expected:?}"),
        }
    }
}

#[tokio::test]
async fn all_faults_are_told_up_to_a_bound() {
    let server = checked(echo(&json!({
        "type": "object",
        "properties": {"list": {"type": "array", "items": {"type": "integer"}}},
    })));
    let server = server.build();
    let told = told(&server, &json!({"list": vec!["x"; 100]}))
        .await
        .unwrap();
    assert_eq!(told.matches("expected an integer").count(), 16);
}

#[tokio::test]
async fn what_no_value_can_be_is_refused() {
    let server = checked(echo(&json!({"type": "object", "required": ["path"]}))).build();
    for odd in ["1e999", r#""\ud800""#] {
        let text = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"echo","arguments":{{"x":{odd}}}}}}}"#
        );
        let Ok(Message::Request(message)) = Message::parse(text.into(), 64) else {
            panic!("{odd}");
        };
        let request = Request::new(Facts::new(message, Revision::NEWEST_MODERN));
        let answer = server.clone().call(request).await.unwrap();
        let Ok(Payload::Tool(result)) = answer.into_outcome() else {
            panic!("{odd}");
        };
        assert!(result.is_error, "{odd}");
    }
}

#[tokio::test]
async fn long_values_have_one_fault() {
    let properties = json!({"list": {"type": "array", "items": {"type": "integer"}}});
    let schema = json!({"type": "object", "properties": properties, "additionalProperties": false});
    let server = checked(echo(&schema)).build();
    let told = told(&server, &json!({"list": vec![""; 100_000]}))
        .await
        .unwrap();
    assert_eq!(told.matches("expected an integer").count(), 1);
    let many: serde_json::Map<_, _> = (0..1_000).map(|at| (at.to_string(), json!(1))).collect();
    let told = super::tests::told(&server, &json!(many)).await.unwrap();
    assert_eq!(told.matches("unknown field").count(), 16);
}

#[tokio::test]
async fn checks_stay_with_what_is_merged() {
    let schema = json!({"type": "object", "required": ["a"]});
    let server = Server::builder("s", "1").merge(checked(echo(&schema)));
    let result = call(&server.build(), Revision::NEWEST_MODERN, &json!({})).await;
    assert!(result.is_error);
    let wrong = checked(echo(&json!({"type": "object", "required": 1})));
    assert!(
        Server::builder("s", "1")
            .nest("n", wrong)
            .try_build()
            .is_err()
    );
}

#[tokio::test]
async fn the_dialect_is_named_or_that_of_the_revision() {
    // Draft 7 ignores what stands beside a reference.
    let schema = |dialect: Option<&str>| {
        let word = json!({"$ref": "#/definitions/text", "maxLength": 3});
        let mut schema = json!({
            "type": "object",
            "definitions": {"text": {"type": "string"}},
            "properties": {"word": word},
        });
        if let Some(dialect) = dialect {
            schema["$schema"] = dialect.into();
        }
        schema
    };
    let draft7 = Some("http://json-schema.org/draft-07/schema#");
    let newest = Some("https://json-schema.org/draft/2020-12/schema");
    let long = json!({"word": "long word"});
    for (dialect, revision, is_refused) in [
        (None, Revision::V2025_06_18, false),
        (None, Revision::V2025_11_25, true),
        (None, Revision::V2026_07_28, true),
        (draft7, Revision::V2026_07_28, false),
        (newest, Revision::V2024_11_05, true),
    ] {
        let server = checked(echo(&schema(dialect))).build();
        let result = call(&server, revision, &long).await;
        assert_eq!(result.is_error, is_refused, "{dialect:?} {revision}");
        let result = call(&server, revision, &json!({"word": 1})).await;
        assert!(result.is_error, "{dialect:?} {revision}");
    }
}

#[test]
fn what_no_schema_may_be_is_told_when_it_is_added() {
    let with = |member: &str, value: Value| {
        let mut schema = json!({"type": "object"});
        schema[member] = value;
        echo(&schema)
    };
    let mut twice = json!({});
    for _ in 0..13 {
        twice = json!({"anyOf": [twice.clone(), twice]});
    }
    let mut names = json!({"last": {"type": "string"}});
    for at in 0..30 {
        let next = json!({"$ref": format!("#/$defs/{}", if at == 29 { "last".into() } else { format!("d{}", at + 1) })});
        names[format!("d{at}")] = json!({"allOf": [next.clone(), next]});
    }
    let lines =
        json!({"type": "object", "$defs": names, "properties": {"a": {"$ref": "#/$defs/d0"}}});
    let mut chain = json!({"d5000": {}});
    for at in 0..5_000 {
        chain[format!("d{at:04}")] = json!({"$ref": format!("#/$defs/d{:04}", at + 1)});
    }
    // The same, with its other end first.
    let mut backwards = json!({"d0000": {}});
    for at in 1..5_000 {
        backwards[format!("d{at:04}")] = json!({"$ref": format!("#/$defs/d{:04}", at - 1)});
    }
    let table = [
        (
            with("properties", json!({"a": {"type": "strin"}})),
            "is not valid",
        ),
        (
            with("$ref", json!("http://127.0.0.1:9/schema")),
            "nothing is ever fetched",
        ),
        (
            with("$ref", json!("file:///etc/passwd")),
            "nothing is ever fetched",
        ),
        (
            with("$schema", json!("https://example.com/dialect")),
            "is not valid",
        ),
        (
            with("properties", json!({"a": {"pattern": "(?=x)y"}})),
            "is not valid",
        ),
        (
            with("properties", json!({"a": twice})),
            "branches for one value",
        ),
        (echo(&lines), "branches for one value"),
        (with("$defs", chain), "branches for one value"),
        (with("$defs", backwards), "branches for one value"),
        (
            with("description", json!("x".repeat(300_000))),
            "is longer than",
        ),
    ];
    for (entry, expected) in table {
        let problems = problems(entry);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(
            problems[0].contains("echo") && problems[0].contains(expected),
            "{problems:?}"
        );
    }
    let bounded = SchemaChecks::new().schema_bytes(10);
    let builder = Server::builder("s", "1").entry(echo(&json!({"type": "object"})));
    assert!(builder.check_schemas(bounded).try_build().is_err());
}

#[tokio::test]
async fn a_schema_may_refer_to_itself() {
    let tree = json!({
        "type": "object",
        "properties": {"children": {"type": "array", "items": {"$ref": "#"}}},
        "additionalProperties": false,
    });
    let server = checked(echo(&tree)).build();
    let deep = |leaf: Value| json!({"children": [{"children": [leaf]}]});
    assert_eq!(told(&server, &deep(json!({}))).await, None);
    let told = told(&server, &deep(json!({"x": 1}))).await.unwrap();
    assert!(told.contains("`children[0].children[0]`"), "{told}");
    let circle = json!({"type": "object", "allOf": [{"$ref": "#"}]});
    let problems = problems(echo(&circle));
    assert!(problems[0].contains("without end"), "{problems:?}");
}

fn answers(result: ToolResult) -> Entry<Tool> {
    let output = raw(&json!({"type": "object", "required": ["sum"]}));
    let tool = Tool::new("echo").with_output_schema(output);
    Entry::tool(tool, move |_, _| {
        std::future::ready(Ok::<_, ToolError>(result.clone()))
    })
}

#[tokio::test]
async fn a_result_that_is_not_allowed_is_internal() {
    let structured = |value: Value| {
        let mut result = ToolResult::text("s3cret");
        result.structured_content = Some(raw(&value));
        result
    };
    for (result, is_allowed) in [
        (structured(json!({"sum": 1})), true),
        (ToolResult::error("s3cret"), true),
        (structured(json!({"summ": 1})), false),
        (ToolResult::text("s3cret"), false),
    ] {
        let server = checked(answers(result.clone())).build();
        let answer = call(&server, Revision::NEWEST_MODERN, &json!({})).await;
        let text = serde_json::to_string(&answer).unwrap();
        assert_eq!(text.contains("s3cret"), is_allowed, "{text}");
        assert_eq!(
            text.contains("internal error (reference"),
            !is_allowed,
            "{text}"
        );
        let lenient = SchemaChecks::new().without_outputs();
        let builder = Server::builder("s", "1").check_schemas(lenient);
        let server = builder.entry(answers(result)).build();
        let answer = call(&server, Revision::NEWEST_MODERN, &json!({})).await;
        assert!(serde_json::to_string(&answer).unwrap().contains("s3cret"));
    }
}

#[tokio::test]
async fn tools_that_are_added_later_are_checked() {
    let schema = json!({"type": "object", "required": ["a"]});
    let server = checked(answers(ToolResult::text("first"))).build();
    server
        .update(|catalog| {
            catalog.replace(echo(&schema));
        })
        .unwrap();
    let told = told(&server, &json!({})).await.unwrap();
    assert_eq!(told.matches("`a`: is required").count(), 1, "{told}");
    let wrong = server.update(|catalog| {
        catalog.replace(echo(&json!({"type": "object", "required": "a"})));
    });
    assert!(wrong.unwrap_err().problems()[0].contains("echo"));
    // One tool alone, twice: it is checked once.
    let alone = echo(&schema).check_schemas(SchemaChecks::new());
    let server = Server::builder("s", "1").entry(alone.check_schemas(SchemaChecks::new()));
    let result = call(&server.build(), Revision::NEWEST_MODERN, &json!({})).await;
    assert!(result.is_error);
}
