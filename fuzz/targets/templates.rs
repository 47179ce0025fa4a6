//! A template and URIs for it: what is matched was named, is an expansion of what is found, and takes
//! time in proportion to its length, however it is made.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use mcp_tower::core::{Template, Variables};

/// A long URI has this many bytes: squared they are more than a run may take.
const LONG: usize = 1 << 18;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    template: &'a str,
    uri: &'a str,
    values: [&'a str; 4],
    /// Whether the URI is repeated until it is long; seldom, since that is slow.
    long: u8,
}

fuzz_target!(|input: Input<'_>| {
    let Ok(template) = Template::parse(input.template) else {
        return;
    };
    assert_eq!(Template::parse(input.template).as_ref(), Ok(&template));
    if let Some(variables) = template.matches(input.uri) {
        check(&template, input.template, &variables);
    }
    if input.long == 7 && !input.uri.is_empty() {
        let long = input.uri.repeat(LONG / input.uri.len());
        // The time limit of the run is the assertion.
        let _ = template.matches(&long);
    }
    expanded(&template, input.template, input.values);
});

fn check(template: &Template, text: &str, variables: &Variables) {
    let names = template.variables();
    let mut found: Vec<&str> = variables.iter().map(|(name, _)| name).collect();
    assert!(
        found
            .iter()
            .all(|name| names.iter().any(|known| known == name))
    );
    let count = found.len();
    found.sort_unstable();
    found.dedup();
    assert_eq!(found.len(), count, "a variable has one value");
    if text.starts_with("file:") {
        let leads_out =
            |(_, value): (&str, &str)| value.split(['/', '\\']).any(|part| part == "..");
        assert!(!variables.iter().any(leads_out));
    }
}

/// A template whose simple expressions are filled in is matched, and gives the values back.
fn expanded(template: &Template, text: &str, values: [&str; 4]) {
    let names = template.variables();
    let is_simple = !text.contains(['+', '#', '.', '/', ';', '?', '&', ',', '%'])
        && text.chars().all(|letter| letter.is_ascii_graphic())
        // A literal between expressions that no value contains.
        && text.split('}').skip(1).all(|rest| rest.is_empty() || rest.starts_with(['$', '!', '(']));
    if !is_simple || names.is_empty() || names.len() > values.len() || text.contains("}{") {
        return;
    }
    let mut uri = text.to_owned();
    let mut expected = Vec::new();
    for (name, value) in names.iter().zip(values) {
        let value: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
        if value.is_empty() {
            return;
        }
        uri = uri.replace(&format!("{{{name}}}"), &value);
        expected.push((name.clone(), value));
    }
    let found = template.matches(&uri);
    let found = found.as_ref().map(|variables| variables.iter());
    let found: Option<Vec<_>> = found.map(|found| {
        found
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    });
    assert_eq!(found.as_ref(), Some(&expected), "{text} {uri}");
}
