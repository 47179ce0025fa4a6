//! A server in a list.

use crate::design::{AuthDesign, ServerDesign, Status};
use schemars::JsonSchema;
use serde::Serialize;

/// A server without what it holds.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Summary {
    id: String,
    name: String,
    version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// `draft`, `published` or `disabled`.
    status: &'static str,
    /// `none`, `bearer`, `basic` or `oauth2`.
    auth: &'static str,
    /// The path of its endpoint.
    endpoint: String,
    tools: usize,
    resources: usize,
    prompts: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<String>,
}

impl From<&ServerDesign> for Summary {
    fn from(design: &ServerDesign) -> Self {
        Self {
            id: design.id.clone(),
            name: design.name.clone(),
            version: design.version.clone(),
            description: design.description.clone(),
            status: match design.status {
                Status::Draft => "draft",
                Status::Published => "published",
                Status::Disabled => "disabled",
            },
            auth: match design.auth {
                AuthDesign::None => "none",
                AuthDesign::Bearer { .. } => "bearer",
                AuthDesign::Basic { .. } => "basic",
                AuthDesign::OAuth2 { .. } => "oauth2",
            },
            endpoint: format!("/api/platform/{}/mcp", design.id),
            tools: design.tools.len(),
            resources: design.resources.len(),
            prompts: design.prompts.len(),
            created_at: design.created_at.clone(),
            updated_at: design.updated_at.clone(),
        }
    }
}
