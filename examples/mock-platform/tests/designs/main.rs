//! What is no design is refused, with the path of every fault.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

mod content;
mod costly;
mod judged;
mod outputs;
mod text;

use mock_platform::design::{DesignFaults, Outcome, ServerDesign};
use serde_json::{Value, json};

fn base() -> Value {
    json!({
        "id": "abc123", "name": "Forecast", "version": "1.0.0", "status": "published",
        "auth": {"type": "basic", "username": "u", "password_sha256": "0".repeat(64)},
        "tools": [
            {
                "name": "get_weather", "description": "Weather for a city",
                "inputSchema": {"type": "object", "properties": {"city": {"type": "string"}}},
                "annotations": {"readOnlyHint": true},
                "scenarios": [
                    {"name": "sf", "condition": {"field": "city", "operator": "equals", "value": "x"},
                     "response": {"temperature": 72, "for": "{{args.city}}"}, "delayMs": 200},
                    {"match": "any", "conditions": [
                        {"all": [{"field": "n", "operator": "between", "value": [1, 2]}]},
                        {"not": {"field": "n", "operator": "regex", "value": "^a"}}],
                     "content": [{"type": "text", "text": "x"}, {"type": "image", "data": "AAAA", "mimeType": "image/png"}],
                     "progress": [{"progress": 1, "total": 3, "message": "m", "afterMs": 50}, {"progress": 2}],
                     "log": ["text", {"level": "warning", "message": "m"}]},
                    {"sequence": [{"response": 1}, {"error": {"kind": "http", "status": 503}, "delayMs": 1}]},
                    {"error": {"kind": "protocol", "code": -32000, "message": "m"}},
                ],
                "default": {"temperature": 15},
            },
            {"name": "other"},
            {
                "name": "measure",
                "outputSchema": {
                    "type": "object",
                    "properties": {
                        "temperature": {"type": "number", "maximum": 60},
                        "unit": {"enum": ["C", "F"]},
                        "days": {"type": "array", "minItems": 1, "items": {"type": "integer"}},
                    },
                    "required": ["temperature"],
                    "additionalProperties": false,
                },
                "scenarios": [
                    {"response": {"temperature": "{{random -5 40}}", "unit": "{{args.unit}}", "days": ["{{counter}}"]}},
                    {"sequence": [
                        {"response": {"temperature": 1, "unit": "C"}},
                        {"sequence": [{"response": {"temperature": 2}}, {"error": {"kind": "tool", "message": "m"}}]},
                    ]},
                ],
                "default": {"temperature": 15},
            },
        ],
        "resources": [
            {"uri": "weather://cities", "name": "Cities", "json": ["Graz"]},
            {"uri": "weather://{city}", "name": "City", "text": "{{city}} {{now}}",
             "scenarios": [{"response": "{{city}} {{args.city}}"}]},
            {"uri": "weather://picture", "name": "Picture", "blob": "AAAA"},
        ],
        "prompts": [{
            "name": "ask", "arguments": [{"name": "location", "required": true, "values": ["Graz"]}],
            "messages": [{"role": "user", "text": "How is {{location}}?"}],
        }],
    })
}

/// Puts a value where a pointer leads, or takes away what is there.
fn change(document: &mut Value, pointer: &str, value: Option<Value>) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap();
    match (parent, value) {
        (Value::Object(members), Some(value)) => drop(members.insert(name.to_owned(), value)),
        (Value::Object(members), None) => drop(members.remove(name).unwrap()),
        (Value::Array(items), Some(value)) => {
            let index: usize = name.parse().unwrap();
            items.resize(items.len().max(index + 1), Value::Null);
            items[index] = value;
        }
        (other, _) => panic!("{pointer}: {other}"),
    }
}

fn faults_of(pointer: &str, value: Option<Value>) -> DesignFaults {
    let mut document = base();
    change(&mut document, pointer, value.clone());
    match ServerDesign::parse(&document) {
        Ok(_) => panic!("{pointer} may be {value:?}"),
        Err(faults) => faults,
    }
}

