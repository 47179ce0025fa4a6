//! Whatever is put into a design, it is read or refused, and every fault leads somewhere.

use crate::base;
use mock_platform::design::{DesignFaults, ServerDesign};
use proptest::prelude::*;
use serde_json::{Value, json};

pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z{}./~ \\\\]{0,8}".prop_map(Value::from),
        "(all|any|equals|regex|tool|text|\\{\\{args\\.[a-z]\\}\\})".prop_map(Value::from),
    ];
    let name = "(id|name|tools|scenarios|condition|all|not|field|operator|value|error|kind|sequence|response|[a-z~/]{0,3})";
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn pointers(value: &Value, path: &str, all: &mut Vec<String>) {
    all.push(path.to_owned());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, &format!("{path}/{index}"), all);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                pointers(member, &format!("{path}/{name}"), all);
            }
        }
        _ => {}
    }
}

/// To something that is there, or to a member that an object lacks.
fn leads_somewhere(document: &Value, path: &str) -> bool {
    let parent = path
        .rsplit_once('/')
        .and_then(|(parent, _)| document.pointer(parent));
    document.pointer(path).is_some() || parent.is_some_and(Value::is_object)
}

#[test]
fn a_status_comes_alone() {
    let down = json!({"kind": "http", "status": 503});
    let step = json!([{"progress": 1}]);
    for (scenario, at) in [
        (json!({"error": down, "progress": step}), "/error"),
        (json!({"error": down, "log": ["text"]}), "/error"),
        (
            json!({"sequence": [{"response": 1}, {"error": down, "log": ["text"]}]}),
            "/sequence/1/error",
        ),
        (
            json!({"progress": step, "sequence": [{"sequence": [{"error": down}]}]}),
            "/sequence/0/sequence/0/error",
        ),
    ] {
        let mut document = base();
        document["tools"][0]["scenarios"][3] = scenario;
        let faults = ServerDesign::parse(&document).unwrap_err().0;
        let [fault] = faults.as_slice() else {
            panic!("{faults:?}");
        };
        assert_eq!(fault.path, format!("/tools/0/scenarios/3{at}"));
        assert!(fault.reason.contains("comes alone"), "{}", fault.reason);
    }
    // Each of these comes with nothing but a status; what is beside it does not matter.
    for scenario in [
        json!({"error": down, "progress": [], "log": [], "delayMs": 1}),
        json!({"sequence": [{"response": 1, "progress": step}, {"error": down}]}),
        json!({"error": {"kind": "disconnect"}, "progress": step}),
    ] {
        let mut document = base();
        document["tools"][0]["scenarios"][3] = scenario;
        ServerDesign::parse(&document).unwrap();
    }
}

fn check(document: &Value) -> Result<(), TestCaseError> {
    if let Err(DesignFaults(faults)) = ServerDesign::parse(document) {
        prop_assert!(!faults.is_empty(), "refused without a fault");
        for fault in faults {
            prop_assert!(leads_somewhere(document, &fault.path), "{fault:?}");
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_json_is_judged(document in any_json()) {
        check(&document)?;
    }

    #[test]
    fn any_change_of_a_design_is_judged(at in any::<prop::sample::Index>(), value in any_json()) {
        let mut document = base();
        let mut all = Vec::new();
        pointers(&document, "", &mut all);
        let path: &String = at.get(&all);
        *document.pointer_mut(path).unwrap() = value;
        check(&document)?;
    }
}
