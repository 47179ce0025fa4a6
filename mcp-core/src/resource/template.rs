//! RFC 6570 templates, read backwards: from a URI to the values of its variables.
//!
//! Expansion libraries exist; matching has to be linear in the length of the URI, whatever the
//! template, because the URI comes from a peer. It is: each expression takes what its operator
//! allows up to the literal that follows, and nothing is tried twice.

use percent_encoding::percent_decode_str;
use std::fmt;

/// A URI template of literals and expressions: `{var}`, `{+path}`, `{#fragment}`, `{.label}`,
/// `{/segment}`, `{;param}`, `{?query}` and `{&query}`, with several variables each.
///
/// Two expressions need a literal between them that the first cannot contain, or that it is cut
/// at: the first occurrence of the literal ends it.
///
/// ```
/// use mcp_core::Template;
///
/// let template = Template::parse("notes://{folder}/{name}{?rev}")?;
/// let variables = template.matches("notes://a%20b/todo?rev=3").unwrap();
/// assert_eq!(variables.get("folder"), Some("a b"));
/// assert_eq!(variables.get("rev"), Some("3"));
/// assert!(template.matches("notes://a/b/c").is_none());
/// # Ok::<(), mcp_core::TemplateError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Expression(Operator, Vec<String>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Simple,
    Reserved,
    Fragment,
    Label,
    Segment,
    Parameter,
    Query,
    Continuation,
}

/// The variables of a matched URI, decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables(pub(crate) Vec<(String, String)>);

impl Variables {
    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Names and values in the order of the template.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Why a text is not a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TemplateError {
    /// A brace without its partner.
    UnbalancedBrace,
    /// An expression that names no variable, or one with a character that names cannot have.
    BadVariable,
    /// A modifier (`*` or `:3`) or a reserved operator.
    Unsupported,
    /// A variable that appears twice.
    Duplicate,
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnbalancedBrace => "a brace is not closed",
            Self::BadVariable => "an expression needs names of letters, digits, `_`, `.` and `%`",
            Self::Unsupported => "modifiers and reserved operators cannot be matched",
            Self::Duplicate => "a variable appears twice",
        })
    }
}

impl std::error::Error for TemplateError {}

impl Operator {
    fn parse(expression: &str) -> Result<(Self, &str), TemplateError> {
        let operator = match expression.chars().next() {
            Some('+') => Self::Reserved,
            Some('#') => Self::Fragment,
            Some('.') => Self::Label,
            Some('/') => Self::Segment,
            Some(';') => Self::Parameter,
            Some('?') => Self::Query,
            Some('&') => Self::Continuation,
            Some('=' | ',' | '!' | '@' | '|') => return Err(TemplateError::Unsupported),
            _ => return Ok((Self::Simple, expression)),
        };
        Ok((operator, expression.get(1..).unwrap_or_default()))
    }

