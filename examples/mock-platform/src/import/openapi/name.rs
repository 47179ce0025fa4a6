//! Names of tools: valid, and each there once.

use std::collections::HashSet;

/// How long a name is made at most; a suffix that tells it from another fits in what is left of 64.
const LONGEST: usize = 58;

#[derive(Default)]
pub(super) struct Names(HashSet<String>);

impl Names {
    /// A name from the operation's id, or from its method and path.
    pub(super) fn take(&mut self, id: Option<&str>, method: &str, path: &str) -> String {
        let wanted = id.map_or_else(|| format!("{method}{path}"), str::to_owned);
        let name = match valid(&wanted) {
            name if name.is_empty() => method.to_owned(),
            name => name,
        };
        let mut free = name.clone();
        let mut number = 2;
        while !self.0.insert(free.clone()) {
            free = format!("{name}_{number}");
            number += 1;
        }
        free
    }
}

/// What is left of a text where only `A-Z a-z 0-9 _ . -` may stand.
pub(super) fn valid(text: &str) -> String {
    let mut name = String::new();
    for character in text.chars() {
        match character {
            'A'..='Z' | 'a'..='z' | '0'..='9' | '_' | '.' | '-' => name.push(character),
            _ if name.is_empty() || name.ends_with('_') => {}
            _ => name.push('_'),
        }
        if name.len() == LONGEST {
            break;
        }
    }
    name.trim_end_matches('_').to_owned()
}
