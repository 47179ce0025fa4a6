//! Blocks of content: what the protocol's own types would drop is refused.

use crate::{base, change, faults_of, refused};
use mock_platform::design::{Outcome, ServerDesign};
use serde_json::{Value, json};

const AT: &str = "/tools/0/scenarios/1/content";

/// One block of each type, with everything that it can have.
fn blocks() -> [Value; 5] {
    let annotations = json!({"audience": ["user", "assistant"], "priority": 0.5, "lastModified": "2026-01-01T00:00:00Z"});
    let meta = json!({"example.com/a": {"b": 1}});
    [
        json!({"type": "text", "text": "x", "annotations": annotations, "_meta": meta}),
        json!({"type": "image", "data": "AAAA", "mimeType": "image/png", "annotations": annotations, "_meta": meta}),
        json!({"type": "audio", "data": "AAAA", "mimeType": "audio/wav; rate=8000", "annotations": annotations, "_meta": meta}),
        json!({"type": "resource", "annotations": annotations, "_meta": meta,
            "resource": {"uri": "a://b", "mimeType": "text/plain", "text": "x", "_meta": meta}}),
        json!({"type": "resource_link", "uri": "a://b", "name": "n", "title": "t", "description": "d",
            "mimeType": "text/plain", "size": 3, "annotations": annotations, "_meta": meta,
            "icons": [{"src": "https://a.example/i.png", "mimeType": "image/png", "sizes": ["48x48"], "theme": "dark"}]}),
    ]
}

#[test]
fn everything_that_a_block_can_have_is_kept() {
    let mut document = base();
    change(&mut document, AT, Some(json!(blocks())));
    let design = ServerDesign::parse(&document).unwrap();
    let Outcome::Content(read) = &design.tools[0].scenarios[1].response.outcome else {
        panic!("no content");
    };
    assert_eq!(serde_json::to_value(read).unwrap(), json!(blocks()));
}

#[test]
fn a_member_that_nobody_knows_is_refused_wherever_it_is() {
    let places = [
        vec!["", "/annotations"],
        vec!["", "/annotations"],
        vec!["", "/annotations"],
        vec!["", "/annotations", "/resource"],
        vec!["", "/annotations", "/icons/0"],
    ];
    for (block, places) in blocks().into_iter().zip(places) {
        for place in places {
            let mut content = json!([block]);
            change(&mut content, &format!("/0{place}/extra"), Some(json!(1)));
            let faults = faults_of(AT, Some(content));
            assert_eq!(faults.0.len(), 1, "{place}: {faults:?}");
            assert_eq!(faults.0[0].path, format!("{AT}/0{place}/extra"));
            assert!(faults.0[0].reason.contains("unknown member"));
        }
    }
    // What one type has another one does not.
    let faults = faults_of(
        AT,
        Some(json!([{"type": "text", "text": "x", "data": "AAAA"}])),
    );
    assert_eq!(faults.0[0].path, format!("{AT}/0/data"));
}

#[rustfmt::skip]
#[test]
fn every_member_is_looked_at() {
    let rows: [(usize, &str, Option<Value>, &str); 30] = [
        (0, "/type", None, "is required"),
        (0, "/type", Some(json!("txt")), "did you mean \"text\"?"),
        (0, "/text", None, "is required"),
        (0, "/text", Some(json!(1)), "expected a string"),
        (0, "/_meta", Some(json!([])), "expected an object"),
        (0, "/annotations", Some(json!(1)), "expected an object"),
        (0, "/annotations/audience", Some(json!("user")), "expected an array"),
        (0, "/annotations/audience/0", Some(json!("system")), "expected one of"),
        (0, "/annotations/priority", Some(json!(1.5)), "from 0 to 1"),
        (0, "/annotations/priority", Some(json!("1")), "from 0 to 1"),
        (0, "/annotations/lastModified", Some(json!("")), "not empty"),
        (1, "/data", None, "is required"),
        (1, "/data", Some(json!("%%")), "expected Base64"),
        (1, "/mimeType", None, "is required"),
        (1, "/mimeType", Some(json!("png")), "a media type"),
        (2, "/data", Some(json!(1)), "expected Base64"),
        (3, "/resource", None, "is required"),
        (3, "/resource", Some(json!("a://b")), "expected an object"),
        (3, "/resource/uri", None, "is required"),
        (3, "/resource/uri", Some(json!("b")), "a scheme"),
        (3, "/resource/mimeType", Some(json!("")), "not empty"),
        (3, "/resource/_meta", Some(json!(1)), "expected an object"),
        (4, "/uri", Some(json!("a://b c")), "blanks"),
        (4, "/name", None, "is required"),
        (4, "/size", Some(json!(-1)), "whole number"),
        (4, "/icons", Some(json!({})), "expected an array"),
        (4, "/icons/0/src", None, "is required"),
        (4, "/icons/0/sizes", Some(json!("48x48")), "expected an array"),
        (4, "/icons/0/theme", Some(json!("black")), "expected one of"),
        (4, "/icons/0/mimeType", Some(json!(1)), "expected a string"),
    ];
    for (index, member, value, reason) in rows {
        let mut content = json!(blocks());
        change(&mut content, &format!("/{index}{member}"), value);
        let path: &'static str = format!("{AT}/{index}{member}").leak();
        refused(vec![(AT, Some(content), path, reason)]);
    }
}

#[rustfmt::skip]
#[test]
fn a_resource_is_text_or_bytes() {
    let resource = |resource: Value| Some(json!([{"type": "resource", "resource": resource}]));
    let path = |end: &str| -> &'static str { format!("{AT}/0/resource{end}").leak() };
    refused(vec![
        (AT, resource(json!({"uri": "a://b"})), path(""), "exactly one of `text`, `blob`"),
        (AT, resource(json!({"uri": "a://b", "text": "x", "blob": "AAAA"})), path(""), "exactly one of"),
        (AT, resource(json!({"uri": "a://b", "blob": "%"})), path("/blob"), "expected Base64"),
        (AT, Some(json!([1])), "/tools/0/scenarios/1/content/0", "expected an object"),
        (AT, Some(json!({})), AT, "expected an array"),
    ]);
}
