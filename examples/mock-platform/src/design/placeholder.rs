//! `{{args.city}}` and its like, in the strings of answers.

use super::{
    FieldPath,
    fault::DesignFaults as Faults,
    reader::{Node, did_you_mean, member_path, short},
};
use serde_json::Value;

/// What stands for something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placeholder {
    /// `{{args.city}}`, or `{{args}}` for all of them.
    Argument(FieldPath),
    /// `{{city}}`: an argument of a prompt, or a variable of a template.
    Name(String),
    /// `{{uuid}}`: a random UUID.
    Uuid,
    /// `{{now}}`: RFC 3339, in UTC.
    Now,
    /// `{{counter}}`: how often the server has counted, with this time.
    Counter,
    /// `{{random 1 6}}`: a whole number, both ends included.
    Random(i64, i64),
}

/// A part of a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// As it is.
    Text(&'a str),
    /// What stands for something else.
    Placeholder(Placeholder),
}

/// What placeholders may name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    /// Whether there is `args`.
    pub(super) arguments: bool,
    pub(super) names: &'a [String],
}

impl Placeholder {
    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let path = match text.strip_prefix("args.") {
            // Nothing behind the dot is no path.
            Some("") => return Err("`args.` needs the name of a field".to_owned()),
            Some(path) => Some(path),
            None => (text == "args").then_some(""),
        };
        if let Some(path) = path {
            let path = FieldPath::parse(path).map_err(str::to_owned)?;
            return Ok(Self::Argument(path));
        }
        let mut words = text.split_whitespace();
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("random"), Some(low), Some(high), None) => {
                let bound = |word: &str| word.parse::<i64>();
                match (bound(low), bound(high)) {
                    (Ok(low), Ok(high)) if low <= high => Ok(Self::Random(low, high)),
                    _ => Err("`random` needs two whole numbers, the smaller one first".to_owned()),
                }
            }
            (Some("random"), ..) => Err("expected `{{random LOW HIGH}}`".to_owned()),
            (Some("uuid"), None, ..) => Ok(Self::Uuid),
            (Some("now"), None, ..) => Ok(Self::Now),
            (Some("counter"), None, ..) => Ok(Self::Counter),
            (Some(name), None, ..) => Ok(Self::Name(name.to_owned())),
            _ => Err(format!("unknown placeholder `{{{{{}}}}}`", short(text))),
        }
    }
}

/// Takes a string apart.
///
/// Two braces open a placeholder, and four are two that mean nothing: `{{{{args.city}}` is the text
/// `{{args.city}}`. Of three the first is itself, so that `{{{args.city}}}` is the value in braces.
/// Braces that close need no such care: those behind a placeholder are text.
///
/// # Errors
/// What is wrong with the first placeholder that is wrong.
///
/// ```
/// use mock_platform::design::{Piece, escape, pieces};
///
/// assert_eq!(escape("{{city}}"), "{{{{city}}");
/// assert_eq!(pieces("{{{{")?, [Piece::Text("{{")]);
/// # Ok::<(), String>(())
/// ```
pub fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let braces = rest[start..].bytes().take_while(|byte| *byte == b'{');
        let braces = braces.count();
        let (plain, opens) = (braces / 4 * 2 + braces % 2, braces % 4 >= 2);
        if start + plain > 0 {
            pieces.push(Piece::Text(&rest[..start + plain]));
        }
        rest = &rest[start + braces..];
        if opens {
            let close = rest.find("}}").ok_or("a placeholder is not closed")?;
            pieces.push(Piece::Placeholder(Placeholder::parse(&rest[..close])?));
            rest = &rest[close + 2..];
        }
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Ok(pieces)
}

/// Text that stands for itself, whatever is in it.
pub fn escape(text: &str) -> String {
    text.replace("{{", "{{{{")
}

/// A value whose strings stand for themselves.
pub(crate) fn escape_value(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(escape(&text)),
        Value::Array(items) => items.into_iter().map(escape_value).collect(),
        Value::Object(members) => {
            let escaped = members
                .into_iter()
                .map(|(name, value)| (name, escape_value(value)));
            Value::Object(escaped.collect())
        }
        other => other,
    }
}

/// Tells which placeholders stand for nothing.
pub(super) fn check(node: &Node<'_>, scope: Scope<'_>, faults: &mut Faults) {
    match node.value {
        Value::String(text) => {
            if let Err(reason) = check_text(text, scope) {
                node.fault(faults, reason);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                let path = format!("{}/{index}", node.path);
                check(&Node { value, path }, scope, faults);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                let path = member_path(&node.path, name);
                check(&Node { value, path }, scope, faults);
            }
        }
        _ => {}
    }
}

fn check_text(text: &str, scope: Scope<'_>) -> Result<(), String> {
    for piece in pieces(text)? {
        let Piece::Placeholder(placeholder) = piece else {
            continue;
        };
        match placeholder {
            Placeholder::Name(name) if !scope.names.contains(&name) => {
                let own = scope.names.iter().map(String::as_str);
                let near = did_you_mean(&name, own.chain(["uuid", "now", "counter", "random"]));
                return Err(format!(
                    "unknown placeholder `{{{{{}}}}}`{near}",
                    short(&name)
                ));
            }
            Placeholder::Argument(_) if !scope.arguments => {
                return Err("there is no `args` here: use the name alone".to_owned());
            }
            _ => {}
        }
    }
    Ok(())
}
