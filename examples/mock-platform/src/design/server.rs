//! A server as a whole.

use super::{PromptDesign, ResourceDesign, ToolDesign};
use serde_json::Value;

/// A server that is data.
#[derive(Clone, Debug)]
pub struct ServerDesign {
    /// An opaque segment of a path: ASCII letters, digits, `-`, `_` and `.`, 64 at most, neither `.` nor `..`.
    pub id: String,
    /// What it calls itself.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it is, for people.
    pub description: Option<String>,
    /// Whether it can be called.
    pub status: Status,
    /// Who may call it.
    pub auth: AuthDesign,
    /// How closely it keeps to the protocol.
    pub profile: Profile,
    /// What is answered where `Accept` leaves it open.
    pub default_response: DefaultResponse,
    /// How many items a page of a list has; all of them without it.
    pub page_size: Option<usize>,
    /// Whether results carry the trace of their decision.
    pub debug: bool,
    /// Where randomness begins.
    pub seed: u64,
    /// Its tools.
    pub tools: Vec<ToolDesign>,
    /// Its resources and templates.
    pub resources: Vec<ResourceDesign>,
    /// Its prompts.
    pub prompts: Vec<PromptDesign>,
    /// RFC 3339, in UTC; set by the platform, not by whoever writes the design.
    pub created_at: Option<String>,
    /// As `created_at`.
    pub updated_at: Option<String>,
    /// The document this was read from, in the order it was written in: what is stored and shown.
    pub document: Value,
}

/// Whether a server can be called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// Not yet.
    #[default]
    Draft,
    /// It can.
    Published,
    /// Not any more.
    Disabled,
}

/// Who may call a server. Secrets are stored as digests (SHA-256, 64 hex digits), shown once when they are made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AuthDesign {
    /// `"none"`, or nothing: anybody.
    #[default]
    None,
    /// `{"type": "bearer", "token_sha256": "…"}`
    Bearer {
        /// 64 hex digits.
        token_sha256: String,
    },
    /// `{"type": "basic", "username": "…", "password_sha256": "…"}`
    Basic {
        /// Without a colon.
        username: String,
        /// 64 hex digits.
        password_sha256: String,
    },
    /// `{"type": "oauth2", "client_id": "…", "client_secret_sha256": "…"}`: client credentials.
    OAuth2 {
        /// Who asks for tokens.
        client_id: String,
        /// 64 hex digits.
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
    /// `"sse"`
    #[default]
    Sse,
    /// `"json"`
    Json,
}
