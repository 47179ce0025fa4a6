//! Which scenario answers, what its sequence and its placeholders come to, and how that is told.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

use mock_platform::{
    design::{Outcome, ServerDesign, ToolDesign, escape},
    engine::{self, Answer, Counters, Fill, Random},
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn tool(tool: Value) -> ToolDesign {
    let document = json!({"id": "a", "name": "a", "version": "1", "tools": [tool]});
    ServerDesign::parse(&document).unwrap().tools.remove(0)
}

fn city(value: &str) -> Value {
    json!({"field": "city", "operator": "equals", "value": value})
}

#[test]
fn the_first_scenario_that_fits_answers_and_the_trace_says_why() {
    let tool = tool(json!({"name": "t", "default": 0, "scenarios": [
        {"name": "off", "enabled": false, "response": 1},
        {"name": "graz", "condition": city("Graz"), "response": 2},
        {"name": "not linz", "condition": {"not": city("Linz")}, "response": 3},
        {"name": "linz", "condition": city("Linz"), "response": 4},
        {"response": 5},
    ]}));
    let decision = engine::decide(&tool, &json!({"city": "Linz"}));
    assert!(matches!(decision.answer, Answer::Scenario { index: 3, .. }));
    let linz = |operator, expected: &str| json!({"field": "city", "operator": operator, "expected": expected, "actual": "Linz"});
    let mut held = linz("equals", "Linz");
    held["holds"] = json!(true);
    let expected = json!({
        "scenarios": [
            {"index": 0, "name": "off", "verdict": "disabled"},
            {"index": 1, "name": "graz", "verdict": "does_not_fit", "why": [linz("equals", "Graz")]},
            {"index": 2, "name": "not linz", "verdict": "does_not_fit", "why": [held]},
            {"index": 3, "name": "linz", "verdict": "fits"},
        ],
        "answered": {"kind": "scenario", "index": 3, "name": "linz"},
    });
    assert_eq!(serde_json::to_value(&decision.trace).unwrap(), expected);
}

#[test]
fn the_default_answers_else_and_nothing_without_one() {
    let scenarios = json!([{"condition": city("Graz"), "response": 1}]);
    let with = tool(json!({"name": "t", "default": null, "scenarios": scenarios}));
    let decision = engine::decide(&with, &json!({}));
    assert!(matches!(decision.answer, Answer::Default(Value::Null)));
    let without = tool(json!({"name": "t", "scenarios": scenarios}));
    let decision = engine::decide(&without, &json!({}));
    assert!(matches!(decision.answer, Answer::Nothing));
    let trace = serde_json::to_value(&decision.trace).unwrap();
    assert_eq!(trace["answered"], json!({"kind": "nothing"}));
    assert_eq!(trace["scenarios"][0]["why"][0].get("actual"), None);
}

#[test]
fn traces_are_bounded() {
    let many: Vec<_> = (0..60)
        .map(|n| city(&format!("{n}{}", "x".repeat(300))))
        .collect();
    let scenario = json!({"conditions": many, "match": "any", "response": 1});
    let tool = tool(json!({"name": "t", "scenarios": vec![scenario; 100]}));
    let decision = engine::decide(&tool, &json!({"city": "é".repeat(100_000)}));
    let trace = serde_json::to_string(&decision.trace).unwrap();
    assert_eq!(trace.matches("\"operator\"").count(), 64);
    assert!(trace.len() < 64 * 1024, "{}", trace.len());
}

#[test]
fn long_values_are_not_read_to_their_end_for_a_trace() {
    let long = "é".repeat(40_000);
    let condition = json!({"field": "", "operator": "in", "value": [[long], {"a": long}]});
    let conditions = vec![json!({"not": {"not": condition}}); 4];
    let scenario = json!({"conditions": conditions, "match": "any", "response": 1});
    let tool = tool(json!({"name": "t", "scenarios": vec![scenario; 2]}));
    let arguments = json!({"b": long});
    let mut decision = None;
    let measured = allocation_counter::measure(|| {
        decision = Some(engine::decide(&tool, &arguments));
    });
    let bytes = measured.bytes_total;
    assert!(bytes < 64 * 1024, "{bytes} bytes");
    let trace = serde_json::to_value(&decision.unwrap().trace).unwrap();
    let why = &trace["scenarios"][1]["why"][3];
    // 200 bytes, and where the last one is half a character, one less.
    assert_eq!(why["actual"], format!("{{\"b\":\"{}…", "é".repeat(97)));
    assert_eq!(why["expected"], format!("[[\"{}…", "é".repeat(98)));
}

fn responses(tool: &ToolDesign, counters: &Counters, calls: usize) -> Vec<(Value, u64)> {
    let Answer::Scenario { scenario, .. } = engine::decide(tool, &json!({})).answer else {
        panic!("no scenario fits");
    };
    let mut all = Vec::new();
    for _ in 0..calls {
        let chain = counters.pick(&tool.name, scenario);
        let delay = chain.iter().map(|step| step.delay_ms).sum();
        match &chain.last().unwrap().outcome {
            Outcome::Response(value) => all.push((value.clone(), delay)),
            other => panic!("{other:?}"),
        }
    }
    all
}

#[test]
fn a_sequence_goes_on_with_each_call_and_stays_at_its_last_answer() {
    let tool = tool(
        json!({"name": "t", "scenarios": [{"delayMs": 5, "sequence": [
            {"response": 1},
            {"delayMs": 2, "sequence": [{"response": "a"}, {"response": "b", "delayMs": 1}]},
        ]}]}),
    );
    let counters = Counters::default();
    let expected = [
        (json!(1), 5),
        (json!("a"), 7),
        (json!("b"), 8),
        (json!("b"), 8),
    ];
    assert_eq!(responses(&tool, &counters, 1), expected[..1]);
    let tried = counters.clone();
    assert_eq!(responses(&tool, &tried, 3), expected[1..]);
    assert_eq!(
        responses(&tool, &counters, 3),
        expected[1..],
        "a clone moves nothing"
    );
    assert_eq!(responses(&tool, &Counters::default(), 1), expected[..1]);
    counters.reset();
    assert_eq!(responses(&tool, &counters, 4), expected, "anew");
}

#[test]
fn a_sequence_that_is_moved_goes_on_and_one_that_is_changed_begins_anew() {
    let sequence = |answers: [u8; 3]| json!({"sequence": answers.map(|n| json!({"response": n}))});
    let of = |scenarios: Value| tool(json!({"name": "t", "scenarios": scenarios}));
    let [old, new] = [sequence([1, 2, 3]), sequence([4, 5, 6])];
    let first = json!({"condition": city("Graz"), "sequence": [{"response": 7}, {"response": 8}]});
    let counters = Counters::default();
    let told = |scenarios: Value, calls: usize| -> Vec<Value> {
        let all = responses(&of(scenarios), &counters, calls);
        all.into_iter().map(|(value, _)| value).collect()
    };
    assert_eq!(told(json!([old]), 2), [1, 2]);
    assert_eq!(told(json!([first, old]), 2), [3, 3]);
    assert_eq!(told(json!([first, new]), 4), [4, 5, 6, 6]);
}

#[test]
fn placeholders_become_what_they_stand_for() {
    let (counters, random) = (Counters::default(), Random::new(3));
    let args = json!({"n": 3, "list": [1, {"a.b": "x"}], "text": "hi", "none": null});
    let names = json!({"city": "Graz", "now": "never"});
    let fill = Fill::new(&args, &counters, &random).with_names(names.as_object().unwrap());
    for (template, expected) in [
        (json!("{{args.n}}"), json!(3)),
        (json!("{{ args.n }}!"), json!("3!")),
        (json!("{{args.list}}"), json!([1, {"a.b": "x"}])),
        (json!("= {{args.list}}"), json!(r#"= [1,{"a.b":"x"}]"#)),
        (json!("{{args.list.1.a\\.b}}"), json!("x")),
        (json!("{{args.missing}}"), json!(null)),
        (json!("<{{args.missing}}{{args.none}}>"), json!("<>")),
        (json!("{{args}}"), args.clone()),
        (json!("{{city}} {{now}}"), json!("Graz never")),
        (
            json!({"{{args.n}}": ["{{args.text}}"]}),
            json!({"{{args.n}}": ["hi"]}),
        ),
        (json!("{{counter}}"), json!(1)),
        (json!(["{{counter}}", "no {{counter}}"]), json!([2, "no 3"])),
        (json!("}} { {a}"), json!("}} { {a}")),
        (json!("{{random 4 4}}"), json!(4)),
        (json!("{{{{args.n}}"), json!("{{args.n}}")),
        (json!("{{{{"), json!("{{")),
        (json!("{{{args.n}}}"), json!("{3}")),
        (json!("{{{{{args.n}}"), json!("{{{args.n}}")),
        (json!("{{{{{{args.n}}"), json!("{{3")),
        (json!(["{{{{{{{{{{args.text}}}}"]), json!(["{{{{hi}}"])),
    ] {
        assert_eq!(fill.value(&template), expected, "{template}");
    }
    let uuid = fill.text("{{uuid}}");
    assert_ne!(uuid, fill.text("{{uuid}}"));
    assert_eq!((uuid.len(), &uuid[14..15]), (36, "4"));
    let now = Fill::new(&args, &counters, &random).text("{{now}}");
    assert!(now.starts_with("20") && now.ends_with('Z'), "{now}");
}

#[test]
fn the_same_seed_gives_the_same_numbers() {
    let (counters, args) = (Counters::default(), json!({}));
    let numbers = |seed| {
        let random = Random::new(seed);
        let fill = Fill::new(&args, &counters, &random);
        fill.value(&json!(vec!["{{random 1 1000000}}"; 20]))
    };
    assert_eq!(numbers(1), numbers(1));
    assert_ne!(numbers(1), numbers(2));
}

proptest! {
    #[test]
    fn text_that_is_escaped_stands_for_itself(
        before in "[{}a-z. ]{0,24}", value in "[{}a-z. ]{0,24}", after in any::<String>(),
    ) {
        let (counters, random) = (Counters::default(), Random::new(0));
        let args = json!({"x": value});
        let fill = Fill::new(&args, &counters, &random);
        for text in [&before, &after] {
            prop_assert_eq!(&fill.text(&escape(text)), text);
            prop_assert_eq!(fill.value(&json!([escape(text)])), json!([text]));
        }
        // Beside a placeholder, too.
        let template = format!("{}{{{{args.x}}}}{}", escape(&before), escape(&after));
        prop_assert_eq!(fill.text(&template), format!("{before}{value}{after}"));
    }

    #[test]
    fn what_is_put_in_is_not_looked_at_again(
        before in "[a-z {}]{0,3}[a-z]", value in "[{}a-z. ]{0,24}", after in "[a-z ]{0,4}",
    ) {
        prop_assume!(!before.contains("{{"));
        let (counters, random) = (Counters::default(), Random::new(0));
        let value = format!("{value}{{{{counter}}}}{{{{args.x}}}}");
        let args = json!({"x": value});
        let fill = Fill::new(&args, &counters, &random);
        let filled = fill.text(&format!("{before}{{{{args.x}}}}{after}"));
        prop_assert_eq!(filled, format!("{before}{value}{after}"));
        prop_assert_eq!(fill.value(&json!("{{args.x}}")), json!(value));
        prop_assert_eq!(counters.count(), 1, "nothing has counted");
    }
}
