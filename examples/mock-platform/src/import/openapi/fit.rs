//! What a design can hold of a document that is right as it is.

use super::reading::join;
use crate::design::{DesignFault, DesignFaults, ServerDesign, limits::MAX_DESCRIPTION_BYTES};
use crate::store::MAX_DOCUMENT_BYTES;
use jsonschema::PatternOptions;
use serde_json::{Map, Value, json};

/// What a platform adds to a design: its id and its dates, in bytes.
const ROOM_FOR_DATES: usize = 256;

/// As much of a description as a design can hold.
pub(super) fn description(text: &str) -> String {
    const MORE: &str = "…";
    if text.len() <= MAX_DESCRIPTION_BYTES {
        return text.to_owned();
    }
    let mut end = MAX_DESCRIPTION_BYTES - MORE.len();
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{MORE}", &text[..end])
}

/// Leaves out a pattern that cannot be checked in linear time, and says so. Arguments are then
/// checked by the rest of the schema.
pub(super) fn patterns(schema: &mut Map<String, Value>) {
    let mut left_out = Vec::new();
    if let Some(Value::String(pattern)) = schema.get("pattern")
        && !is_linear(pattern)
    {
        left_out.push(pattern.clone());
        schema.remove("pattern");
    }
    if let Some(Value::Object(patterns)) = schema.get_mut("patternProperties") {
        patterns.retain(|pattern, _| {
            let is_linear = is_linear(pattern);
            if !is_linear {
                left_out.push(pattern.clone());
            }
            is_linear
        });
    }
    if !left_out.is_empty() {
        let comment = format!("not checked: the pattern {}", left_out.join(" and "));
        schema.insert("$comment".to_owned(), comment.into());
    }
}

fn is_linear(pattern: &str) -> bool {
    let options = jsonschema::options().with_pattern_options(PatternOptions::regex());
    options.build(&json!({ "pattern": pattern })).is_ok()
}

/// Whether a server can be made of a design whose tools come from `operations`. What is wrong with a tool
/// is told of its operation, which is what the author of the document can change.
pub(super) fn check(design: &Value, operations: &[String]) -> Result<(), DesignFaults> {
    let bytes = design.to_string().len();
    if bytes + ROOM_FOR_DATES > MAX_DOCUMENT_BYTES {
        let reason = format!(
            "the design that comes of it has {bytes} bytes, and {MAX_DOCUMENT_BYTES} at most: leave out operations"
        );
        let path = "/paths".to_owned();
        return Err(DesignFaults(vec![DesignFault { path, reason }]));
    }
    let mut tried = design.clone();
    tried["id"] = "imported".into();
    let Err(DesignFaults(faults)) = ServerDesign::parse(&tried) else {
        return Ok(());
    };
    let told = faults
        .into_iter()
        .map(|fault| of_operation(fault, operations));
    Err(DesignFaults(told.collect()))
}

fn of_operation(fault: DesignFault, operations: &[String]) -> DesignFault {
    let place = fault.path.strip_prefix("/tools/").map(|place| {
        place
            .find('/')
            .map_or((place, ""), |end| place.split_at(end))
    });
    let operation = place.and_then(|(index, rest)| {
        let operation = operations.get(index.parse::<usize>().ok()?)?;
        Some((operation, rest))
    });
    match operation {
        Some((path, within)) => DesignFault {
            path: path.clone(),
            reason: format!("its tool's {within}: {}", fault.reason),
        },
        None => match fault.path.as_str() {
            // Where a design has them, and where a document does.
            "/name" => at_info("title", fault),
            "/version" => at_info("version", fault),
            _ => fault,
        },
    }
}

fn at_info(member: &str, fault: DesignFault) -> DesignFault {
    DesignFault {
        path: join("/info", member),
        ..fault
    }
}
