//! What a tool answers, measured by its own output schema when its design is saved.

use crate::{base, change, faults_of, refused};
use mock_platform::design::ServerDesign;
use serde_json::json;

#[rustfmt::skip]
#[test]
fn a_response_that_no_call_can_make_right_is_refused() {
    let (response, default) = ("/tools/2/scenarios/0/response", "/tools/2/default");
    let path = |end: &str| -> &'static str { format!("{response}{end}").leak() };
    let nested = "/tools/2/scenarios/1/sequence/1/sequence/0/response";
    let words = "is not what `outputSchema` allows";
    refused(vec![
        (default, Some(json!({})), default, words),
        (default, Some(json!({"temperature": "warm"})), "/tools/2/default/temperature", words),
        (response, Some(json!("warm")), response, words),
        (response, Some(json!(null)), response, words),
        (path("/temperature"), Some(json!(61)), path("/temperature"), words),
        (path("/unit"), Some(json!("K")), path("/unit"), words),
        (path("/days"), Some(json!([1, "2"])), path("/days/1"), words),
        ("/tools/2/scenarios/1/sequence/0/response", Some(json!({})), "/tools/2/scenarios/1/sequence/0/response", words),
        (nested, Some(json!({"temperature": []})), "/tools/2/scenarios/1/sequence/1/sequence/0/response/temperature", words),
        // Whatever becomes of placeholders, this is not allowed.
        (response, Some(json!({"unit": "{{args.unit}}"})), response, "\"temperature\" is a required"),
        (path("/unti"), Some(json!("{{args.unit}}")), response, "unti"),
        (path("/temperature"), Some(json!("{{args.t}} degrees")), path("/temperature"), words),
        (path("/temperature"), Some(json!("{{uuid}}")), path("/temperature"), words),
        (path("/temperature"), Some(json!(["{{args.t}}"])), path("/temperature"), words),
        (path("/days"), Some(json!(["{{args.x}}", "x"])), path("/days/1"), words),
        (path("/days"), Some(json!([])), path("/days"), words),
        // Two braces that mean nothing are no placeholder.
        (path("/unit"), Some(json!("{{{{args.unit}}")), path("/unit"), words),
    ]);
}

#[test]
fn what_depends_on_a_call_is_left_to_it() {
    let (response, schema) = ("/tools/2/scenarios/0/response", "/tools/2/outputSchema");
    let conditional = json!({
        "type": "object",
        "if": {"properties": {"unit": {"const": "C"}}},
        "then": {"required": ["days"]},
        "else": {"properties": {"temperature": {"maximum": 0}}},
    });
    let either = json!({"oneOf": [{"type": "integer"}, {"type": "string", "minLength": 10}]});
    let placeholder = json!({"temperature": 1, "unit": "{{args.unit}}"});
    let table = [
        (None, json!("{{args.all}}")),
        (
            None,
            json!({"temperature": "{{args.t}}", "unit": "{{args.u}} or F"}),
        ),
        (None, json!({"temperature": 1, "days": "{{args.days}}"})),
        (None, json!({"temperature": 1, "days": ["{{args.one}}", 2]})),
        (Some(conditional), placeholder.clone()),
        (Some(either), json!("{{args.a}}!")),
    ];
    for (other, value) in table {
        let mut document = base();
        if let Some(other) = other {
            change(&mut document, "/tools/2/default", None);
            change(
                &mut document,
                "/tools/2/scenarios",
                Some(json!([{"response": value}])),
            );
            change(&mut document, schema, Some(other));
        } else {
            change(&mut document, response, Some(value.clone()));
        }
        let read = ServerDesign::parse(&document);
        assert!(read.is_ok(), "{value}: {:?}", read.err());
    }
}

#[test]
fn content_is_not_what_a_schema_describes() {
    let content = json!([{"content": [{"type": "text", "text": "x"}]}]);
    for (at, path) in [
        ("/tools/2/scenarios", "/tools/2/scenarios/0/content"),
        (
            "/tools/2/scenarios/1/sequence",
            "/tools/2/scenarios/1/sequence/0/content",
        ),
    ] {
        let faults = faults_of(at, Some(content.clone()));
        assert_eq!(faults.0.len(), 1, "{faults:?}");
        assert_eq!(faults.0[0].path, path);
        assert!(faults.0[0].reason.contains("structured content"));
    }
    // Without a schema it is.
    let mut document = base();
    change(&mut document, "/tools/1/scenarios", Some(content));
    assert!(ServerDesign::parse(&document).is_ok());
}

#[test]
fn all_that_is_wrong_with_a_response_is_told_without_its_values() {
    let response = json!({"temperature": "s3cret", "unit": "s3cret", "days": ["s3cret"]});
    let faults = faults_of("/tools/2/default", Some(response));
    let mut paths: Vec<_> = faults.0.iter().map(|fault| fault.path.as_str()).collect();
    paths.sort_unstable();
    let expected = ["days/0", "temperature", "unit"].map(|end| format!("/tools/2/default/{end}"));
    assert_eq!(paths, expected);
    assert!(!faults.to_string().contains("s3cret"), "{faults}");
}
