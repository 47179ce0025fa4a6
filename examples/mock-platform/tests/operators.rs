//! Every operator, on a field of every type of JSON and on one that is missing.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

use mock_platform::{
    design::ServerDesign,
    engine::{self, Answer},
};
use serde_json::{Value, json};

fn design(conditions: Value) -> ServerDesign {
    let mut scenario = json!({"response": "fits"});
    for (name, value) in conditions.as_object().unwrap() {
        scenario[name] = value.clone();
    }
    let tool = json!({"name": "t", "scenarios": [scenario]});
    let document = json!({"id": "a", "name": "a", "version": "1", "tools": [tool]});
    ServerDesign::parse(&document).unwrap_or_else(|faults| panic!("{document}: {faults}"))
}

fn fits(conditions: Value, arguments: &Value) -> bool {
    let design = design(conditions);
    let decision = engine::decide(&design.tools[0], arguments);
    matches!(decision.answer, Answer::Scenario { .. })
}

fn test_fits(test: Value, arguments: &Value) -> bool {
    fits(json!({"condition": test}), arguments)
}

fn condition(operator: &str, value: &Value) -> Value {
    let mut condition = json!({"field": "f", "operator": operator});
    if *value != json!("(no value)") {
        condition["value"] = value.clone();
    }
    condition
}

/// One column of the table for each.
fn fields() -> [Option<Value>; 11] {
    [
        None, // the field is missing
        Some(json!(null)),
        Some(json!(true)),
        Some(json!(2)),
        Some(json!(2.5)),
        Some(json!("abc")),
        Some(json!("")),
        Some(json!([])),
        Some(json!([2, "abc"])),
        Some(json!({})),
        Some(json!({"abc": 1})),
    ]
}

/// `1` where the operator is true.
#[rustfmt::skip]
fn table() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        //                                       missing
        //                                       |null
        //                                       ||true
        //                                       |||2
        //                                       ||||2.5
        //                                       |||||"abc"
        //                                       ||||||""
        //                                       |||||||[]
        //                                       ||||||||[2, "abc"]
        //                                       |||||||||{}
        //                                       ||||||||||{"abc": 1}
        ("equals", json!(null),                 ".1........."),
        ("equals", json!(true),                 "..1........"),
        ("equals", json!(2),                    "...1......."),
        ("equals", json!(2.0),                  "...1......."),
        ("equals", json!("2"),                  "..........."),
        ("equals", json!("abc"),                ".....1....."),
        ("equals", json!([2.0, "abc"]),         "........1.."),
        ("equals", json!({"abc": 1.0}),         "..........1"),
        ("equals", json!([]),                   ".......1..."),
        ("equals", json!({}),                   ".........1."),
        ("notEquals", json!(2.0),               "111.1111111"),
        ("notEquals", json!(null),              "1.111111111"),
        ("notEquals", json!("abc"),             "11111.11111"),
        ("contains", json!("abc"),              ".....1..1.1"),
        ("contains", json!("b"),                ".....1....."),
        ("contains", json!(""),                 ".....11...."),
        ("contains", json!(2.0),                "........1.."),
        ("contains", json!(1),                  "..........."),
        ("notContains", json!("abc"),           "11111.11.1."),
        ("notContains", json!(2.0),             "11111111.11"),
        ("startsWith", json!("ab"),             ".....1....."),
        ("startsWith", json!("b"),              "..........."),
        ("startsWith", json!(""),               ".....11...."),
        ("endsWith", json!("bc"),               ".....1....."),
        ("endsWith", json!("b"),                "..........."),
        ("greaterThan", json!(2),               "....1......"),
        ("greaterThan", json!("abb"),           ".....1....."),
        ("greaterThan", json!("abc"),           "..........."),
        ("greaterThanOrEqual", json!(2.0),      "...11......"),
        ("greaterThanOrEqual", json!("abc"),    ".....1....."),
        ("lessThan", json!(2.5),                "...1......."),
        ("lessThan", json!("b"),                ".....11...."),
        ("lessThan", json!("abc"),              "......1...."),
        ("lessThanOrEqual", json!(2.5),         "...11......"),
        ("lessThanOrEqual", json!(""),          "......1...."),
        ("between", json!([2, 2.4]),            "...1......."),
        ("between", json!([2.5, 2.5]),          "....1......"),
        ("between", json!(["a", "abc"]),        ".....1....."),
        ("exists", json!("(no value)"),         ".1111111111"),
        ("exists", json!(true),                 ".1111111111"),
        ("exists", json!(false),                "1.........."),
        ("isEmpty", json!("(no value)"),        "11....11.1."),
        ("isEmpty", json!(true),                "11....11.1."),
        ("isEmpty", json!(false),               "..1111..1.1"),
        ("in", json!([]),                       "..........."),
        ("in", json!([null, 2.0, {"abc": 1}]),  ".1.1......1"),
        ("in", json!(["abc", [], {}]),          ".....1.1.1."),
        ("notIn", json!([]),                    "11111111111"),
        ("notIn", json!([null, 2.0, {"abc": 1}]), "1.1.111111."),
        ("regex", json!("b"),                   ".....1....."),
        ("regex", json!("^$"),                  "......1...."),
        ("regex", json!("."),                   ".....1....."),
        ("type", json!("null"),                 ".1........."),
        ("type", json!("boolean"),              "..1........"),
        ("type", json!("integer"),              "...1......."),
        ("type", json!("number"),               "...11......"),
        ("type", json!("string"),               ".....11...."),
        ("type", json!("array"),                ".......11.."),
        ("type", json!("object"),               ".........11"),
    ]
}

