use super::*;
use crate::{param::Fault, protocol::Revision, request::from_json};
use serde::Deserialize;
use std::collections::BTreeMap;

static QUERY: Field = Field {
    name: "query",
    aliases: &["q"],
    description: "",
};
static LIMIT: Field = Field {
    name: "limit",
    aliases: &[],
    description: "",
};

fn input(arguments: Arguments) -> Input {
    let request = from_json(
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#,
        Revision::V2026_07_28,
    );
    Input::new(Context::new(request), arguments, false)
}

fn json(text: &str) -> Arguments {
    Arguments::Json(RawJson::from_text(text.to_owned()).unwrap())
}

fn message(failure: Failure) -> String {
    let result = failure
        .into_tool_result(&http::Extensions::new(), Revision::V2026_07_28)
        .unwrap();
    serde_json::to_string(&result.content).unwrap()
}

fn split(arguments: Arguments) -> Result<(String, Option<u8>), String> {
    let input = input(arguments);
    let slots = input
        .slots([(&QUERY, Kind::Argument), (&LIMIT, Kind::Argument)])
        .map_err(message)?;
    let query = slots.get(0).read("query").map_err(Fault::from);
    let limit = slots.get(1).read("limit").map_err(Fault::from);
    match (query, limit) {
        (Ok(query), Ok(limit)) => Ok((query, limit)),
        (query, limit) => Err(message(Failure::gather([query.err(), limit.err()]))),
    }
}

#[test]
fn members_go_to_their_slots() {
    assert_eq!(
        split(json(r#"{"limit":5,"query":"a"}"#)),
        Ok(("a".into(), Some(5)))
    );
    assert_eq!(
        split(json(r#"{"q":"a","limit":null}"#)),
        Ok(("a".into(), None))
    );
    assert_eq!(
        split(json(r#"{"qu\u0065ry":"\u00e9"}"#)),
        Ok(("é".into(), None))
    );
}

#[test]
fn faults_name_path_expectation_and_suggestion() {
    let table = [
        (
            r#"{"querry":"a"}"#,
            r#"unknown field \"querry\", did you mean \"query\"?"#,
        ),
        (
            r#"{"query":"a","query":"b"}"#,
            "`query`: is given more than once",
        ),
        (
            r#"{"limit":true}"#,
            "`query`: is required; `limit`: expected an integer from 0 to 255, got a boolean",
        ),
        (
            r#"{"query":"a","limit":300}"#,
            "`limit`: expected an integer from 0 to 255",
        ),
        ("[]", "expected an object"),
    ];
    for (arguments, expected) in table {
        let message = split(json(arguments)).expect_err(arguments);
        assert!(message.contains(expected), "{arguments}: {message}");
    }
}

#[test]
fn faults_never_quote_a_value() {
    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case", deny_unknown_fields)]
    #[allow(dead_code)]
    enum Mode {
        Fast,
        Deep { levels: u8 },
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Deep {
        modes: Vec<Mode>,
        at: BTreeMap<String, i32>,
    }
    let table = [
        (
            r#"{"modes":["hunter2"],"at":{}}"#,
            "x.modes[0]",
            "expected one of \"fast\", \"deep\"",
        ),
        (
            r#"{"modes":["fats"],"at":{}}"#,
            "x.modes[0]",
            "did you mean \"fast\"",
        ),
        (
            r#"{"modes":[],"at":{"k":"hunter2"}}"#,
            "x.at.k",
            "expected a 32-bit integer, got a string",
        ),
        (r#"{"modes":[]}"#, "x", "`at` is required"),
        (
            r#"{"modes":[{"deep":{"levels":"hunter2"}}],"at":{}}"#,
            "x.modes[0]",
            "not a valid \"deep\"",
        ),
        (r#""hunter2""#, "x", "expected struct Deep, got a string"),
    ];
    for (value, path, expectation) in table {
        let fault = Slot::Json(value).read::<Deep>("x").expect_err(value);
        assert_eq!(fault.path(), path, "{value}");
        assert!(
            fault.expectation().contains(expectation),
            "{value}: {fault}"
        );
        assert!(!fault.to_string().contains("hunter2"), "{fault}");
    }
}

#[test]
fn text_becomes_what_the_type_asks_for() {
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Side {
        Left,
    }
    assert_eq!(Slot::Text("7").read::<Option<u8>>("n"), Ok(Some(7)));
    assert_eq!(Slot::Text("true").read::<bool>("n"), Ok(true));
    assert_eq!(Slot::Text("left").read::<Side>("n"), Ok(Side::Left));
    assert_eq!(Slot::JsonString(r#""1.5""#).read::<f64>("n"), Ok(1.5));
    assert_eq!(Slot::Text("x").read::<String>("n"), Ok("x".to_owned()));
    for fault in [
        Slot::Text("hunter2").read::<u8>("n").unwrap_err(),
        Slot::JsonString("5").read::<u8>("n").unwrap_err(),
        Slot::Absent.read::<u8>("n").unwrap_err(),
    ] {
        assert!(!fault.to_string().contains("hunter2"), "{fault}");
        assert_eq!(fault.path(), "n");
    }
}
