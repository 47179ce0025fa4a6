//! The headers of modern requests, and whether they agree with the body.

use crate::{exchange::VERSION, header_value};
use http::{HeaderMap, HeaderName};
use mcp_core::{
    HeaderParam, HeaderType, Refusal, Request, Server,
    protocol::{ErrorCode, ErrorObject},
};
use serde_json::value::RawValue;
use std::{borrow::Cow, collections::HashMap};

pub(crate) const METHOD: HeaderName = HeaderName::from_static("mcp-method");
pub(crate) const NAME: HeaderName = HeaderName::from_static("mcp-name");

fn mismatch(header: &str) -> Refusal {
    let message = format!("the header `{header}` is missing or does not match the body");
    Refusal::envelope(ErrorObject::new(ErrorCode::HEADER_MISMATCH, message))
}

/// The one value of a header, as it is but for blanks around it.
fn literal<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let (value, None) = (values.next()?, values.next()) else {
        return None;
    };
    Some(value.to_str().ok()?.trim_matches([' ', '\t']))
}

/// The one value of a header, decoded.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<Cow<'a, str>> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() {
        return None;
    }
    header_value::decode(value).ok()
}

/// `MCP-Protocol-Version` is there and equals the claim.
pub(crate) fn check_version(headers: &HeaderMap, claim: &str) -> Result<(), Refusal> {
    match literal(headers, &VERSION) {
        Some(version) if version == claim => Ok(()),
        _ => Err(mismatch("MCP-Protocol-Version")),
    }
}

/// `Mcp-Method` is there and equals the method.
pub(crate) fn check_method(headers: &HeaderMap, method: &str) -> Result<(), Refusal> {
    match literal(headers, &METHOD) {
        Some(header) if header == method => Ok(()),
        _ => Err(mismatch("Mcp-Method")),
    }
}

/// `Mcp-Name` is there and equals the name in the parameters.
///
/// A body without a readable name has nothing to agree with; dispatch refuses it.
pub(crate) fn check_name(headers: &HeaderMap, name: Option<&str>) -> Result<(), Refusal> {
    let Some(name) = name else {
        return Ok(());
    };
    match single(headers, &NAME) {
        Some(header) if header == name => Ok(()),
        _ => Err(mismatch("Mcp-Name")),
    }
}

/// Every argument that the tool mirrors has its header, and no header contradicts an argument.
pub(crate) fn check_params(server: &Server, request: &mut Request) -> Result<(), Refusal> {
    let params = server.header_params(request);
    if params.is_empty() {
        return Ok(());
    }
    let Some(http) = request.http() else {
        return Ok(());
    };
    let arguments = request.facts().message.params().arguments.get();
    let arguments = arguments.map_or("{}", |arguments| arguments.as_str());
    for param in params.iter() {
        check_param(&http.headers, param, argument(arguments, &param.path))?;
    }
    Ok(())
}

fn check_param(
    headers: &HeaderMap,
    param: &HeaderParam,
    argument: Option<&str>,
) -> Result<(), Refusal> {
    let Ok(name) = HeaderName::try_from(&param.header) else {
        return Ok(());
    };
    let refuse = || mismatch(&param.header);
    match (argument, headers.contains_key(&name)) {
        (None, false) => Ok(()),
        (None, true) | (Some(_), false) => Err(refuse()),
        (Some(argument), true) => {
            let header = single(headers, &name).ok_or_else(refuse)?;
            let agrees = match param.kind {
                HeaderType::String => header_value::matches_string(&header, argument),
                HeaderType::Integer => header_value::matches_integer(&header, argument),
                HeaderType::Boolean => header_value::matches_boolean(&header, argument),
            };
            agrees.then_some(()).ok_or_else(refuse)
        }
    }
}

/// The JSON text of an argument; none when it, or anything on the way to it, is absent or null.
fn argument<'a>(arguments: &'a str, path: &[String]) -> Option<&'a str> {
    let mut value = arguments;
    for name in path {
        let members: HashMap<Cow<'_, str>, &'a RawValue> = serde_json::from_str(value).ok()?;
        value = members.get(name.as_str())?.get();
    }
    (value != "null").then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_found_by_path() {
        let arguments = r#"{"a":{"b":"x","n":null},"c":1}"#;
        let path = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(argument(arguments, &path("a.b")), Some("\"x\""));
        assert_eq!(argument(arguments, &path("c")), Some("1"));
        for absent in ["a.n", "a.x", "c.d", "z"] {
            assert_eq!(argument(arguments, &path(absent)), None);
        }
    }
}