#[test]
fn every_operator_on_every_type() {
    let fields = fields();
    for (operator, value, expected) in table() {
        let found: String = fields
            .iter()
            .map(|field| {
                let mut arguments = json!({});
                if let Some(field) = field {
                    arguments["f"] = field.clone();
                }
                match test_fits(condition(operator, &value), &arguments) {
                    true => '1',
                    false => '.',
                }
            })
            .collect();
        assert_eq!(found, expected, "{operator} {value}");
    }
}

#[test]
fn aliases_are_the_operators_they_stand_for() {
    let table = [
        ("eq", "equals"),
        ("==", "equals"),
        ("ne", "notEquals"),
        ("!=", "notEquals"),
        ("gt", "greaterThan"),
        ("gte", "greaterThanOrEqual"),
        ("lt", "lessThan"),
        ("lte", "lessThanOrEqual"),
        ("matches", "regex"),
    ];
    for (alias, operator) in table {
        // None of them is true of this, or it is told by its name.
        let value = if operator.starts_with("not") {
            json!("b")
        } else {
            json!("x")
        };
        let not = json!({"not": {"field": "f", "operator": alias, "value": value}});
        let design =
            design(json!({"conditions": [not, {"field": "g", "operator": alias, "value": "x"}]}));
        let trace = format!("{:?}", design.tools[0].scenarios[0].condition);
        let canonical = format!("{:?}", {
            let not = json!({"not": {"field": "f", "operator": operator, "value": value}});
            let conditions = json!([not, {"field": "g", "operator": operator, "value": "x"}]);
            self::design(json!({"conditions": conditions})).tools[0].scenarios[0]
                .condition
                .clone()
        });
        assert_eq!(trace, canonical, "{alias}");
    }
}

#[test]
fn case_is_ignored_wherever_texts_are_compared() {
    let table = [
        ("equals", json!("ÄBC"), json!("äbc")),
        ("contains", json!("BC"), json!("abcd")),
        ("contains", json!("ABC"), json!(["x", "abc"])),
        ("contains", json!("ABC"), json!({"abc": 1})),
        ("startsWith", json!("AB"), json!("abc")),
        ("endsWith", json!("BC"), json!("abc")),
        ("in", json!(["X", "ABC"]), json!("abc")),
        ("regex", json!("^AB"), json!("abc")),
        ("between", json!(["A", "C"]), json!("b")),
        ("lessThanOrEqual", json!("ABC"), json!("abc")),
    ];
    for (operator, value, field) in table {
        let arguments = json!({"f": field});
        let mut condition = condition(operator, &value);
        condition["ignoreCase"] = json!(true);
        assert!(
            test_fits(condition.clone(), &arguments),
            "{operator} {value}"
        );
        condition["ignoreCase"] = json!(false);
        assert!(!test_fits(condition, &arguments), "{operator} {value}");
    }
}

#[test]
fn large_whole_numbers_are_not_rounded() {
    let arguments: Value = serde_json::from_str(r#"{"f": [9007199254740993]}"#).unwrap();
    for (value, expected) in [
        ("[9007199254740993]", true),
        ("[9007199254740992]", false),
        ("[9007199254740992.0]", false),
    ] {
        let value: Value = serde_json::from_str(value).unwrap();
        assert_eq!(
            test_fits(condition("equals", &value), &arguments),
            expected,
            "{value}"
        );
    }
}

#[test]
fn fields_are_found_by_their_paths() {
    let arguments = json!({
        "when": {"month": 11}, "cities": ["Graz", {"name": "Linz"}], "a.b": 1, "a\\": {"c": 2},
        "0": "zero",
    });
    for (field, value, expected) in [
        ("when.month", json!(11), true),
        ("when.day", json!(11), false),
        ("cities.0", json!("Graz"), true),
        ("cities.1.name", json!("Linz"), true),
        ("cities.2", json!("Graz"), false),
        ("cities.00", json!("Graz"), false),
        ("cities.+0", json!("Graz"), false),
        ("cities.-1", json!("Graz"), false),
        ("a\\.b", json!(1), true),
        ("a.b", json!(1), false),
        ("a\\\\.c", json!(2), true),
        ("0", json!("zero"), true),
        ("", arguments.clone(), true),
        ("", json!({}), false),
    ] {
        let test = json!({"field": field, "operator": "equals", "value": value});
        assert_eq!(test_fits(test, &arguments), expected, "{field}");
    }
}

#[test]
fn conditions_are_combined() {
    let yes = json!({"field": "f", "operator": "equals", "value": 1});
    let no = json!({"field": "f", "operator": "equals", "value": 2});
    for (conditions, expected) in [
        (json!({}), true),
        (json!({"conditions": [yes, yes]}), true),
        (json!({"conditions": [yes, no]}), false),
        (json!({"conditions": [yes, no], "match": "all"}), false),
        (json!({"conditions": [no, yes], "match": "any"}), true),
        (json!({"conditions": [no, no], "match": "any"}), false),
        (json!({"conditions": [no, no], "match": "none"}), true),
        (json!({"conditions": [no, yes], "match": "none"}), false),
        (
            json!({"condition": {"all": [yes, {"any": [no, yes]}]}}),
            true,
        ),
        (
            json!({"condition": {"all": [yes, {"any": [no, no]}]}}),
            false,
        ),
        (json!({"condition": {"not": no}}), true),
        (json!({"condition": {"not": {"not": no}}}), false),
        (json!({"condition": yes, "enabled": false}), false),
    ] {
        assert_eq!(
            fits(conditions.clone(), &json!({"f": 1})),
            expected,
            "{conditions}"
        );
    }
}
