//! Blocks of content as MCP has them, Base64 and media types.

use super::{
    fault::DesignFaults as Faults,
    limits::{MAX_DESCRIPTION_BYTES, MAX_NAME_BYTES, MAX_STEPS, MAX_TEXT_BYTES, MAX_URI_BYTES},
    reader::{Node, Object, member_path},
    uri,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use mcp_tower::ContentBlock;
use serde::Deserialize;
use serde_json::Value;

#[derive(Clone, Copy)]
enum Kind {
    Text,
    /// An image or a sound.
    Data,
    Resource,
    Link,
}

const KINDS: [(&str, Kind); 5] = [
    ("text", Kind::Text),
    ("image", Kind::Data),
    ("audio", Kind::Data),
    ("resource", Kind::Resource),
    ("resource_link", Kind::Link),
];

impl Kind {
    const fn members(self) -> &'static [&'static str] {
        match self {
            Self::Text => &["type", "text", "annotations", "_meta"],
            Self::Data => &["type", "data", "mimeType", "annotations", "_meta"],
            Self::Resource => &["type", "resource", "annotations", "_meta"],
            Self::Link => &[
                "type",
                "uri",
                "name",
                "title",
                "description",
                "mimeType",
                "size",
                "icons",
                "annotations",
                "_meta",
            ],
        }
    }
}

/// A block, every member of which is known to the protocol.
pub(super) fn block(node: &Node<'_>, faults: &mut Faults) -> Option<ContentBlock> {
    let kind = match (node.value, node.value.get("type")) {
        (_, Some(kind)) => {
            let path = member_path(&node.path, "type");
            Node { value: kind, path }.word(&KINDS, faults)?
        }
        (Value::Object(_), None) => {
            faults.add(&member_path(&node.path, "type"), "is required");
            return None;
        }
        _ => {
            node.fault(faults, "expected an object");
            return None;
        }
    };
    let before = faults.0.len();
    let object = node.object(kind.members(), faults)?;
    match kind {
        Kind::Text => {
            object.required("text", faults, |node, faults| {
                node.text(MAX_TEXT_BYTES, faults)
            });
        }
        Kind::Data => {
            object.required("data", faults, base64);
            object.required("mimeType", faults, media_type);
        }
        Kind::Resource => {
            object.required("resource", faults, embedded);
        }
        Kind::Link => link(&object, faults),
    }
    object.optional("annotations", faults, annotations);
    object.optional("_meta", faults, meta);
    if faults.0.len() > before {
        return None;
    }
    // Nothing is left that the protocol would not have, but it has the last word.
    let block = ContentBlock::deserialize(node.value);
    block
        .map_err(|error| node.fault(faults, format!("is no block of content: {error}")))
        .ok()
}

fn embedded(node: &Node<'_>, faults: &mut Faults) -> Option<()> {
    let object = node.object(&["uri", "mimeType", "text", "blob", "_meta"], faults)?;
    object.required("uri", faults, uri::absolute);
    object.optional("mimeType", faults, media_type);
    object.optional("_meta", faults, meta);
    let (kind, node) = object.one_of(&["text", "blob"], faults)?;
    match kind {
        "text" => node.text(MAX_TEXT_BYTES, faults),
        _ => base64(&node, faults),
    };
    Some(())
}

fn link(object: &Object<'_>, faults: &mut Faults) {
    object.required("uri", faults, uri::absolute);
    object.required("name", faults, |node, faults| {
        node.name(MAX_NAME_BYTES, faults)
    });
    object.optional("title", faults, |node, faults| {
        node.text(MAX_NAME_BYTES, faults)
    });
    object.optional("description", faults, |node, faults| {
        node.text(MAX_DESCRIPTION_BYTES, faults)
    });
    object.optional("mimeType", faults, media_type);
    object.optional("size", faults, |node, faults| {
        node.whole(0, u64::MAX, faults)
    });
    object.optional("icons", faults, |node, faults| {
        node.list(MAX_STEPS, faults, icon)
    });
}

fn icon(node: &Node<'_>, faults: &mut Faults) -> Option<()> {
    let object = node.object(&["src", "mimeType", "sizes", "theme"], faults)?;
    object.required("src", faults, |node, faults| {
        node.name(MAX_URI_BYTES, faults)
    });
    object.optional("mimeType", faults, media_type);
    object.optional("sizes", faults, |node, faults| {
        node.list(MAX_STEPS, faults, |item, faults| {
            item.name(MAX_NAME_BYTES, faults)
        })
    });
    object.optional("theme", faults, |node, faults| {
        node.word(&[("light", ()), ("dark", ())], faults)
    });
    Some(())
}

fn annotations(node: &Node<'_>, faults: &mut Faults) -> Option<()> {
    let object = node.object(&["audience", "priority", "lastModified"], faults)?;
    object.optional("audience", faults, |node, faults| {
        node.list(MAX_STEPS, faults, |item, faults| {
            item.word(&[("user", ()), ("assistant", ())], faults)
        })
    });
    object.optional("priority", faults, |node, faults| {
        let priority = node.value.as_f64();
        if !priority.is_some_and(|priority| (0.0..=1.0).contains(&priority)) {
            node.fault(faults, "expected a number from 0 to 1");
        }
        priority
    });
    object.optional("lastModified", faults, |node, faults| {
        node.name(MAX_NAME_BYTES, faults)
    });
    Some(())
}

/// Free metadata; what is in it is nobody's business.
fn meta(node: &Node<'_>, faults: &mut Faults) -> Option<()> {
    if !node.value.is_object() {
        node.fault(faults, "expected an object");
        return None;
    }
    Some(())
}

/// `type/subtype`, and parameters perhaps.
pub(super) fn media_type(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    let text = node.name(MAX_NAME_BYTES, faults)?;
    let essence = text.split(';').next().unwrap_or_default().trim_end();
    let is_token = |part: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+*".contains(&byte);
        !part.is_empty() && part.bytes().all(allowed)
    };
    let is_media_type = essence
        .split_once('/')
        .is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype));
    if !is_media_type || text.contains(char::is_control) {
        node.fault(faults, "expected a media type, such as \"text/plain\"");
        return None;
    }
    Some(text)
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
