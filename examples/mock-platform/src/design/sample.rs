//! What is known of an answer before anybody asks for it.

use super::placeholder::{Piece, Placeholder, pieces};
use serde_json::{Value, json};

/// How much is known of a value whose placeholders are not filled yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Known {
    /// Nothing: it is an argument.
    Nothing,
    /// Its type, and how many members or items it has.
    Shape,
    /// Everything: no placeholder is in it.
    All,
}

/// How much is known of a value.
pub(super) fn known(template: &Value) -> Known {
    let shape_of = |inner: Known| inner.max(Known::Shape);
    match template {
        Value::String(text) => match read(text).as_slice() {
            [Piece::Placeholder(Placeholder::Argument(_) | Placeholder::Name(_))] => Known::Nothing,
            pieces if pieces.iter().all(is_text) => Known::All,
            _ => Known::Shape,
        },
        Value::Array(items) => shape_of(items.iter().map(known).min().unwrap_or(Known::All)),
        Value::Object(members) => shape_of(members.values().map(known).min().unwrap_or(Known::All)),
        _ => Known::All,
    }
}

/// A value that an answer could be: right in whatever is [`known`] of it.
pub(super) fn sample(template: &Value) -> Value {
    match template {
        Value::String(text) => match read(text).as_slice() {
            [Piece::Placeholder(alone)] => match alone {
                Placeholder::Argument(_) | Placeholder::Name(_) => Value::Null,
                Placeholder::Uuid | Placeholder::Now => json!(""),
                Placeholder::Counter => json!(1),
                Placeholder::Random(low, _) => json!(low),
            },
            pieces => {
                let texts = pieces.iter().map(|piece| match piece {
                    Piece::Text(text) => text,
                    Piece::Placeholder(_) => "",
                });
                Value::String(texts.collect())
            }
        },
        Value::Array(items) => items.iter().map(sample).collect(),
        Value::Object(members) => {
            let sampled = members
                .iter()
                .map(|(name, value)| (name.clone(), sample(value)));
            Value::Object(sampled.collect())
        }
        other => other.clone(),
    }
}

fn is_text(piece: &Piece<'_>) -> bool {
    matches!(piece, Piece::Text(_))
}

/// What cannot be read is told as a fault where placeholders are checked.
fn read(text: &str) -> Vec<Piece<'_>> {
    pieces(text).unwrap_or_else(|_| vec![Piece::Text(text)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_before_a_call() {
        let table = [
            (json!({"a": [1, "x", null]}), Known::All),
            (json!("{{{{args.x}}"), Known::All),
            (json!("{{args.x}}"), Known::Nothing),
            (json!("for {{args.x}}"), Known::Shape),
            (json!("{{uuid}}"), Known::Shape),
            (json!("{{random 1 6}}"), Known::Shape),
            (json!(["{{args.x}}"]), Known::Shape),
            (json!({"a": {"b": "{{args.x}}"}}), Known::Shape),
        ];
        for (template, expected) in table {
            assert_eq!(known(&template), expected, "{template}");
        }
        let template = json!({"a": "{{args.x}}", "b": ["{{counter}}", "{{{{ {{now}}"]});
        assert_eq!(sample(&template), json!({"a": null, "b": [1, "{{ "]}));
    }
}
