//! Structured results.

use serde::{Deserialize, Serialize};

/// A value that a tool returns as structured content, or a resource as JSON text.
///
/// Its type's schema becomes the tool's output schema; the value is repeated as text for clients
/// that read only content.
///
/// ```
/// use mcp_core::{Json, mcp_tool};
///
/// #[derive(serde::Serialize, schemars::JsonSchema)]
/// struct Weather {
///     city: String,
///     degrees: f64,
/// }
///
/// #[mcp_tool]
/// async fn weather(city: String) -> Json<Weather> {
///     Json(Weather { city, degrees: 21.5 })
/// }
/// ```
// No `JsonSchema`: a parameter of this type would be neither argument nor extractor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json<T>(pub T);
