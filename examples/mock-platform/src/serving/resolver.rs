//! Which server answers a request, and whom.

use super::{
    hosted::{Hosted, Live},
    profile,
};
use crate::{
    access::PublicUrl,
    design::{DefaultResponse, ServerDesign},
    platform::Platform,
};
use bytes::Bytes;
use http::{Response, StatusCode, header, request::Parts};
use mcp_tower::{AcceptPolicy, Principal, Resolve, Resolved, Unresolved};

/// What is told of a server that is not there, or not for anybody to see.
const UNKNOWN: &str = r#"{"error":{"message":"No such server"}}"#;

/// Chooses the published server whose id is in the path, with its access rules.
#[derive(Clone, Debug)]
pub struct PlatformResolver {
    platform: Platform,
    public_url: PublicUrl,
}

impl PlatformResolver {
    pub(crate) fn new(platform: Platform) -> Self {
        Self {
            platform,
            public_url: PublicUrl::default(),
        }
    }

    /// Says where the platform is, for those who need a token of a server.
    #[must_use]
    pub fn at(mut self, public_url: PublicUrl) -> Self {
        self.public_url = public_url;
        self
    }
}

impl Resolve for PlatformResolver {
    async fn resolve(&self, parts: &Parts, _: &Principal) -> Result<Resolved, Unresolved> {
        let hosted = server_of(parts.uri.path()).and_then(|id| self.platform.hosted(id));
        let hosted = hosted.as_ref();
        let live = hosted.and_then(|hosted: &Hosted| Some((hosted.design(), hosted.live()?)));
        let (design, live) = live.ok_or_else(unknown)?;
        let resolved = resolved(design, live);
        match live.access.auth(&design.id, &self.public_url) {
            Ok(None) => Ok(resolved),
            Ok(Some(auth)) => Ok(resolved.authorize(auth)),
            Err(error) => {
                tracing::error!(%error, id = design.id, "a server with tokens has no name");
                Err(unknown().into())
            }
        }
    }
}

/// The id in the path of an endpoint.
fn server_of(path: &str) -> Option<&str> {
    path.strip_prefix("/api/platform/")?.strip_suffix("/mcp")
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

pub(crate) fn unknown() -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(UNKNOWN.as_bytes()));
    *response.status_mut() = StatusCode::NOT_FOUND;
    let headers = response.headers_mut();
    let json = header::HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_TYPE, json);
    let unstored = header::HeaderValue::from_static("no-store");
    headers.insert(header::CACHE_CONTROL, unstored);
    response
}
