//! Which server answers a request.

use super::{
    hosted::{Hosted, Live},
    profile,
};
use crate::{
    design::{AuthDesign, DefaultResponse, ServerDesign},
    platform::Platform,
};
use bytes::Bytes;
use http::{Response, StatusCode, header, request::Parts};
use mcp_tower::{AcceptPolicy, Principal, Refusal, Resolve, Resolved, Unresolved};

/// What is told of a server that is not there, or not for anybody to see.
const UNKNOWN: &str = r#"{"error":{"message":"No such server"}}"#;

/// What is told of a server that has access rules.
const UNCHECKED: &str = "access rules of servers cannot be checked yet";

/// Chooses the published server whose id is in the path.
#[derive(Clone, Debug)]
pub struct PlatformResolver(Platform);

impl PlatformResolver {
    pub(crate) fn new(platform: Platform) -> Self {
        Self(platform)
    }
}

impl Resolve for PlatformResolver {
    async fn resolve(&self, parts: &Parts, _: &Principal) -> Result<Resolved, Unresolved> {
        let hosted = server_of(parts.uri.path()).and_then(|id| self.0.hosted(id));
        let hosted = hosted.as_ref();
        let live = hosted.and_then(|hosted: &Hosted| Some((hosted.design(), hosted.live()?)));
        let (design, live) = live.ok_or_else(unknown)?;
        // Closed to everybody, as long as nothing here can tell callers apart.
        if design.auth != AuthDesign::None {
            return Err(Refusal::forbidden(UNCHECKED).into());
        }
        Ok(resolved(design, live))
    }
}

/// The id in a path that ends with `/{id}/mcp`.
fn server_of(path: &str) -> Option<&str> {
    let (_, id) = path.strip_suffix("/mcp")?.rsplit_once('/')?;
    Some(id)
}

/// How a design says that its server is to answer.
fn resolved(design: &ServerDesign, live: &Live) -> Resolved {
    let accept = match design.default_response {
        DefaultResponse::Sse => AcceptPolicy::NamedOrEvents,
        DefaultResponse::Json => AcceptPolicy::NamedOrJson,
    };
    Resolved::new(live.server.clone(), live.mount.clone())
        .accept(accept)
        .quirks(profile::quirks(design.profile))
}

fn unknown() -> Unresolved {
    let mut response = Response::new(Bytes::from_static(UNKNOWN.as_bytes()));
    *response.status_mut() = StatusCode::NOT_FOUND;
    let headers = response.headers_mut();
    let json = header::HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_TYPE, json);
    let unstored = header::HeaderValue::from_static("no-store");
    headers.insert(header::CACHE_CONTROL, unstored);
    response.into()
}
