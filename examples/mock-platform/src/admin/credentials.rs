//! Credentials of a server, which are shown when they are made and never again.

use super::{document::Document, failure::Failure, id::Id};
use crate::{
    access::{Credentials, Kind, PublicUrl, secret},
    platform::Platform,
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header::CACHE_CONTROL};

/// What makes them.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    pub(super) platform: Platform,
    pub(super) public_url: PublicUrl,
}

/// `{"type"?: "bearer" | "basic" | "oauth2"}` in, or nothing, for the type that the server has.
pub(super) async fn make(
    State(desk): State<Desk>,
    Id(id): Id,
    body: Option<Document>,
) -> Result<Response, Failure> {
    let wanted = body.as_ref().map(wanted).transpose()?.flatten();
    let made = Credentials::make(&desk.platform, &id, wanted, secret()?).await?;
    let told = made.tell(&id, &desk.public_url);
    Ok(([(CACHE_CONTROL, "no-store")], Json(told)).into_response())
}

fn wanted(Document(body): &Document) -> Result<Option<Kind>, Failure> {
    let wrong = || Failure::new(StatusCode::BAD_REQUEST, "`type` is bearer, basic or oauth2");
    let members = body.as_object().ok_or_else(wrong)?;
    let kind = members
        .get("type")
        .map(|kind| kind.as_str().and_then(Kind::parse));
    kind.map(|kind| kind.ok_or_else(wrong)).transpose()
}