/// One change, the path of the one fault it makes, and a part of the reason.
fn refused(table: Vec<(&str, Option<Value>, &str, &str)>) {
    for (pointer, value, path, reason) in table {
        let faults = faults_of(pointer, value.clone());
        let [fault] = faults.0.as_slice() else {
            panic!("{pointer} {value:?}: {faults:?}");
        };
        assert_eq!(fault.path, path, "{pointer} {value:?}: {}", fault.reason);
        assert!(
            fault.reason.contains(reason),
            "{pointer} {value:?}: {}",
            fault.reason
        );
    }
}

#[test]
fn a_design_that_is_right_is_read() {
    let design = ServerDesign::parse(&base()).unwrap();
    assert_eq!(design.tools.len(), 3);
    assert_eq!(design.tools[1].input_schema, json!({"type": "object"}));
    assert_eq!(design.tools[1].default, None);
    assert!(matches!(
        design.tools[0].scenarios[2].response.outcome,
        Outcome::Sequence(_)
    ));
    assert!(design.resources[1].is_template());
    assert_eq!(design.document, base());
}

#[rustfmt::skip]
#[test]
fn servers() {
    refused(vec![
        ("/id", None, "/id", "is required"),
        ("/id", Some(json!("a/b")), "/id", "an id is"),
        ("/id", Some(json!("..")), "/id", "an id is"),
        ("/id", Some(json!("")), "/id", "an id is"),
        ("/id", Some(json!("a".repeat(65))), "/id", "an id is"),
        ("/name", Some(json!("")), "/name", "not empty"),
        ("/version", Some(json!(1)), "/version", "expected a string"),
        ("/tols", Some(json!([])), "/tols", "did you mean \"tools\"?"),
        ("/a~b", Some(json!(1)), "/a~0b", "unknown member"),
        ("/status", Some(json!("publishd")), "/status", "did you mean \"published\"?"),
        ("/profile", Some(json!("strict")), "/profile", "expected one of"),
        ("/default_response", Some(json!("xml")), "/default_response", "\"sse\", \"json\""),
        ("/page_size", Some(json!(0)), "/page_size", "from 1 to 1000"),
        ("/seed", Some(json!(-1)), "/seed", "whole number"),
        ("/debug", Some(json!("yes")), "/debug", "true or false"),
        ("/tools", Some(json!({})), "/tools", "expected an array"),
        ("/tools", Some(json!(vec![0; 1_001])), "/tools", "at most 1000 items"),
        ("/auth", Some(json!("bearer")), "/auth", "expected one of"),
        ("/auth", Some(json!({"type": "bearer"})), "/auth/token_sha256", "is required"),
        ("/auth", Some(json!({})), "/auth/type", "is required"),
        ("/auth", Some(json!(1)), "/auth", "expected an object"),
        ("/auth/type", Some(json!("key")), "/auth/type", "expected one of"),
        ("/auth/password", Some(json!("secret")), "/auth/password", "unknown member"),
        ("/auth/password_sha256", Some(json!("A".repeat(64))), "/auth/password_sha256", "SHA-256"),
        ("/auth/username", Some(json!("a:b")), "/auth/username", "colon"),
    ]);
}

#[rustfmt::skip]
#[test]
fn tools() {
    let schema = "/tools/0/inputSchema";
    refused(vec![
        ("/tools/1/name", None, "/tools/1/name", "is required"),
        ("/tools/1/name", Some(json!("a b")), "/tools/1/name", "a name is"),
        ("/tools/1/name", Some(json!("get_weather")), "/tools/1/name", "another tool"),
        (schema, Some(json!({"type": "string"})), schema, "object"),
        (schema, Some(json!({"type": "object", "minProperties": "x"})), schema, "is not valid"),
        (schema, Some(json!({"type": "object", "$ref": "https://a.example/b"})), schema, "nothing is ever fetched"),
        ("/tools/0/outputSchema", Some(json!(true)), "/tools/0/outputSchema", "expected an object"),
        ("/tools/0/outputSchema", Some(json!({"type": 1})), "/tools/0/outputSchema", "is not valid"),
        ("/tools/0/annotations/hint", Some(json!(1)), "/tools/0/annotations/hint", "unknown member"),
        ("/tools/0/annotations/readOnlyHint", Some(json!(1)), "/tools/0/annotations/readOnlyHint", "true or false"),
        ("/tools/0/annotations/title", Some(json!(1)), "/tools/0/annotations/title", "expected a string"),
        ("/tools/0/annotations", Some(json!([])), "/tools/0/annotations", "expected an object"),
        ("/tools/0/default", Some(json!(["{{args.a.}}"])), "/tools/0/default/0", "empty"),
        ("/tools/0/default", Some(json!({"a/b": "{{x}}"})), "/tools/0/default/a~1b", "unknown placeholder"),
        ("/tools/1/enabled", Some(json!(1)), "/tools/1/enabled", "true or false"),
        ("/tools/1/scenarios", Some(json!([1])), "/tools/1/scenarios/0", "expected an object"),
    ]);
}