    /// What the expansion starts with.
    const fn first(self) -> &'static str {
        match self {
            Self::Simple | Self::Reserved => "",
            Self::Fragment => "#",
            Self::Label => ".",
            Self::Segment => "/",
            Self::Parameter => ";",
            Self::Query => "?",
            Self::Continuation => "&",
        }
    }

    /// What stands between its values.
    const fn separator(self) -> char {
        match self {
            Self::Simple | Self::Reserved | Self::Fragment => ',',
            Self::Label => '.',
            Self::Segment => '/',
            Self::Parameter => ';',
            Self::Query | Self::Continuation => '&',
        }
    }

    /// Whether its values are written as `name=value`.
    const fn named(self) -> bool {
        matches!(self, Self::Parameter | Self::Query | Self::Continuation)
    }

    /// Whether a character can be part of its expansion.
    fn allows(self, byte: u8) -> bool {
        let unreserved =
            byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte) || !byte.is_ascii();
        match self {
            Self::Reserved | Self::Fragment => byte.is_ascii_graphic() || !byte.is_ascii(),
            // Clients often leave `:` and `@` as they are.
            _ => {
                unreserved
                    || b":@".contains(&byte)
                    || byte == self.separator() as u8
                    || (self.named() && byte == b'=')
            }
        }
    }
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// When it is not one, or uses a form that cannot be matched.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find(['{', '}']) {
            let (literal, tail) = rest.split_at(open);
            if tail.starts_with('}') {
                return Err(TemplateError::UnbalancedBrace);
            }
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_owned()));
            }
            let close = tail.find('}').ok_or(TemplateError::UnbalancedBrace)?;
            let (operator, names) = Operator::parse(&tail[1..close])?;
            let names = names
                .split(',')
                .map(variable)
                .collect::<Result<Vec<_>, _>>()?;
            for name in &names {
                if seen.contains(name) {
                    return Err(TemplateError::Duplicate);
                }
                seen.push(name.clone());
            }
            parts.push(Part::Expression(operator, names));
            rest = &tail[close + 1..];
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        Ok(Self { parts })
    }

    /// The names of its variables, in order.
    pub fn variables(&self) -> Vec<String> {
        let names = self.parts.iter().filter_map(|part| match part {
            Part::Literal(_) => None,
            Part::Expression(_, names) => Some(names.iter().cloned()),
        });
        names.flatten().collect()
    }

    /// The values of the variables when `uri` is an expansion of the template. Linear.
    ///
    /// Values are decoded. In `file:` templates a value with a `..` segment matches nothing; with
    /// other schemes, a handler that opens files must check for itself.
    pub fn matches(&self, uri: &str) -> Option<Variables> {
        let mut variables = Vec::new();
        let mut rest = uri;
        for (index, part) in self.parts.iter().enumerate() {
            match part {
                Part::Literal(literal) => rest = rest.strip_prefix(literal.as_str())?,
                Part::Expression(operator, names) => {
                    let end = self.end_of(*operator, index, rest);
                    let (value, tail) = rest.split_at(end);
                    bind(*operator, names, value, &mut variables)?;
                    rest = tail;
                }
            }
        }
        let variables = rest.is_empty().then_some(Variables(variables))?;
        (!self.is_traversed_by(&variables)).then_some(variables)
    }

    /// Whether a value leads out of the folder that a `file:` template names.
    fn is_traversed_by(&self, variables: &Variables) -> bool {
        let is_file = match self.parts.first() {
            Some(Part::Literal(literal)) => literal.starts_with("file:"),
            _ => false,
        };
        let mut values = variables.0.iter();
        is_file && values.any(|(_, value)| value.split(['/', '\\']).any(|segment| segment == ".."))
    }

    /// Where the expression at `index` ends: before the next literal or operator, or where a
    /// character cannot belong to it.
    fn end_of(&self, operator: Operator, index: usize, rest: &str) -> usize {
        let first = operator.first().len();
        let within = rest.bytes().enumerate();
        let run = within
            .skip(first)
            .find(|(_, byte)| !operator.allows(*byte))
            .map_or(rest.len(), |(at, _)| at)
            .max(first.min(rest.len()));
        let run = (0..=run)
            .rev()
            .find(|at| rest.is_char_boundary(*at))
            .unwrap_or(0);
        let next = match self.parts.get(index + 1) {
            Some(Part::Literal(literal)) => literal.as_str(),
            Some(Part::Expression(next, _)) => next.first(),
            None => "",
        };
        if next.is_empty() {
            return run;
        }
        // The literal may start inside the run, or right behind it.
        let window_end = (run + next.len()).min(rest.len());
        let window_end = (window_end..=rest.len())
            .find(|at| rest.is_char_boundary(*at))
            .unwrap_or(rest.len());
        let start = first.min(window_end);
        match rest
            .get(start..window_end)
            .and_then(|window| window.find(next))
        {
            Some(at) => start + at,
            None => run,
        }
    }
}

fn variable(name: &str) -> Result<String, TemplateError> {
    if name.ends_with('*') || name.contains(':') {
        return Err(TemplateError::Unsupported);
    }
    let valid = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.%".contains(&byte));
    if valid {
        Ok(name.to_owned())
    } else {
        Err(TemplateError::BadVariable)
    }
}

/// Splits the expansion of one expression among its variables.
fn bind(
    operator: Operator,
    names: &[String],
    value: &str,
    variables: &mut Vec<(String, String)>,
) -> Option<()> {
    if value.is_empty() && operator != Operator::Simple && operator != Operator::Reserved {
        // All variables are undefined.
        return Some(());
    }
    let value = value.strip_prefix(operator.first())?;
    if operator.named() {
        for pair in value
            .split(operator.separator())
            .filter(|pair| !pair.is_empty())
        {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            // Parameters that the template does not name are ignored, as servers do.
            if names.iter().any(|known| known == name)
                && !variables.iter().any(|(known, _)| known == name)
            {
                variables.push((name.to_owned(), decode(value)?));
            }
        }
        return Some(());
    }
    if let [name] = names {
        // `{id}` must stand for something; `{+rest}` may be empty.
        if value.is_empty() && operator == Operator::Simple {
            return None;
        }
        if operator != Operator::Reserved
            && operator != Operator::Fragment
            && value.contains(operator.separator())
        {
            return None;
        }
        variables.push((name.clone(), decode(value)?));
        return Some(());
    }
    let mut values = value.split(operator.separator());
    for name in names {
        match values.next() {
            Some(value) if !value.is_empty() => variables.push((name.clone(), decode(value)?)),
            _ => {}
        }
    }
    values.next().is_none().then_some(())
}

