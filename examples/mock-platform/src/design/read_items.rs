//! Tools, resources and prompts, as documents write them.

use super::{
    PromptArgument, PromptDesign, PromptMessage, ResourceContents, ResourceDesign, Scenario,
    ToolDesign,
    fault::DesignFaults as Faults,
    limits::{
        MAX_DESCRIPTION_BYTES, MAX_NAME_BYTES, MAX_SCENARIOS, MAX_STEPS, MAX_TEXT_BYTES, MAX_VALUES,
    },
    placeholder::{self, Scope},
    read_content,
    read_scenario::{self, Allowed},
    reader::{Node, Object},
    schema, uri,
};
use mcp_tower::{Role, protocol::ToolAnnotations};
use serde::Deserialize;
use serde_json::json;

/// What all kinds of items say.
struct About {
    title: Option<String>,
    description: Option<String>,
    enabled: bool,
}

impl About {
    fn read(object: &Object<'_>, faults: &mut Faults) -> Option<Self> {
        let title = object.optional("title", faults, |node, faults| {
            node.text(MAX_NAME_BYTES, faults)
        });
        let description = description(object, faults);
        let enabled = object.optional("enabled", faults, Node::boolean);
        Some(Self {
            title: title?,
            description: description?,
            enabled: enabled?.unwrap_or(true),
        })
    }
}

fn description(object: &Object<'_>, faults: &mut Faults) -> Option<Option<String>> {
    object.optional("description", faults, |node, faults| {
        node.text(MAX_DESCRIPTION_BYTES, faults)
    })
}

/// A name of a tool or a prompt, as the framework wants it.
fn token(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    let name = node.text(MAX_TEXT_BYTES, faults)?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    if !(1..=128).contains(&name.len()) || !name.bytes().all(allowed) {
        node.fault(faults, "a name is 1 to 128 of A-Z a-z 0-9 _ - .");
        return None;
    }
    Some(name)
}

fn scenarios(
    object: &Object<'_>,
    allowed: Allowed<'_>,
    faults: &mut Faults,
) -> Option<Vec<Scenario>> {
    let read = object.optional("scenarios", faults, |node, faults| {
        node.list(MAX_SCENARIOS, faults, |item, faults| {
            read_scenario::scenario(item, allowed, faults)
        })
    });
    read.map(Option::unwrap_or_default)
}

pub(super) fn tool(node: &Node<'_>, faults: &mut Faults) -> Option<ToolDesign> {
    const MEMBERS: [&str; 9] = [
        "name",
        "title",
        "description",
        "inputSchema",
        "outputSchema",
        "annotations",
        "enabled",
        "scenarios",
        "default",
    ];
    let object = node.object(&MEMBERS, faults)?;
    let name = object.required("name", faults, token);
    let about = About::read(&object, faults);
    let input = object.optional("inputSchema", faults, schema::input);
    let output = object.optional("outputSchema", faults, schema::output);
    let annotations = object.optional("annotations", faults, hints);
    let scope = Scope {
        arguments: true,
        names: &[],
    };
    let allowed = Allowed {
        scope,
        content: true,
        output: output.as_ref().and_then(Option::as_ref),
    };
    let scenarios = scenarios(&object, allowed, faults);
    let default = object.get("default");
    if let Some(default) = &default {
        read_scenario::response(default, allowed, faults);
    }
    let about = about?;
    Some(ToolDesign {
        name: name?,
        title: about.title,
        description: about.description,
        input_schema: input?.unwrap_or_else(|| json!({"type": "object"})),
        output_schema: output?,
        annotations: annotations?,
        enabled: about.enabled,
        scenarios: scenarios?,
        default: default.map(|node| node.value.clone()),
    })
}

fn hints(node: &Node<'_>, faults: &mut Faults) -> Option<ToolAnnotations> {
    const HINTS: [&str; 5] = [
        "title",
        "readOnlyHint",
        "destructiveHint",
        "idempotentHint",
        "openWorldHint",
    ];
    let object = node.object(&HINTS, faults)?;
    let title = object.optional("title", faults, |node, faults| {
        node.text(MAX_NAME_BYTES, faults)
    });
    let hints = HINTS[1..].iter();
    let hints: Vec<_> = hints
        .map(|hint| object.optional(hint, faults, Node::boolean))
        .collect();
    title.filter(|_| hints.iter().all(Option::is_some))?;
    let read = ToolAnnotations::deserialize(node.value);
    read.map_err(|error| node.fault(faults, format!("is no set of hints: {error}")))
        .ok()
}

