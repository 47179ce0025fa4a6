//! What arguments a scenario is for.

use serde::{Serialize, Serializer};
use serde_json::Value;

/// A condition on the arguments of a call.
#[derive(Clone, Debug)]
pub enum Condition {
    /// No condition at all.
    Always,
    /// One field.
    Test(Test),
    /// Each of them.
    All(Vec<Condition>),
    /// At least one of them.
    Any(Vec<Condition>),
    /// Not one of them.
    None(Vec<Condition>),
    /// The opposite.
    Not(Box<Condition>),
}

/// One field, and what it has to be.
#[derive(Clone, Debug)]
pub struct Test {
    /// Which field.
    pub field: FieldPath,
    /// What it has to be.
    pub operator: Operator,
    /// Both sides in lower case, wherever two texts are compared.
    pub ignore_case: bool,
}

/// A dotted path into the arguments; empty for all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldPath(pub Vec<String>);

impl FieldPath {
    /// Reads `when.month`, `cities.0`, `a\.b`; `\\` is a backslash.
    ///
    /// # Errors
    /// When a name is empty, or a backslash escapes nothing.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() {
            return Ok(Self(Vec::new()));
        }
        let mut names = vec![String::new()];
        let mut chars = text.chars();
        while let Some(char) = chars.next() {
            let literal = match char {
                '.' => {
                    names.push(String::new());
                    continue;
                }
                '\\' => match chars.next() {
                    Some(escaped @ ('.' | '\\')) => escaped,
                    _ => return Err("a backslash escapes a dot or a backslash"),
                },
                other => other,
            };
            if let Some(name) = names.last_mut() {
                name.push(literal);
            }
        }
        match names.iter().any(String::is_empty) {
            true => Err("a name between dots is empty"),
            false => Ok(Self(names)),
        }
    }

    /// The value there. Numbers index arrays.
    pub fn find<'a>(&self, arguments: &'a Value) -> Option<&'a Value> {
        self.0
            .iter()
            .try_fold(arguments, |value, name| match value {
                Value::Object(members) => members.get(name),
                Value::Array(items) => items.get(index(name)?),
                _ => None,
            })
    }
}

fn index(name: &str) -> Option<usize> {
    let is_index = name == "0" || !name.starts_with(['0', '+']);
    is_index.then(|| name.parse().ok()).flatten()
}

impl std::fmt::Display for FieldPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, name) in self.0.iter().enumerate() {
            let dot = if index == 0 { "" } else { "." };
            let name = name.replace('\\', "\\\\").replace('.', "\\.");
            write!(f, "{dot}{name}")?;
        }
        Ok(())
    }
}

/// What is asked of a field. See the table of operators in the README.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "they are named as in documents")]
pub enum Operator {
    Equals(Value),
    NotEquals(Value),
    Contains(Value),
    NotContains(Value),
    StartsWith(String),
    EndsWith(String),
    Compare(Comparison, Value),
    Between(Value, Value),
    Exists(bool),
    IsEmpty(bool),
    In(Vec<Value>),
    NotIn(Vec<Value>),
    Regex(regex::Regex),
    Type(JsonType),
}

impl Operator {
    /// Its name in documents, not an alias.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Equals(_) => "equals",
            Self::NotEquals(_) => "notEquals",
            Self::Contains(_) => "contains",
            Self::NotContains(_) => "notContains",
            Self::StartsWith(_) => "startsWith",
            Self::EndsWith(_) => "endsWith",
            Self::Compare(comparison, _) => comparison.name(),
            Self::Between(..) => "between",
            Self::Exists(_) => "exists",
            Self::IsEmpty(_) => "isEmpty",
            Self::In(_) => "in",
            Self::NotIn(_) => "notIn",
            Self::Regex(_) => "regex",
            Self::Type(_) => "type",
        }
    }
}

/// What it compares with, as documents write it.
impl Serialize for Operator {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Equals(value) | Self::NotEquals(value) => value.serialize(serializer),
            Self::Contains(value) | Self::NotContains(value) => value.serialize(serializer),
            Self::Compare(_, value) => value.serialize(serializer),
            Self::StartsWith(text) | Self::EndsWith(text) => text.serialize(serializer),
            Self::Between(low, high) => [low, high].serialize(serializer),
            Self::Exists(wanted) | Self::IsEmpty(wanted) => wanted.serialize(serializer),
            Self::In(values) | Self::NotIn(values) => values.serialize(serializer),
            Self::Regex(pattern) => pattern.as_str().serialize(serializer),
            Self::Type(kind) => kind.name().serialize(serializer),
        }
    }
}

/// How two numbers, or two strings, stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Comparison {
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Comparison {
    const fn name(self) -> &'static str {
        match self {
            Self::Greater => "greaterThan",
            Self::GreaterOrEqual => "greaterThanOrEqual",
            Self::Less => "lessThan",
            Self::LessOrEqual => "lessThanOrEqual",
        }
    }
}

/// The types of JSON; an integer is a number without a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum JsonType {
    String,
    Number,
    Integer,
    Boolean,
    Array,
    Object,
    Null,
}

impl JsonType {
    pub(super) const WORDS: [(&'static str, Self); 7] = [
        ("string", Self::String),
        ("number", Self::Number),
        ("integer", Self::Integer),
        ("boolean", Self::Boolean),
        ("array", Self::Array),
        ("object", Self::Object),
        ("null", Self::Null),
    ];

    fn name(self) -> &'static str {
        let found = Self::WORDS.iter().find(|(_, kind)| *kind == self);
        found.map_or("", |(name, _)| name)
    }
}
