//! Conditions, as documents write them.

use super::{
    Comparison, Condition, FieldPath, JsonType, Operator, Test,
    compare::order,
    fault::DesignFaults as Faults,
    limits::{
        MAX_CONDITIONS, MAX_NAME_BYTES, MAX_NESTING, MAX_PATTERN_BYTES, MAX_URI_BYTES, MAX_VALUES,
    },
    reader::{Node, Object, member_path},
};
use regex::RegexBuilder;
use serde_json::Value;
use std::cmp::Ordering;

/// Operators by every name they have.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Equals,
    NotEquals,
    Contains,
    NotContains,
    StartsWith,
    EndsWith,
    Compare(Comparison),
    Between,
    Exists,
    IsEmpty,
    In,
    NotIn,
    Regex,
    Type,
}

const OPERATORS: [(&str, Kind); 26] = [
    ("equals", Kind::Equals),
    ("notEquals", Kind::NotEquals),
    ("contains", Kind::Contains),
    ("notContains", Kind::NotContains),
    ("startsWith", Kind::StartsWith),
    ("endsWith", Kind::EndsWith),
    ("greaterThan", Kind::Compare(Comparison::Greater)),
    (
        "greaterThanOrEqual",
        Kind::Compare(Comparison::GreaterOrEqual),
    ),
    ("lessThan", Kind::Compare(Comparison::Less)),
    ("lessThanOrEqual", Kind::Compare(Comparison::LessOrEqual)),
    ("between", Kind::Between),
    ("exists", Kind::Exists),
    ("isEmpty", Kind::IsEmpty),
    ("in", Kind::In),
    ("notIn", Kind::NotIn),
    ("regex", Kind::Regex),
    ("type", Kind::Type),
    ("eq", Kind::Equals),
    ("==", Kind::Equals),
    ("ne", Kind::NotEquals),
    ("!=", Kind::NotEquals),
    ("gt", Kind::Compare(Comparison::Greater)),
    ("gte", Kind::Compare(Comparison::GreaterOrEqual)),
    ("lt", Kind::Compare(Comparison::Less)),
    ("lte", Kind::Compare(Comparison::LessOrEqual)),
    ("matches", Kind::Regex),
];

/// Either `condition`, or `conditions` and `match`, or neither.
pub(super) fn of_scenario(scenario: &Object<'_>, faults: &mut Faults) -> Option<Condition> {
    let matching = scenario.get("match");
    let mode = match &matching {
        Some(node) => node.word(&[("all", "all"), ("any", "any"), ("none", "none")], faults),
        None => Some("all"),
    };
    match (scenario.get("condition"), scenario.get("conditions")) {
        (Some(_), Some(several)) => {
            several.fault(faults, "expected either `condition` or `conditions`");
            None
        }
        (single, None) => {
            if let Some(matching) = matching {
                matching.fault(faults, "expected only with `conditions`");
                return None;
            }
            match single {
                Some(node) => condition(&node, 0, faults),
                None => Some(Condition::Always),
            }
        }
        (None, Some(several)) => {
            let several = list(&several, 0, faults)?;
            Some(match mode? {
                "any" => Condition::Any(several),
                "none" => Condition::None(several),
                _ => Condition::All(several),
            })
        }
    }
}

fn list(node: &Node<'_>, level: usize, faults: &mut Faults) -> Option<Vec<Condition>> {
    let several = node.list(MAX_CONDITIONS, faults, |item, faults| {
        condition(item, level + 1, faults)
    })?;
    if several.is_empty() {
        node.fault(faults, "expected at least one condition");
        return None;
    }
    Some(several)
}

fn condition(node: &Node<'_>, level: usize, faults: &mut Faults) -> Option<Condition> {
    if level > MAX_NESTING {
        node.fault(
            faults,
            format!("expected at most {MAX_NESTING} levels of conditions"),
        );
        return None;
    }
    let nested = |name: &'static str| node.value.get(name).is_some().then_some(name);
    let Some(nesting) = nested("all").or(nested("any")).or(nested("not")) else {
        return test(node, faults).map(Condition::Test);
    };
    let object = node.object(&[nesting], faults)?;
    let inner = object.get(nesting)?;
    Some(match nesting {
        "all" => Condition::All(list(&inner, level, faults)?),
        "any" => Condition::Any(list(&inner, level, faults)?),
        _ => Condition::Not(Box::new(condition(&inner, level + 1, faults)?)),
    })
}

