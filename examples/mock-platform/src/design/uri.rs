//! URIs, and templates of them.

use super::{fault::DesignFaults as Faults, limits::MAX_URI_BYTES, reader::Node};
use mcp_tower::core::Template;

/// A URI.
pub(super) fn absolute(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    let uri = node.text(MAX_URI_BYTES, faults)?;
    let scheme = uri.split_once(':').map_or("", |(scheme, _)| scheme);
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    if !scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        || !scheme.bytes().all(allowed)
    {
        node.fault(faults, "a URI starts with a scheme and a colon");
        return None;
    }
    if uri.contains(|char: char| char.is_whitespace() || char.is_control()) {
        node.fault(faults, "a URI has no blanks");
        return None;
    }
    Some(uri)
}

/// A URI or a template, and its variables.
pub(super) fn template(node: &Node<'_>, faults: &mut Faults) -> Option<(String, Vec<String>)> {
    let uri = absolute(node, faults)?;
    match Template::parse(&uri) {
        Ok(template) => Some((uri, template.variables())),
        Err(error) => {
            node.fault(faults, error.to_string());
            None
        }
    }
}
