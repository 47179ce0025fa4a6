//! What the README says is so.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

use http_tests::{Client, Post, Reply, serve_axum};
use mock_platform::{
    admin,
    app::{AppOptions, app},
    calls, demo,
    design::{ServerDesign, limits},
    import::openapi,
    platform::{self, Platform},
    store,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const README: &str = include_str!("../README.md");
const KEY: &str = "a key of administrators";

/// What is in the code blocks of a language.
fn blocks(language: &str) -> Vec<String> {
    let open = format!("```{language}\n");
    let blocks = README.split(&open).skip(1);
    blocks
        .map(|rest| rest.split_once("\n```").unwrap().0.to_owned())
        .collect()
}

/// The rows of the table whose head begins with a cell, without their ticks.
fn table(first: &str) -> Vec<Vec<String>> {
    let head = format!("| {first} |");
    let mut lines = README.lines().skip_while(|line| !line.starts_with(&head));
    assert!(lines.next().is_some(), "no table of {first}");
    lines
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells = line.trim_matches('|').split(" |");
            cells.map(|cell| cell.trim().replace('`', "")).collect()
        })
        .collect()
}

/// Why a tool with this condition is refused; nothing, if it is not.
fn refusal(condition: &Value) -> Option<String> {
    let scenario = json!({"condition": condition, "response": 1});
    let tool = json!({"name": "t", "scenarios": [scenario]});
    let design = json!({"id": "t", "name": "T", "version": "1", "tools": [tool]});
    let faults = ServerDesign::parse(&design).err()?;
    Some(faults.to_string())
}

#[test]
fn its_designs_are_right() {
    let designs = blocks("json");
    assert!(!designs.is_empty());
    for text in designs {
        let document: Value = serde_json::from_str(&text).unwrap();
        ServerDesign::parse(&document).unwrap();
    }
}

#[test]
fn its_operators_are_those_that_there_are() {
    let rows = table("operator");
    let names = rows.iter().flat_map(|row| {
        let aliases = row[1].split(", ").filter(|alias| !alias.is_empty());
        std::iter::once(row[0].as_str()).chain(aliases)
    });
    let told: BTreeSet<_> = names.map(str::to_owned).collect();
    // Whoever misspells one is told all of them.
    let unknown = refusal(&json!({"field": "f", "operator": "?", "value": 1})).unwrap();
    let (_, known) = unknown.split_once("expected one of ").unwrap();
    let known = known
        .split(", ")
        .map(|name| name.trim_matches('"').to_owned());
    assert_eq!(told, known.collect());
}

#[test]
fn operators_take_the_values_of_the_table() {
    let good = BTreeMap::from([
        ("any JSON", vec![json!({"a": [1]}), json!(null)]),
        ("text", vec![json!("a")]),
        ("number or text", vec![json!(1), json!("a")]),
        (
            "two numbers, or two texts",
            vec![json!([1, 2]), json!(["a", "b"])],
        ),
        ("boolean, true without it", vec![json!(true), json!(false)]),
        ("list", vec![json!([1, "a"])]),
        ("pattern of the crate regex", vec![json!("^a+$")]),
        (
            "string, number, integer, boolean, array, object, null",
            [
                "string", "number", "integer", "boolean", "array", "object", "null",
            ]
            .map(Value::from)
            .to_vec(),
        ),
    ]);
    let bad = [json!({"a": [1]}), json!("("), json!(1), json!([1, "a"])];
    for row in table("operator") {
        let condition = |value: &Value| json!({"field": "f", "operator": row[0], "value": value});
        let kind = row[2].as_str();
        for value in &good[kind] {
            assert_eq!(refusal(&condition(value)), None, "{} {value}", row[0]);
        }
        let refused = bad.iter().any(|value| refusal(&condition(value)).is_some());
        assert_eq!(refused, kind != "any JSON", "{}", row[0]);
        let bare = refusal(&json!({"field": "f", "operator": row[0]}));
        assert_eq!(bare.is_none(), kind.ends_with("without it"), "{}", row[0]);
        let folded =
            json!({"field": "f", "operator": row[0], "value": good[kind][0], "ignoreCase": true});
        let no_text = ["exists", "isEmpty", "type"].contains(&row[0].as_str());
        assert_eq!(refusal(&folded).is_some(), no_text, "{}", row[0]);
    }
}

