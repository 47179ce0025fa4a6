//! Placeholders become what they stand for: once, and never inside of what was put in.

use super::{Counters, Random};
use crate::{
    clock::rfc3339,
    design::{Piece, Placeholder, pieces},
};
use serde_json::{Map, Value};
use std::time::SystemTime;
use uuid::Uuid;

/// What placeholders stand for in one call.
///
/// ```
/// use mock_platform::engine::{Counters, Fill, Random};
/// use serde_json::json;
///
/// let (counters, random) = (Counters::default(), Random::new(1));
/// let args = json!({"days": 3, "city": "{{uuid}}"});
/// let fill = Fill::new(&args, &counters, &random);
/// let filled = fill.value(&json!({"days": "{{args.days}}", "text": "{{counter}}: {{args.city}}"}));
/// assert_eq!(filled, json!({"days": 3, "text": "1: {{uuid}}"}));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Fill<'a> {
    /// The arguments of the call, or the variables of a template.
    pub args: &'a Value,
    /// What has names of its own: the arguments of a prompt, the variables of a template. They win.
    pub names: Option<&'a Map<String, Value>>,
    /// What `{{counter}}` counts.
    pub counters: &'a Counters,
    /// Where `{{random 1 6}}` comes from.
    pub random: &'a Random,
}

impl<'a> Fill<'a> {
    /// For a tool: nothing but `args` has a name.
    pub const fn new(args: &'a Value, counters: &'a Counters, random: &'a Random) -> Self {
        let names = None;
        Self {
            args,
            names,
            counters,
            random,
        }
    }

    /// Adds names, such as `{{city}}`.
    #[must_use]
    pub const fn with_names(mut self, names: &'a Map<String, Value>) -> Self {
        self.names = Some(names);
        self
    }

    /// The value with its placeholders filled. A string that is one placeholder and nothing else
    /// becomes what that stands for, whatever its type; `null`, where there is nothing. Names of
    /// members stay as they are.
    pub fn value(&self, template: &Value) -> Value {
        match template {
            Value::String(text) => self.string(text),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(members) => {
                let filled = members
                    .iter()
                    .map(|(name, value)| (name.clone(), self.value(value)));
                Value::Object(filled.collect())
            }
            other => other.clone(),
        }
    }

    /// The text with its placeholders filled: strings as they are, nothing as nothing, all else as
    /// compact JSON.
    pub fn text(&self, template: &str) -> String {
        if !template.contains("{{") {
            return template.to_owned();
        }
        match pieces(template) {
            Ok(pieces) => self.join(&pieces),
            // No design has such a text.
            Err(_) => template.to_owned(),
        }
    }

    fn string(&self, text: &str) -> Value {
        if !text.contains("{{") {
            return Value::String(text.to_owned());
        }
        match pieces(text) {
            Ok(pieces) => match pieces.as_slice() {
                [Piece::Placeholder(alone)] => self.placeholder(alone),
                pieces => Value::String(self.join(pieces)),
            },
            Err(_) => Value::String(text.to_owned()),
        }
    }

    fn join(&self, pieces: &[Piece<'_>]) -> String {
        let mut filled = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Placeholder(placeholder) => match self.placeholder(placeholder) {
                    Value::String(text) => filled.push_str(&text),
                    Value::Null => {}
                    other => filled.push_str(&other.to_string()),
                },
            }
        }
        filled
    }

    fn placeholder(&self, placeholder: &Placeholder) -> Value {
        let named = |name: &str| self.names.and_then(|names| names.get(name)).cloned();
        match placeholder {
            Placeholder::Argument(path) => path.find(self.args).cloned().unwrap_or_default(),
            Placeholder::Name(name) => named(name).unwrap_or_default(),
            Placeholder::Uuid => named("uuid").unwrap_or_else(|| Uuid::new_v4().to_string().into()),
            Placeholder::Now => named("now").unwrap_or_else(|| rfc3339(SystemTime::now()).into()),
            Placeholder::Counter => {
                named("counter").unwrap_or_else(|| self.counters.count().into())
            }
            Placeholder::Random(low, high) => self.random.between(*low, *high).into(),
        }
    }
}
