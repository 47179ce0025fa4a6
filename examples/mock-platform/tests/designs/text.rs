//! The text of documents.

use crate::judged::any_json;
use mock_platform::design::{Unreadable, read};
use proptest::prelude::*;
use serde_json::Value;

#[test]
fn members_that_are_there_twice_are_faults() {
    let table = [
        (r#"{"a": 1, "b": 2, "a": 3}"#, &["/a"][..]),
        (r#"{"a": 1, "a": 2, "a": 3}"#, &["/a", "/a"]),
        (r#"{"a": [{}, {"x": {"y": 1, "y": 1}}]}"#, &["/a/1/x/y"]),
        (r#"{"a": {"b": 1}, "c": {"b": 1}}"#, &[]),
        (
            r#"{"a/b": 1, "a/b": {"~": 1, "~": 2}}"#,
            &["/a~1b", "/a~1b/~0"],
        ),
        (r#"{"a": 1, "\u0061": 2}"#, &["/a"]),
        (r#"[{"a": 1}, {"a": 1}]"#, &[]),
    ];
    for (text, expected) in table {
        let paths = match read(text.as_bytes()) {
            Ok(_) => Vec::new(),
            Err(Unreadable::Faults(faults)) => faults.0,
            Err(error) => panic!("{text}: {error}"),
        };
        let paths: Vec<_> = paths.iter().map(|fault| fault.path.as_str()).collect();
        assert_eq!(paths, expected, "{text}");
    }
}

#[test]
fn what_is_no_json_is_no_document() {
    let deep = "[".repeat(100_000);
    for text in [
        "",
        "{",
        "{} {}",
        "nul",
        "{\"a\": 1e999}",
        "\"\\ud800\"",
        &deep,
    ] {
        let read = read(text.as_bytes());
        assert!(matches!(read, Err(Unreadable::NotJson(_))), "{read:?}");
    }
}

proptest! {
    #[test]
    fn what_is_read_is_what_was_written(value in any_json()) {
        let text = value.to_string();
        let read = read(text.as_bytes()).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(read.to_string(), text, "order, too");
    }

    #[test]
    fn it_is_json_where_it_is_for_serde(text in "[\\[\\]{}:,\"a01e. \\\\-]{0,24}") {
        let known = serde_json::from_slice::<Value>(text.as_bytes());
        match read(text.as_bytes()) {
            Ok(value) => prop_assert_eq!(known.ok(), Some(value)),
            Err(Unreadable::Faults(_)) => prop_assert!(known.is_ok()),
            Err(_) => prop_assert!(known.is_err()),
        }
    }
}
