//! Schemas of arguments and results, derived from their types.
//!
//! Dialect 2020-12, subschemas inlined, since several hosts refuse `$ref`. A member that may be
//! left out is described by its own type and not also as nullable.

use super::Field;
use crate::protocol::{PromptArgument, RawJson};
use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// The schema of a handler's arguments, in the order of its parameters.
#[derive(Debug)]
pub struct InputSchema {
    generator: SchemaGenerator,
    properties: Vec<Property>,
    /// Set by a parameter that reads all of the arguments.
    whole: Option<Map<String, Value>>,
    open: bool,
    faults: Vec<String>,
}

#[derive(Debug)]
struct Property {
    name: String,
    schema: Value,
    required: bool,
}

/// The schema of a structured result.
#[derive(Clone, Debug)]
pub struct OutputSchema(pub(crate) RawJson);

impl OutputSchema {
    /// The schema of what `T` serializes to.
    pub fn of<T: JsonSchema + ?Sized>() -> Self {
        let settings = settings().for_serialize();
        let schema = settings.into_generator().into_root_schema_for::<T>();
        let mut schema: Value = schema.into();
        tidy(&mut schema);
        Self(RawJson::trusted(schema.to_string()))
    }
}

/// The schema of what `T` is read from.
pub(crate) fn struct_schema<T: JsonSchema>() -> Value {
    let generator = settings().for_deserialize().into_generator();
    let mut schema = Value::from(generator.into_root_schema_for::<T>());
    tidy(&mut schema);
    schema
}

fn settings() -> SchemaSettings {
    SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    })
}

impl InputSchema {
    pub(crate) fn new(ignore_unknown: bool) -> Self {
        Self {
            generator: settings().for_deserialize().into_generator(),
            properties: Vec::new(),
            whole: None,
            open: ignore_unknown,
            faults: Vec::new(),
        }
    }

    /// Adds one argument.
    pub(super) fn argument<T: JsonSchema + serde::de::DeserializeOwned>(&mut self, field: &Field) {
        if field.name.is_empty() {
            self.fault("an argument is read by its name, which a pattern does not have");
            return;
        }
        let mut schema: Value = self.generator.subschema_for::<T>().into();
        let required = T::deserialize(super::text::Absent).is_err();
        if !field.description.is_empty() {
            describe(&mut schema, field.description);
        }
        self.add(field.name.to_owned(), schema, required);
    }

    /// Adds the members of a struct.
    pub(super) fn members<T: JsonSchema>(&mut self) {
        let schema: Value = T::json_schema(&mut self.generator).into();
        let Value::Object(mut schema) = schema else {
            return;
        };
        let required: Vec<_> = string_items(schema.get("required"));
        if let Some(Value::Object(properties)) = schema.remove("properties") {
            for (name, schema) in properties {
                let required = required.contains(&name);
                self.add(name, schema, required);
            }
        }
    }

    /// Takes the schema of a struct as the schema of all arguments.
    pub(super) fn all<T: JsonSchema>(&mut self) {
        let schema: Schema = T::json_schema(&mut self.generator);
        match Value::from(schema) {
            Value::Object(schema) if self.whole.is_none() => self.whole = Some(schema),
            Value::Object(_) => self.fault("only one parameter can be `Args`"),
            _ => self.fault("the type of `Args` must be a struct"),
        }
    }

    fn add(&mut self, name: String, mut schema: Value, required: bool) {
        if !required {
            strip_null(&mut schema);
        }
        tidy(&mut schema);
        if self.properties.iter().any(|known| known.name == name) {
            self.fault(&format!("two parameters are named `{name}`"));
            return;
        }
        self.properties.push(Property {
            name,
            schema,
            required,
        });
    }

    /// Records that an argument is mirrored in a header.
    pub fn header(&mut self, field: &Field, header: &str) {
        let property = self
            .properties
            .iter_mut()
            .find(|known| known.name == field.name);
        if let Some(Value::Object(schema)) = property.map(|property| &mut property.schema) {
            schema.insert("x-mcp-header".to_owned(), header.into());
        }
    }

    fn fault(&mut self, fault: &str) {
        self.faults.push(fault.to_owned());
    }

    /// The arguments as a prompt lists them: every value is a string there.
    pub(crate) fn prompt_arguments(&self) -> impl Iterator<Item = PromptArgument> {
        self.properties.iter().map(|property| {
            let text = |key| {
                let text = property.schema.get(key)?.as_str()?;
                Some(Cow::Owned(text.to_owned()))
            };
            let mut argument = PromptArgument::new(property.name.clone());
            argument.title = text("title");
            argument.description = text("description");
            argument.required = property.required;
            argument
        })
    }

    /// The arguments whose values are known in advance, with those values.
    pub(crate) fn choices(&self) -> impl Iterator<Item = (&str, Vec<String>)> {
        self.properties.iter().filter_map(|property| {
            let values = string_items(property.schema.get("enum"));
            (!values.is_empty()).then_some((property.name.as_str(), values))
        })
    }