pub(super) fn resource(node: &Node<'_>, faults: &mut Faults) -> Option<ResourceDesign> {
    const MEMBERS: [&str; 10] = [
        "uri",
        "name",
        "title",
        "description",
        "mimeType",
        "enabled",
        "text",
        "json",
        "blob",
        "scenarios",
    ];
    let object = node.object(&MEMBERS, faults)?;
    let uri = object.required("uri", faults, uri::template);
    let name = object.required("name", faults, |node, faults| {
        node.name(MAX_NAME_BYTES, faults)
    });
    let about = About::read(&object, faults);
    let mime_type = object.optional("mimeType", faults, read_content::media_type);
    // Where the URI is wrong nobody knows the variables, and what is said of them would mislead.
    let (variables, is_known) = match &uri {
        Some((_, variables)) => (variables.as_slice(), true),
        None => (&[][..], false),
    };
    let scope = Scope {
        arguments: false,
        names: variables,
    };
    let contents = contents(&object, is_known.then_some(scope), faults);
    let scenarios = match (object.get("scenarios"), variables.is_empty()) {
        (Some(node), true) if is_known => {
            node.fault(
                faults,
                "only templates have scenarios: the URI has no variables",
            );
            None
        }
        (Some(_), _) if !is_known => None,
        _ => {
            let scope = Scope {
                arguments: true,
                names: variables,
            };
            scenarios(
                &object,
                Allowed {
                    scope,
                    content: false,
                    output: None,
                },
                faults,
            )
        }
    };
    let about = about?;
    Some(ResourceDesign {
        uri: uri?.0,
        name: name?,
        title: about.title,
        description: about.description,
        mime_type: mime_type?,
        enabled: about.enabled,
        contents: contents?,
        scenarios: scenarios?,
    })
}

/// What is read; its placeholders are checked where it is known what they may name.
fn contents(
    object: &Object<'_>,
    scope: Option<Scope<'_>>,
    faults: &mut Faults,
) -> Option<ResourceContents> {
    let (kind, node) = object.one_of(&["text", "json", "blob"], faults)?;
    if let Some(scope) = scope.filter(|_| kind != "blob") {
        placeholder::check(&node, scope, faults);
    }
    match kind {
        "text" => node
            .text(MAX_TEXT_BYTES, faults)
            .map(ResourceContents::Text),
        "json" => Some(ResourceContents::Json(node.value.clone())),
        _ => read_content::base64(&node, faults).map(ResourceContents::Blob),
    }
}

pub(super) fn prompt(node: &Node<'_>, faults: &mut Faults) -> Option<PromptDesign> {
    let members = [
        "name",
        "title",
        "description",
        "enabled",
        "arguments",
        "messages",
    ];
    let object = node.object(&members, faults)?;
    let name = object.required("name", faults, token);
    let about = About::read(&object, faults);
    let arguments = object.optional("arguments", faults, |node, faults| {
        let arguments = node.list(MAX_STEPS, faults, argument)?;
        let names = arguments.iter().map(|argument| argument.name.as_str());
        duplicates(node, "name", "argument", names.enumerate(), faults);
        Some(arguments)
    });
    let arguments = arguments.map(Option::unwrap_or_default);
    let names: Option<Vec<String>> = arguments.as_ref().map(|arguments| {
        arguments
            .iter()
            .map(|argument| argument.name.clone())
            .collect()
    });
    let messages = object.required("messages", faults, |node, faults| {
        node.list(MAX_STEPS, faults, |item, faults| {
            message(item, names.as_deref(), faults)
        })
    });
    let about = about?;
    Some(PromptDesign {
        name: name?,
        title: about.title,
        description: about.description,
        enabled: about.enabled,
        arguments: arguments?,
        messages: messages?,
    })
}

fn argument(node: &Node<'_>, faults: &mut Faults) -> Option<PromptArgument> {
    let object = node.object(&["name", "description", "required", "values"], faults)?;
    let name = object.required("name", faults, |node, faults| {
        node.name(MAX_NAME_BYTES, faults)
    });
    let description = description(&object, faults);
    let required = object.optional("required", faults, Node::boolean);
    let values = object.optional("values", faults, |node, faults| {
        node.list(MAX_VALUES, faults, |item, faults| {
            item.text(MAX_NAME_BYTES, faults)
        })
    });
    Some(PromptArgument {
        name: name?,
        description: description?,
        required: required?.unwrap_or(false),
        values: values?.unwrap_or_default(),
    })
}

fn message(
    node: &Node<'_>,
    names: Option<&[String]>,
    faults: &mut Faults,
) -> Option<PromptMessage> {
    let object = node.object(&["role", "text"], faults)?;
    let roles = [("user", Role::User), ("assistant", Role::Assistant)];
    let role = object.required("role", faults, |node, faults| node.word(&roles, faults));
    let text = object.required("text", faults, |node, faults| {
        if let Some(names) = names {
            placeholder::check(
                node,
                Scope {
                    arguments: false,
                    names,
                },
                faults,
            );
        }
        node.text(MAX_TEXT_BYTES, faults)
    });
    Some(PromptMessage {
        role: role?,
        text: text?,
    })
}

/// Tells which items of a list have a name that another one has before them.
pub(super) fn duplicates<'a>(
    list: &Node<'_>,
    member: &str,
    kind: &str,
    names: impl IntoIterator<Item = (usize, &'a str)>,
    faults: &mut Faults,
) {
    let mut seen = std::collections::HashSet::new();
    for (index, name) in names {
        if !seen.insert(name) {
            let path = format!("{}/{index}/{member}", list.path);
            faults.add(&path, format!("another {kind} before it has this {member}"));
        }
    }
}