#[test]
fn its_limits_are_those_that_there_are() {
    macro_rules! values {
        ($($room:ident :: $name:ident),* $(,)?) => {
            BTreeMap::from([$((
                concat!(stringify!($room), "::", stringify!($name)).to_owned(),
                $room::$name.to_string(),
            )),*])
        };
    }
    let values = values![
        limits::MAX_FAULTS,
        limits::MAX_READ_BYTES,
        limits::MAX_DOCUMENT_DEPTH,
        limits::MAX_ITEMS,
        limits::MAX_SCENARIOS,
        limits::MAX_CONDITIONS,
        limits::MAX_NESTING,
        limits::MAX_STEPS,
        limits::MAX_VALUES,
        limits::MAX_DELAY_MS,
        limits::MAX_NAME_BYTES,
        limits::MAX_DESCRIPTION_BYTES,
        limits::MAX_TEXT_BYTES,
        limits::MAX_URI_BYTES,
        limits::MAX_PATTERN_BYTES,
        limits::MAX_PAGE_SIZE,
        store::MAX_DOCUMENT_BYTES,
        platform::MAX_SERVERS,
        admin::MAX_BODY_BYTES,
        calls::KEPT_CALLS,
        calls::KEPT_CALLS_IN_ALL,
        calls::KEPT_BYTES_IN_ALL,
        calls::KEPT_ARGUMENT_BYTES,
        calls::KEPT_TRACE_BYTES,
        calls::MAX_FOLLOWERS,
        openapi::MAX_OPERATIONS,
        openapi::MAX_EXPANDED,
        openapi::MAX_DEPTH,
    ];
    let rows = table("limit");
    let told = rows
        .iter()
        .map(|row| (row[0].clone(), row[1].replace(',', "")));
    assert_eq!(told.collect::<BTreeMap<_, _>>(), values);
    let source = include_str!("../src/design/limits.rs").lines();
    for name in source.filter_map(|line| line.strip_prefix("pub const ")) {
        let (name, _) = name.split_once(':').unwrap();
        assert!(values.contains_key(&format!("limits::{name}")), "{name}");
    }
}

/// The shipped designs, on a port.
async fn client() -> (Client, http_tests::Running, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let store = demo::directory(&directory.path().join("designs")).unwrap();
    let platform = Platform::open(store).await.unwrap();
    let running = serve_axum(app(&platform, &AppOptions::new(KEY))).await;
    (Client::connect(running.address).await, running, directory)
}

#[tokio::test]
async fn the_seven_bodies_are_answered_as_it_says() {
    let (mut client, _running, _directory) = client().await;
    let mut answered = 0;
    for block in blocks("sh") {
        for exchange in block.split("\ncall '").skip(1) {
            let (body, rest) = exchange.split_once("'\n").unwrap();
            let expected = rest.lines().next().unwrap();
            let expected = expected.strip_prefix("# data: ").unwrap();
            let post = Post::raw(body)
                .path("/api/platform/abc123/mcp")
                .set("accept", "*/*");
            let reply: Reply = client.send(&post).await;
            let text = std::str::from_utf8(&reply.body).unwrap();
            let data = text.lines().find_map(|line| line.strip_prefix("data: "));
            let [told, is]: [Value; 2] =
                [expected, data.unwrap()].map(|text| serde_json::from_str(text).unwrap());
            assert_eq!(told, is);
            answered += 1;
        }
    }
    assert_eq!(answered, 7);
}

#[tokio::test]
async fn its_management_tools_are_those_that_there_are() {
    let (mut client, _running, _directory) = client().await;
    let post = Post::modern("tools/list", json!({})).path("/api/platform-mcp/mcp");
    let listed = client.send(&post.set("x-api-key", KEY)).await.result();
    let known = listed["tools"].as_array().unwrap().iter().map(|tool| {
        let schema = &tool["inputSchema"];
        let required = schema["required"].as_array();
        let is_required =
            |name: &str| required.is_some_and(|all| all.iter().any(|one| one == name));
        let names = schema["properties"].as_object().into_iter().flatten();
        let arguments = names.map(|(name, _)| match is_required(name) {
            true => name.clone(),
            false => format!("{name}?"),
        });
        let name = tool["name"].as_str().unwrap().to_owned();
        (name, arguments.collect::<BTreeSet<_>>())
    });
    let rows = table("tool");
    let told = rows.iter().map(|row| {
        let arguments = row[1].split(';').next().unwrap().split(", ");
        let arguments = arguments.filter(|name| !name.is_empty());
        (row[0].clone(), arguments.map(str::to_owned).collect())
    });
    let told: BTreeMap<_, _> = told.collect();
    assert_eq!(told, known.collect::<BTreeMap<_, _>>());
}
