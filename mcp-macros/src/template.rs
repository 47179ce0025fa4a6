//! URI templates, as RFC 6570 writes them.

use std::fmt;

/// The variables of a template, in order.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) variables: Vec<String>,
}

/// What is wrong with a template.
#[derive(Debug, PartialEq)]
pub(crate) enum Fault {
    Empty,
    NoScheme,
    Unclosed(String),
    Unopened,
    Literal(char),
    Percent,
    Reserved(char),
    Name(String),
    Modifier(String),
    Twice(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a resource needs a URI, for example `notes://{id}`"),
            Self::NoScheme => {
                f.write_str("a URI begins with its scheme, for example `notes://{id}`")
            }
            Self::Unclosed(rest) => write!(f, "`{rest}` opens an expression and does not close it"),
            Self::Unopened => f.write_str("`}` closes no expression; as a character it is `%7D`"),
            Self::Literal(char) => {
                write!(f, "{char:?} cannot stand in a URI; percent-encode it")
            }
            Self::Percent => {
                f.write_str("`%` is followed by two hexadecimal digits; itself it is `%25`")
            }
            Self::Reserved(operator) => {
                write!(
                    f,
                    "RFC 6570 reserves the operator `{operator}`; it defines `+ # . / ; ? &`"
                )
            }
            Self::Name(name) => write!(
                f,
                "`{{{name}}}` names no variable; a name is letters, digits and `_`, with `.` between parts"
            ),
            Self::Modifier(variable) => write!(
                f,
                "`{{{variable}}}` has a modifier, which cannot be read back from a URI; leave it out"
            ),
            Self::Twice(name) => write!(f, "the variable `{name}` stands in the template twice"),
        }
    }
}

impl Template {
    pub(crate) fn parse(template: &str) -> Result<Self, Fault> {
        if template.is_empty() {
            return Err(Fault::Empty);
        }
        check_scheme(template)?;
        let mut variables = Vec::new();
        let mut rest = template;
        while let Some(start) = rest.find(['{', '}']) {
            check_literal(&rest[..start])?;
            let Some(expression) = rest[start..].strip_prefix('{') else {
                return Err(Fault::Unopened);
            };
            let Some(end) = expression
                .find(['{', '}'])
                .filter(|&end| expression[end..].starts_with('}'))
            else {
                return Err(Fault::Unclosed(rest[start..].to_owned()));
            };
            parse_expression(&expression[..end], &mut variables)?;
            rest = &expression[end + 1..];
        }
        check_literal(rest)?;
        Ok(Self { variables })
    }
}

/// A template that opens with an expression may take its scheme from there.
fn check_scheme(template: &str) -> Result<(), Fault> {
    if template.starts_with('{') {
        return Ok(());
    }
    let scheme = template.split_once(':').map_or("", |(scheme, _)| scheme);
    let valid = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|char| char.is_ascii_alphanumeric() || matches!(char, '+' | '-' | '.'));
    if valid { Ok(()) } else { Err(Fault::NoScheme) }
}

fn check_literal(literal: &str) -> Result<(), Fault> {
    let mut chars = literal.chars();
    while let Some(char) = chars.next() {
        let excluded = matches!(char, '"' | '\'' | '<' | '>' | '\\' | '^' | '`' | '|');
        if excluded || char.is_whitespace() || char.is_control() {
            return Err(Fault::Literal(char));
        }
        let mut digit = || chars.next().is_some_and(|char| char.is_ascii_hexdigit());
        if char == '%' && !(digit() && digit()) {
            return Err(Fault::Percent);
        }
    }
    Ok(())
}

fn parse_expression(expression: &str, variables: &mut Vec<String>) -> Result<(), Fault> {
    let list = match expression.chars().next() {
        Some('+' | '#' | '.' | '/' | ';' | '?' | '&') => &expression[1..],
        Some(operator @ ('=' | ',' | '!' | '@' | '|')) => return Err(Fault::Reserved(operator)),
        _ => expression,
    };
    for variable in list.split(',') {
        if variable.ends_with('*') || variable.contains(':') {
            return Err(Fault::Modifier(variable.to_owned()));
        }
        if !is_name(variable) {
            return Err(Fault::Name(variable.to_owned()));
        }
        if variables.iter().any(|known| known == variable) {
            return Err(Fault::Twice(variable.to_owned()));
        }
        variables.push(variable.to_owned());
    }
    Ok(())
}

/// A percent-encoded name could never be that of a parameter, so it is none here.
fn is_name(name: &str) -> bool {
    name.split('.').all(|part| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(template: &str) -> Vec<String> {
        Template::parse(template).unwrap().variables
    }

    fn fault(template: &str) -> Fault {
        Template::parse(template).unwrap_err()
    }

    #[test]
    fn a_uri_has_no_variables() {
        assert!(variables("config://app/settings.json").is_empty());
        assert!(variables("urn:example:a%20b").is_empty());
    }

    #[test]
    fn every_operator_of_the_rfc_is_known() {
        for operator in ["", "+", "#", ".", "/", ";", "?", "&"] {
            assert_eq!(variables(&format!("x:{{{operator}a,b}}")), ["a", "b"]);
        }
    }

    #[test]
    fn names_may_have_parts() {
        assert_eq!(variables("x:{a_1,c.d}"), ["a_1", "c.d"]);
    }

    #[test]
    fn a_template_may_be_one_expression() {
        assert_eq!(variables("{+uri}"), ["uri"]);
    }

    #[test]
    fn faults_are_told_apart() {
        assert_eq!(fault(""), Fault::Empty);
        assert_eq!(fault("notes/{id}"), Fault::NoScheme);
        assert_eq!(fault("1x:{id}"), Fault::NoScheme);
        assert_eq!(fault("x:{id"), Fault::Unclosed("{id".into()));
        assert_eq!(fault("x:{a{b}}"), Fault::Unclosed("{a{b}}".into()));
        assert_eq!(fault("x:id}"), Fault::Unopened);
        assert_eq!(fault("x:a b"), Fault::Literal(' '));
        assert_eq!(fault("x:%2"), Fault::Percent);
        assert_eq!(fault("x:{!a}"), Fault::Reserved('!'));
        assert_eq!(fault("x:{}"), Fault::Name("".into()));
        assert_eq!(fault("x:{a-b}"), Fault::Name("a-b".into()));
        assert_eq!(fault("x:{a.}"), Fault::Name("a.".into()));
        assert_eq!(fault("x:{a:3}"), Fault::Modifier("a:3".into()));
        assert_eq!(fault("x:{a*}"), Fault::Modifier("a*".into()));
        assert_eq!(fault("x:{a}/{a}"), Fault::Twice("a".into()));
    }
}
