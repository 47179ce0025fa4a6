//! A design as a whole, as its document writes it.

use super::{
    AuthDesign, DefaultResponse, DesignFaults, Profile, ServerDesign, Status,
    fault::DesignFaults as Faults,
    limits::{
        MAX_DESCRIPTION_BYTES, MAX_DOCUMENT_DEPTH, MAX_ITEMS, MAX_NAME_BYTES, MAX_PAGE_SIZE,
        MAX_READ_BYTES,
    },
    read_items::{self, duplicates},
    reader::{Node, Object},
};
use serde_json::Value;

const MEMBERS: [&str; 16] = [
    "id",
    "name",
    "version",
    "description",
    "status",
    "auth",
    "profile",
    "default_response",
    "page_size",
    "debug",
    "seed",
    "tools",
    "resources",
    "prompts",
    "created_at",
    "updated_at",
];

impl ServerDesign {
    /// Reads a design from its document.
    ///
    /// # Errors
    /// Everything that is wrong with it at once, each fault with its JSON Pointer; see the limits in
    /// [`limits`](super::limits).
    ///
    /// ```
    /// use mock_platform::design::ServerDesign;
    /// use serde_json::json;
    ///
    /// let design = json!({"id": "abc123", "name": "Forecast", "version": "1.0.0", "tols": []});
    /// let faults = ServerDesign::parse(&design).unwrap_err();
    /// assert_eq!(faults.to_string(), "/tols: unknown member \"tols\"; did you mean \"tools\"?");
    /// ```
    pub fn parse(document: &Value) -> Result<Self, DesignFaults> {
        let mut faults = Faults::default();
        let root = Node::root(document);
        if is_too_deep(document) {
            root.fault(
                &mut faults,
                format!("is nested deeper than {MAX_DOCUMENT_DEPTH} levels"),
            );
            return Err(faults);
        }
        if document.to_string().len() > MAX_READ_BYTES {
            root.fault(
                &mut faults,
                format!("is longer than {MAX_READ_BYTES} bytes"),
            );
            return Err(faults);
        }
        match server(&root, &mut faults) {
            Some(design) if faults.0.is_empty() => Ok(design),
            _ => Err(faults),
        }
    }
}

/// Asked before anything walks through the document by recursion.
fn is_too_deep(document: &Value) -> bool {
    let mut open = vec![(document, 1)];
    while let Some((value, depth)) = open.pop() {
        if depth > MAX_DOCUMENT_DEPTH {
            return true;
        }
        match value {
            Value::Array(items) => open.extend(items.iter().map(|item| (item, depth + 1))),
            Value::Object(members) => open.extend(members.values().map(|item| (item, depth + 1))),
            _ => {}
        }
    }
    false
}

fn server(root: &Node<'_>, faults: &mut Faults) -> Option<ServerDesign> {
    let object = root.object(&MEMBERS, faults)?;
    let name = |node: &Node<'_>, faults: &mut Faults| node.name(MAX_NAME_BYTES, faults);
    let id = object.required("id", faults, id);
    let server_name = object.required("name", faults, name);
    let version = object.required("version", faults, name);
    let description = object.optional("description", faults, |node, faults| {
        node.text(MAX_DESCRIPTION_BYTES, faults)
    });
    let statuses = [
        ("draft", Status::Draft),
        ("published", Status::Published),
        ("disabled", Status::Disabled),
    ];
    let status = object.optional("status", faults, |node, faults| {
        node.word(&statuses, faults)
    });
    let auth = object.optional("auth", faults, auth);
    let profiles = [
        ("standard", Profile::Standard),
        ("ma2d-strict", Profile::Ma2dStrict),
    ];
    let profile = object.optional("profile", faults, |node, faults| {
        node.word(&profiles, faults)
    });
    let responses = [
        ("sse", DefaultResponse::Sse),
        ("json", DefaultResponse::Json),
    ];
    let default_response = object.optional("default_response", faults, |node, faults| {
        node.word(&responses, faults)
    });
    let page_size = object.optional("page_size", faults, |node, faults| {
        usize::try_from(node.whole(1, MAX_PAGE_SIZE, faults)?).ok()
    });
    let debug = object.optional("debug", faults, Node::boolean);
    let seed = object.optional("seed", faults, |node, faults| {
        node.whole(0, u64::MAX, faults)
    });
    let tools = items(&object, "tools", faults, read_items::tool, ("name", "tool"));
    let resources = items(
        &object,
        "resources",
        faults,
        read_items::resource,
        ("uri", "resource"),
    );
    let prompts = items(
        &object,
        "prompts",
        faults,
        read_items::prompt,
        ("name", "prompt"),
    );
    let created_at = object.optional("created_at", faults, name);
    let updated_at = object.optional("updated_at", faults, name);
    Some(ServerDesign {
        id: id?,
        name: server_name?,
        version: version?,
        description: description?,
        status: status?.unwrap_or_default(),
        auth: auth?.unwrap_or_default(),
        profile: profile?.unwrap_or_default(),
        default_response: default_response?.unwrap_or_default(),
        page_size: page_size?,
        debug: debug?.unwrap_or_default(),
        seed: seed?.unwrap_or_default(),
        tools: tools?,
        resources: resources?,
        prompts: prompts?,
        created_at: created_at?,
        updated_at: updated_at?,
        document: root.value.clone(),
    })
}