#[rustfmt::skip]
#[test]
fn conditions() {
    let at = "/tools/0/scenarios/0/condition";
    let list = "/tools/0/scenarios/1/conditions";
    let path = |end: &str| -> &'static str { format!("{at}{end}").leak() };
    let test = |operator: &str, value: Value| {
        Some(json!({"field": "f", "operator": operator, "value": value}))
    };
    let deep = (0..9).fold(
        json!({"field": "", "operator": "exists"}),
        |inner, _| json!({"not": inner}),
    );
    let too_deep = format!("{at}{}", "/not".repeat(9)).leak();
    refused(vec![
        (at, Some(json!([])), at, "expected an object"),
        (path("/field"), None, path("/field"), "is required"),
        (path("/field"), Some(json!("a..b")), path("/field"), "empty"),
        (path("/field"), Some(json!("a\\")), path("/field"), "backslash"),
        (path("/operator"), None, path("/operator"), "is required"),
        (path("/operator"), Some(json!("equal")), path("/operator"), "did you mean \"equals\"?"),
        (path("/value"), None, path("/value"), "is required"),
        (path("/vallue"), Some(json!(1)), path("/vallue"), "did you mean \"value\"?"),
        (path("/ignoreCase"), Some(json!(1)), path("/ignoreCase"), "true or false"),
        (at, test("startsWith", json!(1)), path("/value"), "expected a string"),
        (at, test("endsWith", json!(null)), path("/value"), "expected a string"),
        (at, test("gt", json!([])), path("/value"), "a number or a string"),
        (at, test("lte", json!(null)), path("/value"), "a number or a string"),
        (at, test("exists", json!(null)), path("/value"), "true or false"),
        (at, test("regex", json!(1)), path("/value"), "expected a string"),
        (at, test("regex", json!("x".repeat(2_049))), path("/value"), "at most 2048 bytes"),
        (at, test("in", json!(vec![0; 1_001])), path("/value"), "at most 1000 items"),
        (at, test("type", json!(["string"])), path("/value"), "expected one of"),
        (at, test("type", json!("String")), path("/value"), "did you mean \"string\"?"),
        (at, test("", json!(1)), path("/operator"), "expected one of"),
        (at, Some(json!({"not": null})), path("/not"), "expected an object"),
        (at, Some(json!({"not": []})), path("/not"), "expected an object"),
        (at, Some(json!({"any": []})), path("/any"), "at least one"),
        (at, Some(json!({"any": {}})), path("/any"), "expected an array"),
        (at, Some(json!({"all": [{"field": "f", "operator": "exists"}], "field": "f"})), path("/field"), "unknown member"),
        (at, Some(json!({"field": "f", "operator": "type", "value": "null", "ignoreCase": true})), path("/ignoreCase"), "compares no text"),
        (at, test("between", json!([1])), path("/value"), "two numbers"),
        (at, test("between", json!([1, "2"])), path("/value"), "two numbers"),
        (at, test("between", json!([true, false])), path("/value"), "two numbers"),
        (at, test("between", json!({"0": 1, "1": 2})), path("/value"), "two numbers"),
        (at, test("between", json!([1, 2, 3])), path("/value"), "two numbers"),
        (at, test("between", json!([2, 1])), path("/value"), "the smaller one first"),
        (at, test("between", json!([1.5, 1])), path("/value"), "the smaller one first"),
        (at, test("between", json!(["b", "a"])), path("/value"), "the smaller one first"),
        (at, Some(json!({"field": "f", "operator": "between", "value": ["B", "a"], "ignoreCase": true})), path("/value"), "the smaller one first"),
        (at, test("exists", json!("yes")), path("/value"), "true or false"),
        (at, test("isEmpty", json!(1)), path("/value"), "true or false"),
        (at, test("in", json!("abc")), path("/value"), "expected an array"),
        (at, test("notIn", json!({})), path("/value"), "expected an array"),
        (at, test("regex", json!("(")), path("/value"), "is no pattern"),
        (at, test("regex", json!("(?=a)")), path("/value"), "is no pattern"),
        (at, test("regex", json!("(\\w{100}){100}")), path("/value"), "at most 1048576 bytes"),
        (at, test("type", json!("float")), path("/value"), "expected one of"),
        (at, Some(deep), too_deep, "levels of conditions"),
        (at, Some(json!({"not": {"field": "f", "operator": "exists"}, "any": [{"field": "f", "operator": "exists"}]})), path("/not"), "unknown"),
        (at, Some(json!({"all": []})), path("/all"), "at least one"),
        (list, Some(json!([])), list, "at least one"),
        ("/tools/0/scenarios/0/match", Some(json!("any")), "/tools/0/scenarios/0/match", "only with"),
        ("/tools/0/scenarios/0/conditions", Some(json!([])), "/tools/0/scenarios/0/conditions", "either"),
        ("/tools/0/scenarios/1/match", Some(json!("one")), "/tools/0/scenarios/1/match", "expected one of"),
    ]);
}

