//! A server as a whole.

use super::{PromptDesign, ResourceDesign, ToolDesign};
use serde_json::Value;

/// A server that is data.
#[derive(Clone, Debug)]
pub struct ServerDesign {
    /// An opaque segment of a path: ASCII letters, digits, `-`, `_` and `.`, 64 at most, neither `.` nor `..`.
    pub id: String,
    pub name: String,
    pub version: String,
    pub description: Option<String>,
    pub status: Status,
    pub auth: AuthDesign,
    pub profile: Profile,
    pub default_response: DefaultResponse,
    /// How many items a page of a list has; all of them without it.
    pub page_size: Option<usize>,
    /// Whether results carry the trace of their decision.
    pub debug: bool,
    /// Where randomness begins.
    pub seed: u64,
    pub tools: Vec<ToolDesign>,
    pub resources: Vec<ResourceDesign>,
    pub prompts: Vec<PromptDesign>,
    /// RFC 3339, in UTC; set by the platform, not by whoever writes the design.
    pub created_at: Option<String>,
    pub updated_at: Option<String>,
    /// The document this was read from, in the order it was written in: what is stored and shown.
    pub document: Value,
}

/// Whether a server can be called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    #[default]
    Draft,
    Published,
    Disabled,
}

/// Who may call a server. Secrets are stored as digests (SHA-256, 64 hex digits), shown once when they are made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AuthDesign {
    /// `"none"`, or nothing: anybody.
    #[default]
    None,
    /// `{"type": "bearer", "token_sha256": "…"}`
    Bearer { token_sha256: String },
    /// `{"type": "basic", "username": "…", "password_sha256": "…"}`
    Basic {
        username: String,
        password_sha256: String,
    },
    /// `{"type": "oauth2", "client_id": "…", "client_secret_sha256": "…"}`: client credentials.
    OAuth2 {
        client_id: String,
        client_secret_sha256: String,
    },
}

/// How closely a server keeps to the protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// `"standard"`
    #[default]
    Standard,
    /// `"ma2d-strict"`: as the product that this one stands in for answers.
    Ma2dStrict,
}

/// What is answered where `Accept` names neither JSON nor events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DefaultResponse {
    #[default]
    Sse,
    Json,
}

impl ServerDesign {
    /// Reads a design.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(document: &Value) -> Result<Self, super::DesignFaults> {
        let _ = document;
        Err(super::DesignFaults(Vec::new()))
    }
}
