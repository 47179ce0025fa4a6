//! What is wrong with a value, in our words: those of the library quote it.

use super::schema::MAX_FAULTS;
use crate::error::{ArgumentPath, InvalidArgument, InvalidArgumentKind, closest};
use jsonschema::{
    ValidationError,
    error::{TypeKind, ValidationErrorKind as Kind},
    paths::LocationSegment,
};
use serde_json::Value;

/// The longest list of choices or pattern that is repeated, in bytes.
const LONGEST_TEXT: usize = 1_024;

/// Adds what an error says; one error may be several faults.
pub(super) fn describe(error: &ValidationError<'_>, faults: &mut Vec<InvalidArgument>) {
    let place = place(error);
    match error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let fault = |name: &String| InvalidArgument::unknown_field(place.clone(), name, []);
            faults.extend(unexpected.iter().take(MAX_FAULTS).map(fault));
        }
        Kind::Required { property } => {
            let field = property.as_str().unwrap_or_default();
            faults.push(InvalidArgument::missing(place, field));
        }
        kind => {
            let given = error.instance();
            let text = expectation(kind, given);
            let kind = InvalidArgumentKind::Unexpected;
            faults.push(InvalidArgument::within(place, kind, text));
        }
    }
}

/// The path, as in the faults of annotated functions.
fn place(error: &ValidationError<'_>) -> ArgumentPath {
    let mut place = ArgumentPath::default();
    for segment in error.instance_path() {
        match segment {
            LocationSegment::Property(name) => place.member(&name),
            LocationSegment::Index(index) => place.item(index),
        }
    }
    place
}

fn expectation(kind: &Kind, given: &Value) -> String {
    match kind {
        Kind::Type { kind } => format!("expected {}", types(kind)),
        Kind::Enum { options } => choices(options, given),
        Kind::Constant { expected_value } => short(&format!("expected {expected_value}")),
        Kind::Minimum { limit } => format!("expected a number of at least {limit}"),
        Kind::Maximum { limit } => format!("expected a number of at most {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("expected a number above {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("expected a number below {limit}"),
        Kind::MultipleOf { multiple_of } => format!("expected a multiple of {multiple_of}"),
        Kind::MinLength { limit } => format!("expected a length of at least {limit}"),
        Kind::MaxLength { limit } => format!("expected a length of at most {limit}"),
        Kind::MinItems { limit } => format!("expected at least {limit} items"),
        Kind::MaxItems { limit } => format!("expected at most {limit} items"),
        Kind::AdditionalItems { limit } => format!("expected at most {limit} items"),
        Kind::MinProperties { limit } => format!("expected at least {limit} members"),
        Kind::MaxProperties { limit } => format!("expected at most {limit} members"),
        Kind::UniqueItems => "expected items that differ".to_owned(),
        Kind::Pattern { pattern } => short(&format!("expected text that matches `{pattern}`")),
        Kind::Format { format } => short(&format!("expected text in the format {format}")),
        Kind::PropertyNames { .. } => "has a member with a name that is not allowed".to_owned(),
        Kind::FalseSchema => "is not allowed".to_owned(),
        Kind::AnyOf { .. } | Kind::OneOfNotValid { .. } => {
            "is none of the forms that are allowed".to_owned()
        }
        Kind::OneOfMultipleValid { .. } => "is several of the forms, one is allowed".to_owned(),
        Kind::Contains => "lacks an item of a form that is required".to_owned(),
        kind => format!("is not what `{}` allows", kind.keyword()),
    }
}

fn types(kind: &TypeKind) -> String {
    let types: Vec<_> = match kind {
        TypeKind::Single(kind) => vec![kind.to_string()],
        TypeKind::Multiple(kinds) => kinds.iter().map(|kind| kind.to_string()).collect(),
    };
    let with_article = |kind: &String| match kind.as_str() {
        "null" => "null".to_owned(),
        "array" | "integer" | "object" => format!("an {kind}"),
        _ => format!("a {kind}"),
    };
    let types: Vec<_> = types.iter().map(with_article).collect();
    types.join(" or ")
}

fn choices(options: &Value, given: &Value) -> String {
    let options: &[Value] = options.as_array().map_or(&[], Vec::as_slice);
    let listed: Vec<_> = options.iter().map(ToString::to_string).collect();
    let listed = format!("expected one of {}", listed.join(", "));
    let best = given
        .as_str()
        .and_then(|given| closest(given, options.iter().filter_map(Value::as_str)));
    match best {
        Some(best) => format!("{}; did you mean \"{best}\"?", short(&listed)),
        None => short(&listed),
    }
}

fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