#[rustfmt::skip]
#[test]
fn outcomes() {
    let first = "/tools/0/scenarios/0";
    let path = |scenario: usize, end: &str| -> &'static str {
        format!("/tools/0/scenarios/{scenario}{end}").leak()
    };
    let error = |value: Value| Some(value);
    let sequences = (0..9).fold(
        json!([{"response": 1}]),
        |inner, _| json!([{"sequence": inner}]),
    );
    let too_deep: &str = format!("/tools/0/scenarios/2/sequence{}", "/0/sequence".repeat(8)).leak();
    refused(vec![
        (path(0, "/response"), None, first, "exactly one of `response`"),
        (path(0, "/error"), Some(json!({"kind": "disconnect"})), first, "exactly one of"),
        (path(0, "/delay"), Some(json!(1)), path(0, "/delay"), "did you mean \"delayMs\"?"),
        (path(0, "/delayMs"), Some(json!(60_001)), path(0, "/delayMs"), "from 0 to 60000"),
        (path(0, "/delayMs"), Some(json!(-1)), path(0, "/delayMs"), "from 0 to 60000"),
        (path(0, "/delayMs"), Some(json!(1.5)), path(0, "/delayMs"), "whole number"),
        (path(0, "/response/for"), Some(json!("{{city}}")), path(0, "/response/for"), "unknown placeholder"),
        (path(0, "/response/for"), Some(json!("{{uuuid}}")), path(0, "/response/for"), "did you mean \"uuid\"?"),
        (path(0, "/response/for"), Some(json!("{{now")), path(0, "/response/for"), "not closed"),
        (path(0, "/response/for"), Some(json!("{{random 6 1}}")), path(0, "/response/for"), "two whole numbers"),
        (path(0, "/response/for"), Some(json!("{{random 1.5 2}}")), path(0, "/response/for"), "two whole numbers"),
        (path(0, "/response/for"), Some(json!("{{random 1}}")), path(0, "/response/for"), "LOW HIGH"),
        (path(1, "/progress/1/progress"), Some(json!(1)), path(1, "/progress/1/progress"), "more than"),
        (path(1, "/progress/0/progress"), Some(json!(-1)), path(1, "/progress/0/progress"), "not negative"),
        (path(1, "/progress/0/progress"), None, path(1, "/progress/0/progress"), "is required"),
        (path(1, "/progress/0/total"), Some(json!(0.5)), path(1, "/progress/0/total"), "at least `progress`"),
        (path(1, "/progress/0/total"), Some(json!("3")), path(1, "/progress/0/total"), "not negative"),
        (path(1, "/progress/1/afterMs"), Some(json!(59_951)), path(1, "/progress"), "60000 milliseconds in all"),
        (path(1, "/progress"), Some(json!({})), path(1, "/progress"), "expected an array"),
        (path(1, "/log/0"), Some(json!(1)), path(1, "/log/0"), "expected an object"),
        (path(1, "/progress/0/afterMs"), Some(json!(-1)), path(1, "/progress/0/afterMs"), "whole number"),
        (path(1, "/log/1/level"), Some(json!("warn")), path(1, "/log/1/level"), "did you mean \"warning\"?"),
        (path(2, "/sequence"), Some(json!([])), path(2, "/sequence"), "at least one answer"),
        (path(2, "/sequence/0/name"), Some(json!("x")), path(2, "/sequence/0/name"), "unknown member"),
        (path(2, "/sequence"), Some(sequences), too_deep, "levels of sequences"),
        (path(2, "/sequence"), Some(json!(vec![json!({"response": 1}); 101])), path(2, "/sequence"), "at most 100"),
        (path(3, "/error"), error(json!({})), path(3, "/error/kind"), "is required"),
        (path(3, "/error"), error(json!("tool")), path(3, "/error"), "expected an object"),
        (path(3, "/error/kind"), error(json!("htttp")), path(3, "/error/kind"), "did you mean \"http\"?"),
        (path(3, "/error/code"), Some(json!("x")), path(3, "/error/code"), "whole number"),
        (path(3, "/error/code"), Some(json!(1.5)), path(3, "/error/code"), "whole number"),
        (path(3, "/error/code"), Some(json!(1_u64 << 53)), path(3, "/error/code"), "whole number"),
        (path(3, "/error/message"), Some(json!(1)), path(3, "/error/message"), "expected a string"),
        (path(3, "/error"), error(json!({"kind": "http", "status": 600})), path(3, "/error/status"), "from 400 to 599"),
        (path(3, "/error"), error(json!({"kind": "http", "status": 503, "message": "m"})), path(3, "/error/message"), "unknown member"),
        (path(3, "/error/code"), None, path(3, "/error/code"), "is required"),
        (path(3, "/error"), error(json!({"kind": "tool"})), path(3, "/error/message"), "is required"),
        (path(3, "/error"), error(json!({"kind": "http", "status": 200})), path(3, "/error/status"), "from 400 to 599"),
        (path(3, "/error"), error(json!({"kind": "disconnect", "status": 1})), path(3, "/error/status"), "unknown member"),
    ]);
}

