//! The keys that only `#[mcp_resource]` has.

use regex_lite::Regex;
use syn::{
    Error, Lit, LitFloat, LitInt, LitStr, Result, Token,
    parse::{Parse, ParseStream},
};

use super::{missing, value, words};
use crate::{function::Parameter, template::Template};

/// A date, or a date with a time and an offset.
const ISO_8601: &str = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d))?$";

/// Whom a resource is for, as users write it and as the framework names it.
const ROLES: &[(&str, &str)] = &[("user", "User"), ("assistant", "Assistant")];

/// Where a resource is, and what a client is told about it.
#[derive(Default)]
pub(crate) struct ResourceKeys {
    pub(crate) uri: Option<Uri>,
    pub(crate) mime_type: Option<LitStr>,
    pub(crate) size: Option<LitInt>,
    /// Variants of `Role`.
    pub(crate) audience: Vec<&'static str>,
    pub(crate) priority: Option<f64>,
    pub(crate) last_modified: Option<LitStr>,
}

/// A URI, or a template of URIs.
pub(crate) struct Uri {
    pub(crate) literal: LitStr,
    pub(crate) template: Template,
}

impl ResourceKeys {
    pub(super) const KNOWN: &[&str] =
        &["mime_type", "size", "audience", "priority", "last_modified"];

    /// The URI stands first and has no key.
    pub(super) fn parse_uri(&mut self, input: ParseStream<'_>) -> Result<()> {
        if !input.peek(Lit) {
            return Err(missing(
                "a resource begins with its URI or template: `#[mcp_resource(\"notes://{id}\")]`",
            ));
        }
        let literal: LitStr = input.parse()?;
        self.uri = Some(Uri::new(literal)?);
        Ok(())
    }

    /// Whether `key` is one of these.
    pub(super) fn parse(&mut self, key: &str, input: ParseStream<'_>) -> Result<bool> {
        match key {
            "mime_type" => self.mime_type = Some(value(input)?),
            "size" => {
                let size: LitInt = value(input)?;
                size.base10_parse::<u64>()?;
                self.size = Some(size);
            }
            "audience" => self.audience = words(input, "role", ROLES)?,
            "priority" => self.priority = Some(value::<Priority>(input)?.0),
            "last_modified" => self.last_modified = Some(value::<Timestamp>(input)?.0),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl Uri {
    fn new(literal: LitStr) -> Result<Self> {
        match Template::parse(&literal.value()) {
            Ok(template) => Ok(Self { literal, template }),
            Err(fault) => Err(Error::new(literal.span(), fault)),
        }
    }

    /// Whether the value of `parameter` is a part of the URI, should it be an argument.
    pub(crate) fn binds(&self, parameter: &Parameter) -> bool {
        let mut variables = self.template.variables.iter();
        variables.any(|variable| parameter.reads(variable))
    }
}

struct Priority(f64);

impl Parse for Priority {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let negative = input.parse::<Option<Token![-]>>()?.is_some();
        let span = input.span();
        let value: f64 = if input.peek(LitInt) {
            input.parse::<LitInt>()?.base10_parse()?
        } else {
            input.parse::<LitFloat>()?.base10_parse()?
        };
        if negative || !(0.0..=1.0).contains(&value) {
            return Err(Error::new(span, "a priority is a number from 0.0 to 1.0"));
        }
        Ok(Self(value))
    }
}

struct Timestamp(LitStr);

impl Parse for Timestamp {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let literal: LitStr = input.parse()?;
        let valid = Regex::new(ISO_8601).is_ok_and(|form| form.is_match(&literal.value()));
        if !valid {
            return Err(Error::new(
                literal.span(),
                "expected a time as in ISO 8601, for example `2025-11-25T09:30:00Z`",
            ));
        }
        Ok(Self(literal))
    }
}