/// The items of one kind. Names are compared even where some items have faults.
fn items<T>(
    object: &Object<'_>,
    list: &str,
    faults: &mut Faults,
    mut read: impl FnMut(&Node<'_>, &mut Faults) -> Option<T>,
    (member, kind): (&str, &str),
) -> Option<Vec<T>> {
    let items = object.optional(list, faults, |node, faults| {
        let names: Vec<(usize, &str)> = node.value.as_array().map_or_else(Vec::new, |items| {
            let named = items.iter().enumerate();
            named
                .filter_map(|(index, item)| Some((index, item.get(member)?.as_str()?)))
                .collect()
        });
        duplicates(node, member, kind, names, faults);
        node.list(MAX_ITEMS, faults, |item, faults| read(item, faults))
    });
    items.map(Option::unwrap_or_default)
}

fn id(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    let id = node.text(MAX_NAME_BYTES, faults)?;
    if !is_id(&id) {
        node.fault(
            faults,
            "an id is 1 to 64 of A-Z a-z 0-9 - _ ., and does not begin with a dot",
        );
        return None;
    }
    Some(id)
}

/// Whether a design may have this id: it is a segment of a path, and names a file that is not hidden.
pub(crate) fn is_id(id: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=64).contains(&id.len()) && id.bytes().all(allowed) && !id.starts_with('.')
}

fn auth(node: &Node<'_>, faults: &mut Faults) -> Option<AuthDesign> {
    #[derive(Clone, Copy)]
    enum Kind {
        None,
        Bearer,
        Basic,
        OAuth2,
    }
    if node.value.is_string() {
        return node
            .word(&[("none", ())], faults)
            .map(|()| AuthDesign::None);
    }
    let kinds = [
        ("none", Kind::None),
        ("bearer", Kind::Bearer),
        ("basic", Kind::Basic),
        ("oauth2", Kind::OAuth2),
    ];
    // What else is known depends on the type, so it is looked at first.
    let all = [
        "type",
        "token_sha256",
        "username",
        "password_sha256",
        "client_id",
        "client_secret_sha256",
    ];
    let kind = match node.value.get("type") {
        Some(value) => {
            let path = format!("{}/type", node.path);
            Node { value, path }.word(&kinds, faults)?
        }
        None => {
            let object = node.object(&all, faults)?;
            object.required("type", faults, |node, faults| node.word(&kinds, faults))?
        }
    };
    let known: &[&str] = match kind {
        Kind::None => &["type"],
        Kind::Bearer => &["type", "token_sha256"],
        Kind::Basic => &["type", "username", "password_sha256"],
        Kind::OAuth2 => &["type", "client_id", "client_secret_sha256"],
    };
    let object = node.object(known, faults)?;
    let name = |node: &Node<'_>, faults: &mut Faults| node.name(MAX_NAME_BYTES, faults);
    Some(match kind {
        Kind::None => AuthDesign::None,
        Kind::Bearer => AuthDesign::Bearer {
            token_sha256: object.required("token_sha256", faults, digest)?,
        },
        Kind::Basic => {
            let username = object.required("username", faults, |node, faults| {
                let name = name(node, faults)?;
                if name.contains(':') {
                    node.fault(faults, "expected a name without a colon");
                }
                Some(name)
            });
            let password = object.required("password_sha256", faults, digest);
            AuthDesign::Basic {
                username: username?,
                password_sha256: password?,
            }
        }
        Kind::OAuth2 => {
            let client_id = object.required("client_id", faults, name);
            let secret = object.required("client_secret_sha256", faults, digest);
            AuthDesign::OAuth2 {
                client_id: client_id?,
                client_secret_sha256: secret?,
            }
        }
    })
}

fn digest(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    let is_digest = |text: &&str| {
        text.len() == 64
            && text
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let digest = node.value.as_str().filter(is_digest);
    if digest.is_none() {
        node.fault(
            faults,
            "expected a SHA-256 digest: 64 hex digits in lower case",
        );
    }
    digest.map(str::to_owned)
}