fn decode(value: &str) -> Option<String> {
    let decoded = percent_decode_str(value).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matched(template: &str, uri: &str) -> Option<Vec<(String, String)>> {
        Template::parse(template)
            .unwrap()
            .matches(uri)
            .map(|found| found.0)
    }

    #[test]
    fn uris_are_matched() {
        type Pairs = &'static [(&'static str, &'static str)];
        let table: &[(&str, &str, Option<Pairs>)] = &[
            ("a://{x}", "a://1", Some(&[("x", "1")])),
            ("a://{x}", "a://", None),
            ("a://{x}", "a://1/2", None),
            ("a://{x}/data", "a://123/data", Some(&[("x", "123")])),
            ("a://{x}/data", "a://123/date", None),
            ("a://{+path}", "a://1/2?3", Some(&[("path", "1/2?3")])),
            ("a://{+path}/end", "a://1/2/end", Some(&[("path", "1/2")])),
            ("a://{x}.{y}", "a://b.c", Some(&[("x", "b"), ("y", "c")])),
            ("a://{x,y}", "a://1,2", Some(&[("x", "1"), ("y", "2")])),
            ("a://{x}", "a://1,2", None),
            ("a:{/x,y}", "a:/1/2", Some(&[("x", "1"), ("y", "2")])),
            ("a:{/x}", "a:", Some(&[])),
            (
                "a:b{?q,r}",
                "a:b?r=1&q=%C3%A9&z=0",
                Some(&[("r", "1"), ("q", "é")]),
            ),
            ("a:b{?q}", "a:b", Some(&[])),
            ("a:b?z=1{&q}", "a:b?z=1&q=2", Some(&[("q", "2")])),
            ("a:b{#f}", "a:b#x/y", Some(&[("f", "x/y")])),
            ("a:b{.f}", "a:b.txt", Some(&[("f", "txt")])),
            ("a:b{;f}", "a:b;f=1", Some(&[("f", "1")])),
            ("a:{x}{?q}", "a:é?q=1", Some(&[("x", "é"), ("q", "1")])),
            ("a:{x}", "a:%FF", None),
            ("file:///{x}", "file:///%2e%2e%2fetc%2fpasswd", None),
            ("file:///{+x}", "file:///a/../../b", None),
            ("file:///{+x}", "file:///a/b..c", Some(&[("x", "a/b..c")])),
        ];
        for (template, uri, expected) in table {
            let expected = expected.map(|pairs| {
                let pairs = pairs
                    .iter()
                    .map(|(name, value)| (name.to_string(), value.to_string()));
                pairs.collect::<Vec<_>>()
            });
            assert_eq!(matched(template, uri), expected, "{template} {uri}");
        }
    }

    #[test]
    fn bad_templates_are_refused() {
        use TemplateError as E;
        let table = [
            ("a{", E::UnbalancedBrace),
            ("a}", E::UnbalancedBrace),
            ("{}", E::BadVariable),
            ("{a b}", E::BadVariable),
            ("{a*}", E::Unsupported),
            ("{a:3}", E::Unsupported),
            ("{|a}", E::Unsupported),
            ("{a}/{a}", E::Duplicate),
        ];
        for (template, error) in table {
            assert_eq!(Template::parse(template), Err(error), "{template}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(template in "[a{}+#./;?&=,é%]{0,12}", uri in any::<String>()) {
            if let Ok(template) = Template::parse(&template) {
                let _ = template.matches(&uri);
            }
        }

        #[test]
        fn a_value_comes_back(value in "[a-z0-9]{1,8}", other in "[a-z0-9]{1,8}") {
            let uri = format!("t://{value}/x?q={other}");
            let found = matched("t://{v}/x{?q}", &uri).unwrap();
            prop_assert_eq!(found, vec![("v".to_owned(), value), ("q".to_owned(), other)]);
        }
    }
}
