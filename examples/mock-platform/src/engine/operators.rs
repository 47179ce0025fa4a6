//! The table of operators. A field that is missing makes all of them false but those that say otherwise.

use crate::design::{
    Comparison, JsonType, Operator, Test,
    compare::{equal_folded, fold, order},
};
use serde_json::Value;
use std::cmp::Ordering;

pub(super) fn holds(test: &Test, arguments: &Value) -> bool {
    let fold_case = test.ignore_case;
    let found = test.field.find(arguments);
    match (&test.operator, found) {
        (Operator::Exists(wanted), found) => found.is_some() == *wanted,
        (Operator::IsEmpty(wanted), found) => found.is_none_or(is_empty) == *wanted,
        (Operator::NotEquals(value), found) => {
            !found.is_some_and(|field| equal_folded(field, value, fold_case))
        }
        (Operator::NotContains(value), found) => {
            !found.is_some_and(|field| contains(field, value, fold_case))
        }
        (Operator::NotIn(values), found) => {
            !found.is_some_and(|field| is_in(field, values, fold_case))
        }
        (operator, Some(field)) => holds_for(operator, field, fold_case),
        (_, None) => false,
    }
}

fn holds_for(operator: &Operator, field: &Value, fold_case: bool) -> bool {
    let text = |holds: &dyn Fn(&str) -> bool| {
        field
            .as_str()
            .is_some_and(|text| holds(&fold(text, fold_case)))
    };
    match operator {
        Operator::Equals(value) => equal_folded(field, value, fold_case),
        Operator::Contains(value) => contains(field, value, fold_case),
        Operator::StartsWith(start) => text(&|text| text.starts_with(&*fold(start, fold_case))),
        Operator::EndsWith(end) => text(&|text| text.ends_with(&*fold(end, fold_case))),
        Operator::Compare(comparison, value) => {
            order(field, value, fold_case).is_some_and(|order| stands(*comparison, order))
        }
        Operator::Between(low, high) => {
            order(field, low, fold_case).is_some_and(Ordering::is_ge)
                && order(field, high, fold_case).is_some_and(Ordering::is_le)
        }
        Operator::In(values) => is_in(field, values, fold_case),
        // It was compiled to ignore case, where it shall.
        Operator::Regex(pattern) => field.as_str().is_some_and(|text| pattern.is_match(text)),
        Operator::Type(kind) => is_of(field, *kind),
        // Those for which a missing field counts, too, are above.
        Operator::NotEquals(_)
        | Operator::NotContains(_)
        | Operator::NotIn(_)
        | Operator::Exists(_)
        | Operator::IsEmpty(_) => false,
    }
}

fn contains(field: &Value, value: &Value, fold_case: bool) -> bool {
    match (field, value) {
        (Value::String(text), Value::String(part)) => {
            fold(text, fold_case).contains(&*fold(part, fold_case))
        }
        (Value::Array(items), value) => items
            .iter()
            .any(|item| equal_folded(item, value, fold_case)),
        (Value::Object(members), Value::String(key)) if fold_case => {
            let key = fold(key, true);
            members.keys().any(|name| fold(name, true) == key)
        }
        (Value::Object(members), Value::String(key)) => members.contains_key(key),
        _ => false,
    }
}

fn is_in(field: &Value, values: &[Value], fold_case: bool) -> bool {
    values
        .iter()
        .any(|value| equal_folded(field, value, fold_case))
}

fn is_empty(field: &Value) -> bool {
    match field {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

const fn stands(comparison: Comparison, order: Ordering) -> bool {
    match comparison {
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
    }
}

fn is_of(field: &Value, kind: JsonType) -> bool {
    match (kind, field) {
        (JsonType::Integer, Value::Number(number)) => {
            !number.is_f64() || number.as_f64().is_some_and(|float| float.fract() == 0.0)
        }
        (JsonType::String, Value::String(_))
        | (JsonType::Number, Value::Number(_))
        | (JsonType::Boolean, Value::Bool(_))
        | (JsonType::Array, Value::Array(_))
        | (JsonType::Object, Value::Object(_))
        | (JsonType::Null, Value::Null) => true,
        _ => false,
    }
}