#[rustfmt::skip]
#[test]
fn resources_and_prompts() {
    refused(vec![
        ("/resources/0/uri", Some(json!("cities")), "/resources/0/uri", "a scheme"),
        ("/resources/0/uri", Some(json!("a://b c")), "/resources/0/uri", "blanks"),
        ("/resources/1/uri", Some(json!("a://{b")), "/resources/1/uri", "brace"),
        ("/resources/1/uri", Some(json!("a://{b*}")), "/resources/1/uri", "modifiers"),
        ("/resources/2/uri", Some(json!("weather://cities")), "/resources/2/uri", "another resource"),
        ("/resources/0/mimeType", Some(json!("text")), "/resources/0/mimeType", "a media type"),
        ("/resources/0/mimeType", Some(json!("a/b c")), "/resources/0/mimeType", "a media type"),
        ("/resources/0/mimeType", Some(json!("/json; a=b")), "/resources/0/mimeType", "a media type"),
        ("/resources/3", Some(json!({"uri": "weather://{city}", "name": "n", "text": ""})), "/resources/3/uri", "another resource"),
        ("/resources/0/json", Some(json!(["{{city}}"])), "/resources/0/json/0", "unknown placeholder"),
        ("/resources/1/text", Some(json!("{{{{{{city")), "/resources/1/text", "not closed"),
        ("/resources/0/text", Some(json!("x")), "/resources/0", "exactly one of `text`"),
        ("/resources/0/json", None, "/resources/0", "exactly one of `text`"),
        ("/resources/2/blob", Some(json!("%")), "/resources/2/blob", "expected Base64"),
        ("/resources/1/text", Some(json!("{{town}}")), "/resources/1/text", "unknown placeholder"),
        ("/resources/1/text", Some(json!("{{args.city}}")), "/resources/1/text", "no `args` here"),
        ("/resources/0/scenarios", Some(json!([])), "/resources/0/scenarios", "only templates"),
        ("/resources/1/scenarios/0", Some(json!({"content": []})), "/resources/1/scenarios/0/content", "for tools"),
        ("/resources/0/mimetype", Some(json!("a/b")), "/resources/0/mimetype", "did you mean \"mimeType\"?"),
        ("/prompts/1", Some(json!({"name": "ask", "messages": []})), "/prompts/1/name", "another prompt"),
        ("/prompts/0/messages", None, "/prompts/0/messages", "is required"),
        ("/prompts/1", Some(json!({"name": "a b", "messages": []})), "/prompts/1/name", "a name is"),
        ("/prompts/1", Some(json!({"name": "a".repeat(129), "messages": []})), "/prompts/1/name", "a name is"),
        ("/prompts/0/messages/0/text", Some(json!("{{args.location}}")), "/prompts/0/messages/0/text", "no `args` here"),
        ("/prompts/0/messages/0/content", Some(json!("x")), "/prompts/0/messages/0/content", "unknown member"),
        ("/prompts/0/messages/0/role", Some(json!("system")), "/prompts/0/messages/0/role", "expected one of"),
        ("/prompts/0/messages/0/text", Some(json!("{{locaton}}")), "/prompts/0/messages/0/text", "did you mean \"location\"?"),
        ("/prompts/0/arguments/1", Some(json!({"name": "location"})), "/prompts/0/arguments/1/name", "another argument"),
        ("/prompts/0/arguments/0/values", Some(json!([1])), "/prompts/0/arguments/0/values/0", "expected a string"),
    ]);
}

