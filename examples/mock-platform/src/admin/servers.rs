//! Servers.

use super::{Summary, document::Document, failure::Failure, id::Id};
use crate::{
    design::{ServerDesign, Status},
    platform::{Platform, PlatformError, TestReport},
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header::LOCATION};
use serde_json::{Map, Value, json};
use std::sync::Arc;

type Answer = Result<Json<Value>, Failure>;
type Created = Result<Response, Failure>;

/// What is stored and cannot be served is told beside the list.
pub(super) async fn list(State(platform): State<Platform>) -> Json<Value> {
    let servers = platform.servers();
    let servers: Vec<_> = servers
        .iter()
        .map(|server| Summary::from(&**server))
        .collect();
    Json(json!({ "servers": servers, "problems": platform.problems() }))
}

pub(super) async fn create(
    State(platform): State<Platform>,
    Document(document): Document,
) -> Created {
    Ok(created(&*platform.create(document).await?))
}

pub(super) async fn show(State(platform): State<Platform>, Id(id): Id) -> Answer {
    let design = platform.server(&id).ok_or_else(|| platform.missing(&id))?;
    Ok(Json(design.document.clone()))
}

pub(super) async fn replace(
    State(platform): State<Platform>,
    Id(id): Id,
    Document(document): Document,
) -> Answer {
    changed(platform.replace(&id, document).await)
}

pub(super) async fn patch(
    State(platform): State<Platform>,
    Id(id): Id,
    Document(patch): Document,
) -> Answer {
    changed(platform.patch(&id, &patch).await)
}

pub(super) async fn delete(
    State(platform): State<Platform>,
    Id(id): Id,
) -> Result<StatusCode, Failure> {
    platform.delete(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn publish(State(platform): State<Platform>, Id(id): Id) -> Answer {
    changed(platform.set_status(&id, Status::Published).await)
}

pub(super) async fn disable(State(platform): State<Platform>, Id(id): Id) -> Answer {
    changed(platform.set_status(&id, Status::Disabled).await)
}

pub(super) async fn duplicate(State(platform): State<Platform>, Id(id): Id) -> Created {
    Ok(created(&*platform.duplicate(&id).await?))
}

/// Sequences, the counter and randomness begin anew.
pub(super) async fn reset(
    State(platform): State<Platform>,
    Id(id): Id,
) -> Result<StatusCode, Failure> {
    platform.reset(&id)?;
    Ok(StatusCode::NO_CONTENT)
}

/// `{"tool", "arguments"}` in, what the tool would answer and why out.
pub(super) async fn test(
    State(platform): State<Platform>,
    Id(id): Id,
    Document(body): Document,
) -> Result<Json<TestReport>, Failure> {
    let tool = body.get("tool").and_then(Value::as_str);
    let tool = tool.ok_or_else(|| wrong("`tool` names the tool to try"))?;
    let none = Value::Object(Map::new());
    let arguments = body.get("arguments").unwrap_or(&none);
    if !arguments.is_object() {
        return Err(wrong("`arguments` is an object"));
    }
    Ok(Json(platform.test(&id, tool, arguments)?))
}

/// The OpenAPI document is the body; what comes of it is a draft.
pub(super) async fn import_openapi(
    State(platform): State<Platform>,
    Document(document): Document,
) -> Created {
    Ok(created(&*platform.import_openapi(document).await?))
}

pub(super) async fn import_mcp() -> Failure {
    let reason = "other servers cannot be asked for their designs yet; import OpenAPI instead";
    Failure::new(StatusCode::NOT_IMPLEMENTED, reason)
}

fn changed(design: Result<Arc<ServerDesign>, PlatformError>) -> Answer {
    Ok(Json(design?.document.clone()))
}

fn created(design: &ServerDesign) -> Response {
    let body = Json(design.document.clone());
    let mut response = (StatusCode::CREATED, body).into_response();
    // An id is fit for a path as it is.
    if let Ok(at) = HeaderValue::try_from(format!("/api/admin/servers/{}", design.id)) {
        response.headers_mut().insert(LOCATION, at);
    }
    response
}

fn wrong(reason: &str) -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, reason)
}
