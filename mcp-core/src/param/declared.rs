//! Arguments that carry serde or schemars attributes of their own.
//!
//! The macro moves such a parameter into a hidden struct with one field and lets both derives see
//! the attributes as they were written, so that all of them mean what they always mean.

use super::{
    Fault, Field, InputSchema, Slot,
    text::{TextError, TextValue},
};
use crate::error::{ArgumentPath, InvalidArgument};
use schemars::JsonSchema;
use serde::de::{DeserializeOwned, value::MapDeserializer};
use std::borrow::Cow;

/// Adds the members of `D` to the schema.
pub fn describe_declared<D: JsonSchema>(schema: &mut InputSchema) {
    schema.members::<D>();
}

/// Reads the one field of `D`.
///
/// # Errors
/// When it is missing or not what the field's type and attributes say.
pub fn read_declared<D: DeserializeOwned>(field: &Field, slot: Slot<'_>) -> Result<D, Fault> {
    let name = field.name;
    let object = match slot {
        Slot::Absent => "{}".to_owned(),
        Slot::Json(json) => format!("{{\"{name}\":{json}}}"),
        Slot::JsonString(json) => match serde_json::from_str::<Cow<'_, str>>(json) {
            Ok(text) => return read_text(name, &text),
            Err(_) => return Err(InvalidArgument::new(name, "expected a string").into()),
        },
        Slot::Text(text) => return read_text(name, text),
    };
    let fault = match Slot::Json(&object).read::<D>("") {
        Ok(declared) => return Ok(declared),
        Err(fault) => fault,
    };
    // The hidden struct is none of the client's business: the fault is the argument's.
    let missing = matches!(slot, Slot::Absent);
    Err(if missing {
        InvalidArgument::missing(ArgumentPath::default(), name).into()
    } else {
        fault.into()
    })
}

/// Text becomes what the field asks for, as it does without attributes.
fn read_text<D: DeserializeOwned>(name: &str, text: &str) -> Result<D, Fault> {
    let fields = MapDeserializer::new(std::iter::once((name, TextValue(text))));
    D::deserialize(fields).map_err(|error: TextError| error.into_fault(name).into())
}
