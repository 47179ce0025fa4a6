//! Schemas that refer to themselves in several ways: a response is measured by them at little cost,
//! however its arguments are nested.

use allocation_counter::measure;
use mock_platform::design::ServerDesign;
use serde_json::{Value, json};

fn document(default: &Value) -> Value {
    let form = |op: &str| {
        let properties = json!({"op": {"const": op}, "of": {"$ref": "#/$defs/filter"}});
        json!({"type": "object", "properties": properties, "required": ["op", "of"]})
    };
    let mut leaf = form("leaf");
    leaf["properties"]["of"] = json!({"type": "string"});
    let forms = json!([form("and"), form("or"), form("not"), leaf]);
    let schema = json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/filter"}},
        "$defs": {"filter": {"oneOf": forms}}});
    json!({
        "id": "abc123", "name": "Filters", "version": "1.0.0",
        "tools": [{"name": "t", "outputSchema": schema, "default": default}],
    })
}

fn nested(levels: usize, innermost: Value) -> Value {
    let leaf = json!({"op": "leaf", "of": innermost});
    let wrap = |value, _| json!({"op": "and", "of": value});
    json!({"a": (1..levels).fold(leaf, wrap)})
}

#[test]
fn a_response_that_is_wrong_deep_within_costs_little() {
    let design = ServerDesign::parse(&document(&json!({"a": "{{args.a}}"}))).unwrap();
    let schema = design.tools[0].output_schema.as_ref().unwrap();
    for levels in [1, 3, 10, 20, 30] {
        assert_eq!(schema.problem(&nested(levels, json!("x"))), None);
        let wrong = nested(levels, json!(1));
        let mut problem = None;
        let used = measure(|| problem = schema.problem(&wrong));
        assert!(used.bytes_total < 64 << 20, "{levels}: {used:?}");
        let problem = problem.unwrap();
        assert_eq!(
            problem.starts_with("/a: "),
            levels <= 3,
            "{levels}: {problem}"
        );
    }
}

#[test]
fn a_response_of_a_design_may_be_nested() {
    let used = measure(|| {
        let right = ServerDesign::parse(&document(&nested(30, json!("x"))));
        assert!(right.is_ok());
        let wrong = ServerDesign::parse(&document(&nested(3, json!(1))));
        assert_eq!(wrong.unwrap_err().0.len(), 1);
        // Its fault is told to those who call it.
        let deep = ServerDesign::parse(&document(&nested(30, json!(1))));
        assert!(deep.is_ok());
    });
    assert!(used.bytes_total < 64 << 20, "{used:?}");
}
