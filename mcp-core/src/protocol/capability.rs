//! What clients and servers say they can do.

use super::RawJson;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A client capability that an operation can require.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Capability {
    /// `sampling`.
    Sampling,
    /// `sampling.tools`.
    SamplingTools,
    /// `elicitation` in form mode.
    Elicitation,
    /// `elicitation.url`.
    ElicitationUrl,
    /// `roots`.
    Roots,
}

impl Capability {
    /// The path of the capability inside `ClientCapabilities`.
    const fn path(self) -> &'static [&'static str] {
        match self {
            Self::Sampling => &["sampling"],
            Self::SamplingTools => &["sampling", "tools"],
            Self::Elicitation => &["elicitation"],
            Self::ElicitationUrl => &["elicitation", "url"],
            Self::Roots => &["roots"],
        }
    }

    /// The `ClientCapabilities` object that declares exactly these.
    ///
    /// ```
    /// use mcp_core::Capability::{Elicitation, Sampling};
    ///
    /// let declared = mcp_core::Capability::declaration(&[Sampling]);
    /// assert_eq!(declared.as_str(), r#"{"sampling":{}}"#);
    ///
    /// // Alone, `{}` would mean the same; beside other modes it has to be named.
    /// let declared = mcp_core::Capability::declaration(&[Elicitation]);
    /// assert_eq!(declared.as_str(), r#"{"elicitation":{"form":{}}}"#);
    /// ```
    pub fn declaration(declared: &[Self]) -> RawJson {
        let mut object = Self::object(declared);
        // Alone, `{}` means form mode; beside another mode it has to be named.
        if declared.contains(&Self::Elicitation)
            && let Some(Value::Object(modes)) = object.get_mut("elicitation")
        {
            modes.insert("form".to_owned(), Value::Object(Map::new()));
        }
        RawJson::from_serialize(&object).unwrap_or(RawJson::EMPTY_OBJECT)
    }

    /// The smallest `ClientCapabilities` object that declares all of `wanted`.
    pub(crate) fn object(wanted: &[Self]) -> Map<String, Value> {
        let mut root = Map::new();
        for capability in wanted {
            let mut place = &mut root;
            for key in capability.path() {
                let entry = place
                    .entry(*key)
                    .or_insert_with(|| Value::Object(Map::new()));
                let Value::Object(next) = entry else { break };
                place = next;
            }
        }
        root
    }
}

/// What a client declared: in `initialize`, or in the `_meta` of a modern request.
///
/// ```
/// use mcp_core::protocol::{Capability, ClientCapabilities};
///
/// let declared: ClientCapabilities = serde_json::from_str(r#"{"elicitation":{}}"#)?;
/// assert!(declared.supports(Capability::Elicitation));
/// assert!(!declared.supports(Capability::ElicitationUrl));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClientCapabilities {
    /// Asking the user; `{}` means form mode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elicitation: Option<Map<String, Value>>,
    /// Asking the client's model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampling: Option<Map<String, Value>>,
    /// File-system roots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roots: Option<Map<String, Value>>,
    /// Extensions by identifier (2026-07-28).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extensions: Option<Map<String, Value>>,
    /// Anything else, kept.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl ClientCapabilities {
    /// Whether `capability` was declared.
    pub fn supports(&self, capability: Capability) -> bool {
        let has = |group: &Option<Map<String, Value>>, key: &str| {
            group.as_ref().is_some_and(|group| group.contains_key(key))
        };
        match capability {
            Capability::Sampling => self.sampling.is_some(),
            Capability::SamplingTools => has(&self.sampling, "tools"),
            // An empty object is form mode, the only mode there was at first.
            Capability::Elicitation => self
                .elicitation
                .as_ref()
                .is_some_and(|modes| modes.contains_key("form") || !modes.contains_key("url")),
            Capability::ElicitationUrl => has(&self.elicitation, "url"),
            Capability::Roots => self.roots.is_some(),
        }
    }

    /// Whether the extension with this identifier was declared.
    pub fn extension(&self, identifier: &str) -> bool {
        self.extensions
            .as_ref()
            .is_some_and(|extensions| extensions.contains_key(identifier))
    }
}

/// What a server offers. Only capabilities that are served are advertised.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ServerCapabilities {
    /// `tools/list` and `tools/call`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<ListCapability>,
    /// `prompts/list` and `prompts/get`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompts: Option<ListCapability>,
    /// `resources/list`, `resources/templates/list` and `resources/read`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<ResourcesCapability>,
    /// `completion/complete` (from 2025-03-26).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completions: Option<EmptyCapability>,
    /// `logging/setLevel`, or `logLevel` on modern requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logging: Option<EmptyCapability>,
    /// Extensions by identifier (2026-07-28).
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extensions: Map<String, Value>,
}

/// A capability without settings: `{}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EmptyCapability {}

/// The settings of `tools` and `prompts`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ListCapability {
    /// Whether changes of the list are announced.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub list_changed: bool,
}

/// The settings of `resources`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ResourcesCapability {
    /// Whether changes of single resources are announced.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub subscribe: bool,
    /// Whether changes of the list are announced.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub list_changed: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn required_capabilities_are_an_object_of_objects() {
        let object = Capability::object(&[Capability::ElicitationUrl, Capability::Sampling]);
        assert_eq!(
            Value::Object(object),
            serde_json::json!({"elicitation": {"url": {}}, "sampling": {}})
        );
    }

    #[test]
    fn elicitation_is_form_unless_only_url_is_named() {
        let supports = |text: &str, capability| {
            serde_json::from_str::<ClientCapabilities>(text)
                .unwrap()
                .supports(capability)
        };
        assert!(supports(
            r#"{"elicitation":{"form":{},"url":{}}}"#,
            Capability::Elicitation
        ));
        assert!(!supports(
            r#"{"elicitation":{"url":{}}}"#,
            Capability::Elicitation
        ));
        assert!(supports(
            r#"{"elicitation":{"url":{}}}"#,
            Capability::ElicitationUrl
        ));
        assert!(!supports("{}", Capability::Elicitation));
    }
}
