//! Blocks of content, and Base64.

use super::{
    fault::DesignFaults as Faults,
    limits::MAX_TEXT_BYTES,
    reader::{Node, member_path},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use mcp_tower::ContentBlock;
use serde::Deserialize;
use serde_json::Value;

/// A block as MCP has it.
pub(super) fn block(node: &Node<'_>, faults: &mut Faults) -> Option<ContentBlock> {
    let kinds = ["text", "image", "audio", "resource", "resource_link"].map(|kind| (kind, ()));
    if let Some(kind) = node.value.get("type") {
        let path = member_path(&node.path, "type");
        Node { value: kind, path }.word(&kinds, faults)?;
    }
    let block = match ContentBlock::deserialize(node.value) {
        Ok(block) => block,
        Err(error) => {
            node.fault(faults, format!("is no block of content: {error}"));
            return None;
        }
    };
    let member = |name| {
        node.value.get(name).map(|value| Node {
            value,
            path: member_path(&node.path, name),
        })
    };
    match &block {
        ContentBlock::Image { .. } | ContentBlock::Audio { .. } => {
            base64(&member("data")?, faults)?;
        }
        ContentBlock::Resource { resource, .. } => {
            let node = member("resource")?;
            match (&resource.text, node.value.get("blob")) {
                (Some(_), None) => {}
                (None, Some(value)) => {
                    let path = member_path(&node.path, "blob");
                    base64(&Node { value, path }, faults)?;
                }
                _ => {
                    node.fault(faults, "expected exactly one of `text`, `blob`");
                    return None;
                }
            }
        }
        _ => {}
    }
    Some(block)
}

/// Text that is Base64.
pub(super) fn base64(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    let is_base64 = match node.value {
        Value::String(text) => STANDARD.decode(text).is_ok(),
        _ => false,
    };
    if !is_base64 {
        node.fault(faults, "expected Base64");
        return None;
    }
    node.text(MAX_TEXT_BYTES, faults)
}