fn test(node: &Node<'_>, faults: &mut Faults) -> Option<Test> {
    let object = node.object(&["field", "operator", "value", "ignoreCase"], faults)?;
    let field = object.required("field", faults, |node, faults| {
        let text = node.text(MAX_NAME_BYTES, faults)?;
        let path = FieldPath::parse(&text);
        path.map_err(|reason| node.fault(faults, reason)).ok()
    });
    let ignore_case = object.optional("ignoreCase", faults, Node::boolean);
    let kind = object.required("operator", faults, |node, faults| {
        node.word(&OPERATORS, faults)
    });
    let ignore_case_here = ignore_case.flatten().unwrap_or(false);
    if let (Some(Kind::Exists | Kind::IsEmpty | Kind::Type), true) = (kind, ignore_case_here) {
        let path = member_path(&object.path, "ignoreCase");
        faults.add(&path, "this operator compares no text");
        return None;
    }
    let operator = kind.and_then(|kind| operator(kind, &object, ignore_case_here, faults));
    Some(Test {
        field: field?,
        operator: operator?,
        ignore_case: ignore_case?.unwrap_or(false),
    })
}

fn operator(
    kind: Kind,
    object: &Object<'_>,
    ignore_case: bool,
    faults: &mut Faults,
) -> Option<Operator> {
    if let Kind::Exists | Kind::IsEmpty = kind {
        let wanted = object
            .optional("value", faults, Node::boolean)?
            .unwrap_or(true);
        return Some(match kind {
            Kind::Exists => Operator::Exists(wanted),
            _ => Operator::IsEmpty(wanted),
        });
    }
    object.required("value", faults, |node, faults| match kind {
        Kind::Equals => Some(Operator::Equals(node.value.clone())),
        Kind::NotEquals => Some(Operator::NotEquals(node.value.clone())),
        Kind::Contains => Some(Operator::Contains(node.value.clone())),
        Kind::NotContains => Some(Operator::NotContains(node.value.clone())),
        Kind::StartsWith => node.text(MAX_URI_BYTES, faults).map(Operator::StartsWith),
        Kind::EndsWith => node.text(MAX_URI_BYTES, faults).map(Operator::EndsWith),
        Kind::Compare(comparison) => {
            if !matches!(node.value, Value::Number(_) | Value::String(_)) {
                node.fault(faults, "expected a number or a string");
                return None;
            }
            Some(Operator::Compare(comparison, node.value.clone()))
        }
        Kind::Between => between(node, ignore_case, faults),
        Kind::In => values(node, faults).map(Operator::In),
        Kind::NotIn => values(node, faults).map(Operator::NotIn),
        Kind::Regex => pattern(node, ignore_case, faults).map(Operator::Regex),
        Kind::Type => node.word(&JsonType::WORDS, faults).map(Operator::Type),
        // Both are above.
        Kind::Exists | Kind::IsEmpty => None,
    })
}

fn values(node: &Node<'_>, faults: &mut Faults) -> Option<Vec<Value>> {
    node.list(MAX_VALUES, faults, |item, _| Some(item.value.clone()))
}

fn between(node: &Node<'_>, ignore_case: bool, faults: &mut Faults) -> Option<Operator> {
    let Some([low, high]) = node.value.as_array().map(Vec::as_slice) else {
        node.fault(faults, "expected two numbers, or two strings");
        return None;
    };
    match order(low, high, ignore_case) {
        Some(Ordering::Less | Ordering::Equal) => {
            Some(Operator::Between(low.clone(), high.clone()))
        }
        Some(Ordering::Greater) => {
            node.fault(
                faults,
                "expected the smaller one first: nothing is between these",
            );
            None
        }
        None => {
            node.fault(faults, "expected two numbers, or two strings");
            None
        }
    }
}

fn pattern(node: &Node<'_>, ignore_case: bool, faults: &mut Faults) -> Option<regex::Regex> {
    let text = node.text(MAX_URI_BYTES, faults)?;
    let compiled = RegexBuilder::new(&text)
        .case_insensitive(ignore_case)
        .size_limit(MAX_PATTERN_BYTES)
        .build();
    let explain = |error: regex::Error| match error {
        regex::Error::CompiledTooBig(limit) => {
            format!("expected a pattern that takes at most {limit} bytes")
        }
        // Its last line says what is wrong; those before draw where.
        error => {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default();
            format!("is no pattern: {}", last.trim_start_matches("error: "))
        }
    };
    compiled
        .map_err(|error| node.fault(faults, explain(error)))
        .ok()
}
