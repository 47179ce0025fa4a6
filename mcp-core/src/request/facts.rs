//! What an operation depends on, apart from the process it runs in.

use super::TraceContext;
use crate::{
    principal::{Mount, Principal},
    protocol::{
        Capability, ClientCapabilities, Implementation, LogLevel, ProgressToken, RawJson,
        RequestMessage, Revision,
    },
    scopes::Scopes,
};
use serde::{Deserialize, Serialize};

/// The facts of a call: the message, the revision it is spoken in, who calls, through which mount,
/// and what the client can do. They serialize, and a call can be repeated from them alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Facts {
    /// The message: raw text beside a typed view.
    pub message: RequestMessage,
    /// The revision the call is answered in.
    pub revision: Revision,
    /// Who calls.
    pub principal: Principal,
    /// What the caller was granted; nothing, unless a layer says so.
    #[serde(default)]
    pub scopes: Scopes,
    /// Through which mount.
    pub mount: Mount,
    /// What the client says of itself.
    pub client: Client,
    /// The lowest level of log messages to send; none are sent without one.
    pub log_level: Option<LogLevel>,
}

impl Facts {
    /// The facts of a message from an anonymous caller on an unnamed mount.
    ///
    /// What a modern message says of its client in `_meta` is taken over.
    #[inline]
    pub fn new(message: RequestMessage, revision: Revision) -> Self {
        let meta = &message.params().meta;
        Self {
            client: Client {
                capabilities: meta.client_capabilities.get().cloned(),
                info: meta.client_info.get().cloned(),
            },
            log_level: meta.log_level.get().copied(),
            principal: Principal::Anonymous,
            scopes: Scopes::none(),
            mount: Mount::unnamed(),
            message,
            revision,
        }
    }

    /// Says who calls.
    #[must_use]
    #[inline]
    pub fn with_principal(mut self, principal: Principal) -> Self {
        self.principal = principal;
        self
    }

    /// Says what the caller was granted.
    #[must_use]
    #[inline]
    pub fn with_scopes(mut self, scopes: Scopes) -> Self {
        self.scopes = scopes;
        self
    }

    /// Says through which mount.
    #[must_use]
    #[inline]
    pub fn with_mount(mut self, mount: Mount) -> Self {
        self.mount = mount;
        self
    }

    /// What a session agreed on about the client.
    #[must_use]
    #[inline]
    pub fn with_client(mut self, client: Client) -> Self {
        self.client = client;
        self
    }

    /// Sets the lowest level of log messages to send.
    #[must_use]
    #[inline]
    pub fn with_log_level(mut self, level: Option<LogLevel>) -> Self {
        self.log_level = level;
        self
    }

    /// The trace that the call is part of, as its message says. Parsed anew each time.
    pub fn trace(&self) -> TraceContext {
        TraceContext::of(&self.message.params().meta)
    }

    /// Where progress of the call goes.
    pub fn progress_token(&self) -> Option<&ProgressToken> {
        self.message.params().meta.progress_token.get()
    }
}

/// What a client says of itself: declared per request, or once per session.
///
/// Kept raw, since most calls never look.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Client {
    /// `ClientCapabilities`.
    pub capabilities: Option<RawJson>,
    /// `Implementation`. Unverified.
    pub info: Option<RawJson>,
}

impl Client {
    /// What `initialize` said.
    #[inline]
    pub fn new(capabilities: Option<RawJson>, info: Option<RawJson>) -> Self {
        Self { capabilities, info }
    }

    /// The declared capabilities; none when they cannot be read.
    pub fn capabilities(&self) -> ClientCapabilities {
        self.capabilities
            .as_ref()
            .and_then(|raw| raw.parse().ok())
            .unwrap_or_default()
    }

    /// Whether one capability was declared.
    pub fn supports(&self, capability: Capability) -> bool {
        self.capabilities().supports(capability)
    }

    /// Name and version, for logs.
    pub fn info(&self) -> Option<Implementation> {
        self.info.as_ref()?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::from_json;

    #[test]
    fn facts_survive_a_journey() {
        let body = r#"{"jsonrpc":"2.0","id":"x","method":"tools/call","params":{"name":"add","arguments":{"a":1},"extra":[1],"_meta":{"progressToken":9}}}"#;
        let facts = from_json(body, Revision::V2026_07_28)
            .facts()
            .clone()
            .with_principal(Principal::new("issuer", "ada"))
            .with_scopes(Scopes::parse("notes:read").unwrap())
            .with_mount(Mount::new("m"));
        let text = serde_json::to_string(&facts).unwrap();
        let back: Facts = serde_json::from_str(&text).unwrap();
        assert_eq!(back.message.raw().as_str(), body);
        assert_eq!(back.principal, facts.principal);
        assert_eq!(back.scopes, facts.scopes);
        assert_eq!(back.progress_token(), facts.progress_token());
        assert_eq!(back.message.params().name, facts.message.params().name);
    }
}
