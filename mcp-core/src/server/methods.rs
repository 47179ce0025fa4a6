//! The methods of the protocol: the only list of them.

use super::ProtocolExtension;
use crate::protocol::{Era, Params, Revision};

/// What is known of a method before its parameters are looked at.
#[derive(Clone, Copy, Debug)]
pub struct MethodInfo {
    pub(super) method: Method,
    name_source: Option<NameSource>,
}

impl MethodInfo {
    /// The parameter that `Mcp-Name` mirrors, when the method has one.
    pub fn name_source(&self) -> Option<NameSource> {
        self.name_source
    }

    /// Whether it is answered by notifications for as long as the client likes, so that there must
    /// be a way to send them, and no time limit applies.
    pub fn is_stream(&self) -> bool {
        matches!(self.method, Method::Listen)
    }

    /// Whether the method exists in a revision.
    pub(super) fn exists_in(&self, revision: Revision) -> bool {
        match self.method {
            Method::Initialize
            | Method::Ping
            | Method::SetLevel
            | Method::Subscribe
            | Method::Unsubscribe => revision.era() == Era::Legacy,
            Method::Discover | Method::Listen | Method::Extension(..) => {
                revision.era() == Era::Modern
            }
            _ => true,
        }
    }
}

/// The parameter that names what a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameSource {
    /// `params.name`.
    Name,
    /// `params.uri`.
    Uri,
    /// `params.taskId`.
    TaskId,
}

impl NameSource {
    /// The parameter's value, when it is there and a string.
    pub fn read(self, params: &Params) -> Option<&str> {
        let name = match self {
            Self::Name => &params.name,
            Self::Uri => &params.uri,
            Self::TaskId => &params.task_id,
        };
        name.get().map(|name| name.as_str())
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Method {
    Initialize,
    Ping,
    Discover,
    ToolsList,
    ToolsCall,
    PromptsList,
    PromptsGet,
    ResourcesList,
    TemplatesList,
    ResourcesRead,
    Complete,
    SetLevel,
    Subscribe,
    Unsubscribe,
    Listen,
    /// Positions of the extension and of its method.
    Extension(usize, usize),
}

/// Finds a method by its name.
pub(super) fn find(name: &str, extensions: &[ProtocolExtension]) -> Option<MethodInfo> {
    use NameSource::{Name, Uri};
    let (method, name_source) = match name {
        "initialize" => (Method::Initialize, None),
        "ping" => (Method::Ping, None),
        "server/discover" => (Method::Discover, None),
        "tools/list" => (Method::ToolsList, None),
        "tools/call" => (Method::ToolsCall, Some(Name)),
        "prompts/list" => (Method::PromptsList, None),
        "prompts/get" => (Method::PromptsGet, Some(Name)),
        "resources/list" => (Method::ResourcesList, None),
        "resources/templates/list" => (Method::TemplatesList, None),
        "resources/read" => (Method::ResourcesRead, Some(Uri)),
        "completion/complete" => (Method::Complete, None),
        "logging/setLevel" => (Method::SetLevel, None),
        "resources/subscribe" => (Method::Subscribe, None),
        "resources/unsubscribe" => (Method::Unsubscribe, None),
        "subscriptions/listen" => (Method::Listen, None),
        _ => return find_extension(name, extensions),
    };
    Some(MethodInfo {
        method,
        name_source,
    })
}

fn find_extension(name: &str, extensions: &[ProtocolExtension]) -> Option<MethodInfo> {
    extensions
        .iter()
        .enumerate()
        .find_map(|(index, extension)| {
            let position = extension.position(name)?;
            Some(MethodInfo {
                method: Method::Extension(index, position),
                name_source: extension.method_at(position)?.name_source,
            })
        })
}