    /// The names of the arguments.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.properties
            .iter()
            .map(|property| property.name.as_str())
    }

    /// The whole schema, or what is wrong with the parameters.
    pub(crate) fn finish(mut self) -> Result<RawJson, Vec<String>> {
        if self.whole.is_some() && !self.properties.is_empty() {
            self.fault("`Args` must be the only argument");
        }
        if !self.faults.is_empty() {
            return Err(self.faults);
        }
        let mut schema = match self.whole.take() {
            Some(whole) => whole_schema(whole),
            None => self.plain_schema(),
        };
        // Recursive types cannot be inlined.
        let definitions = self.generator.take_definitions(true);
        if !definitions.is_empty() {
            schema.push(("$defs", definitions.into()));
        }
        let schema = RawJson::from_serialize(&Ordered(&schema));
        schema.map_err(|error| vec![format!("the schema does not serialize: {error}")])
    }

    fn plain_schema(&self) -> Vec<(&'static str, OrderedValue)> {
        let mut schema = vec![("type", "object".into())];
        if !self.properties.is_empty() {
            let properties = self.properties.iter();
            let properties = properties
                .map(|property| (property.name.clone(), property.schema.clone()))
                .collect();
            schema.push(("properties", OrderedValue::Members(properties)));
        }
        let required: Vec<_> = self
            .properties
            .iter()
            .filter(|property| property.required)
            .map(|property| Value::from(property.name.clone()))
            .collect();
        if !required.is_empty() {
            schema.push(("required", Value::from(required).into()));
        }
        if !self.open {
            schema.push(("additionalProperties", Value::from(false).into()));
        }
        schema
    }
}

fn whole_schema(mut whole: Map<String, Value>) -> Vec<(&'static str, OrderedValue)> {
    for key in ["$schema", "title", "type"] {
        whole.remove(key);
    }
    let mut whole = Value::Object(whole);
    tidy(&mut whole);
    vec![("type", "object".into()), ("", OrderedValue::Inline(whole))]
}

/// A value whose members keep the order of the parameters, whatever features of `serde_json` are
/// switched on elsewhere.
enum OrderedValue {
    Json(Value),
    Members(Vec<(String, Value)>),
    /// Members of an object, without a name of their own.
    Inline(Value),
}

impl<T: Into<Value>> From<T> for OrderedValue {
    fn from(value: T) -> Self {
        Self::Json(value.into())
    }
}

struct Ordered<'a>(&'a [(&'static str, OrderedValue)]);

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.0 {
            match value {
                OrderedValue::Json(value) => map.serialize_entry(name, value)?,
                OrderedValue::Members(members) => {
                    map.serialize_entry(name, &OrderedMembers(members))?;
                }
                OrderedValue::Inline(value) => {
                    for (name, value) in value.as_object().into_iter().flatten() {
                        map.serialize_entry(name, value)?;
                    }
                }
            }
        }
        map.end()
    }
}

struct OrderedMembers<'a>(&'a [(String, Value)]);

impl Serialize for OrderedMembers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

fn describe(schema: &mut Value, description: &str) {
    match schema {
        Value::Object(schema) => {
            schema.insert("description".to_owned(), description.into());
        }
        // `true` allows anything.
        Value::Bool(true) => *schema = json!({ "description": description }),
        _ => {}
    }
}

fn string_items(list: Option<&Value>) -> Vec<String> {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}

/// Applies to every object in a schema: optional members are not nullable too, and integers have no
/// formats that clients complain about.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.get("format").is_some_and(is_of_rust) {
                object.remove("format");
            }
            let required = string_items(object.get("required"));
            if let Some(Value::Object(properties)) = object.get_mut("properties") {
                for (name, property) in properties {
                    if !required.contains(name) {
                        strip_null(property);
                    }
                }
            }
            for (key, value) in object {
                // Data, not schemas.
                if !matches!(key.as_str(), "default" | "const" | "enum" | "examples") {
                    tidy(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// Whether this is a format that says which of Rust's integers it is. OpenAPI knows `int32` and `int64`
/// alone, and so do validators: that of the official TypeScript client warns its user of each other one.
/// What a format bounds stands in `minimum` and `maximum` too, or is found when the value is read.
fn is_of_rust(format: &Value) -> bool {
    let format = format.as_str().unwrap_or_default();
    format.starts_with("uint") || matches!(format, "int" | "int8" | "int16" | "int128")
}

/// Takes `null` out of what `Option<T>` allows.
fn strip_null(schema: &mut Value) {
    let Value::Object(object) = schema else {
        return;
    };
    if let Some(Value::Array(kinds)) = object.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        if let [only] = kinds.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(values)) = object.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if object.get("default").is_some_and(Value::is_null) {
        object.remove("default");
    }
    let Some(Value::Array(choices)) = object.get_mut("anyOf") else {
        return;
    };
    choices.retain(|choice| choice != &json!({ "type": "null" }));
    if let [Value::Object(only)] = choices.as_slice() {
        let only = only.clone();
        object.remove("anyOf");
        for (key, value) in only {
            object.entry(key).or_insert(value);
        }
    }
}

#[cfg(test)]
mod tests;