#[test]
fn what_lies_between_depends_on_case_where_that_counts() {
    let at = "/tools/0/scenarios/0/condition";
    for (value, ignore_case) in [(["a", "B"], true), (["B", "a"], false), (["a", "a"], false)] {
        let test =
            json!({"field": "f", "operator": "between", "value": value, "ignoreCase": ignore_case});
        let mut document = base();
        change(&mut document, at, Some(test));
        assert!(ServerDesign::parse(&document).is_ok(), "{value:?}");
    }
}

#[test]
fn all_faults_are_told_at_once() {
    let mut document = base();
    change(&mut document, "/id", None);
    change(&mut document, "/tools/0/name", Some(json!("")));
    change(
        &mut document,
        "/tools/0/scenarios/0/condition/operator",
        Some(json!("x")),
    );
    change(
        &mut document,
        "/tools/0/scenarios/0/delayMs",
        Some(json!(-1)),
    );
    change(
        &mut document,
        "/prompts/0/messages/0/role",
        Some(json!(null)),
    );
    let faults = ServerDesign::parse(&document).unwrap_err();
    let paths: Vec<_> = faults.0.iter().map(|fault| fault.path.as_str()).collect();
    let expected = [
        "/id",
        "/tools/0/name",
        "/tools/0/scenarios/0/condition/operator",
        "/tools/0/scenarios/0/delayMs",
        "/prompts/0/messages/0/role",
    ];
    assert_eq!(paths, expected);
}

#[test]
fn what_is_too_deep_or_too_long_is_refused_as_a_whole() {
    let deep = (0..200).fold(json!(1), |inner, _| json!([inner]));
    for default in [deep, json!("x".repeat(5 * 1024 * 1024))] {
        let faults = faults_of("/tools/0/default", Some(default));
        assert_eq!(faults.0.len(), 1);
        assert_eq!(faults.0[0].path, "");
    }
    let many: serde_json::Map<_, _> = (0..1_000).map(|n| (format!("x{n}"), json!(1))).collect();
    assert_eq!(ServerDesign::parse(&many.into()).unwrap_err().0.len(), 100);
}
