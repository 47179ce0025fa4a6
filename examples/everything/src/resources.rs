//! Resources and a template.

use crate::content::PIXEL;
use mcp_tower::{Json, mcp_resource};
use serde::Serialize;

/// A text that never changes.
#[mcp_resource("test://static-text", title = "Static text", mime_type = "text/plain")]
pub(crate) async fn static_text() -> &'static str {
    "This is the content of the static text resource."
}

/// A picture that never changes.
#[mcp_resource(
    "test://static-binary",
    title = "Static picture",
    mime_type = "image/png"
)]
pub(crate) async fn static_binary() -> &'static [u8] {
    PIXEL
}

/// A text to watch.
#[mcp_resource(
    "test://watched-resource",
    title = "Watched text",
    mime_type = "text/plain"
)]
pub(crate) async fn watched() -> &'static str {
    "Watched resource content"
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Data {
    id: String,
    template_test: bool,
    data: String,
}

/// Data by id.
#[mcp_resource(
    "test://template/{id}/data",
    title = "Data",
    mime_type = "application/json"
)]
pub(crate) async fn template(id: String) -> Json<Data> {
    let data = format!("Data for ID: {id}");
    Json(Data {
        id,
        template_test: true,
        data,
    })
}
