//! How a client and a server introduce themselves.

use super::{ClientCapabilities, Icon, Revision, ServerCapabilities};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Name and version of a client or server. Unverified: log it, never decide by it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Implementation {
    /// A name for programs.
    pub name: Cow<'static, str>,
    /// A name for people (from 2025-06-18).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Cow<'static, str>>,
    /// The version.
    pub version: Cow<'static, str>,
    /// What it is (from 2025-11-25).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Cow<'static, str>>,
    /// Where it lives (from 2025-11-25).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website_url: Option<Cow<'static, str>>,
    /// Icons (from 2025-11-25).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub icons: Vec<Icon>,
}

impl Implementation {
    /// Name and version.
    pub fn new(name: impl Into<Cow<'static, str>>, version: impl Into<Cow<'static, str>>) -> Self {
        Self {
            name: name.into(),
            title: None,
            version: version.into(),
            description: None,
            website_url: None,
            icons: Vec::new(),
        }
    }
}

/// The parameters of `initialize`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct InitializeParams {
    /// The revision the client would like; any text, since it may be newer than this library.
    pub protocol_version: String,
    /// What the client can do.
    pub capabilities: ClientCapabilities,
    /// Who the client says it is.
    pub client_info: Implementation,
}

/// The answer to `initialize`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct InitializeResult {
    /// The revision both will speak.
    pub protocol_version: Revision,
    /// What the server offers.
    pub capabilities: ServerCapabilities,
    /// Who the server is.
    pub server_info: Implementation,
    /// How to use the server, for the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<Cow<'static, str>>,
}

impl InitializeResult {
    pub(crate) fn new(
        protocol_version: Revision,
        capabilities: ServerCapabilities,
        server_info: Implementation,
        instructions: Option<Cow<'static, str>>,
    ) -> Self {
        Self {
            protocol_version,
            capabilities,
            server_info,
            instructions,
        }
    }
}

/// The answer to `server/discover` (2026-07-28), less what every modern result carries.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DiscoverResult {
    /// Every revision served, newest first.
    pub supported_versions: Vec<Revision>,
    /// What the server offers.
    pub capabilities: ServerCapabilities,
    /// How to use the server, for the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<Cow<'static, str>>,
}

impl DiscoverResult {
    /// `forced` is the only revision that a handshake agrees on, where there is such a one.
    pub(crate) fn new(
        capabilities: ServerCapabilities,
        instructions: Option<Cow<'static, str>>,
        forced: Option<Revision>,
    ) -> Self {
        let agreed = Revision::LEGACY
            .into_iter()
            .filter(|revision| forced.is_none_or(|forced| forced == *revision));
        let supported_versions = Revision::MODERN.into_iter().chain(agreed).collect();
        Self {
            supported_versions,
            capabilities,
            instructions,
        }
    }
}
