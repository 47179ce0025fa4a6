//! What arguments a scenario is for.

use serde_json::Value;

/// A condition on the arguments of a call.
#[derive(Clone, Debug)]
pub enum Condition {
    /// No condition at all.
    Always,
    Test(Test),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    None(Vec<Condition>),
    Not(Box<Condition>),
}

/// One field, and what it has to be.
#[derive(Clone, Debug)]
pub struct Test {
    pub field: FieldPath,
    pub operator: Operator,
    /// Both sides of string operators in lower case.
    pub ignore_case: bool,
}

/// A dotted path into the arguments; empty for all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldPath(pub Vec<String>);

/// What is asked of a field. See the table of operators in the README.
#[derive(Clone, Debug)]
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

/// How two numbers, or two strings, stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// The types of JSON; an integer is a number without a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonType {
    String,
    Number,
    Integer,
    Boolean,
    Array,
    Object,
    Null,
}
