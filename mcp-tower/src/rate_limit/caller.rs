use crate::{PeerAddr, exchange::SESSION};
use http::{Extensions, HeaderMap};
use mcp_core::{Mount, Principal, Request};
use std::net::IpAddr;

/// What is known of a request where it is limited, for keys of your own.
///
/// Around HTTP that is less than inside a server: nothing has been read yet, so there is neither a
/// session nor an operation. What headers claim there is not verified, and a caller who makes up
/// names in them is a new caller each time.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    extensions: &'a Extensions,
    headers: Option<&'a HeaderMap>,
    principal: &'a Principal,
    inside: Option<&'a Request>,
}

impl<'a> Caller<'a> {
    pub(super) fn of_http<B>(request: &'a http::Request<B>) -> Self {
        let extensions = request.extensions();
        Self {
            extensions,
            headers: Some(request.headers()),
            principal: extensions.get().unwrap_or(&Principal::Anonymous),
            inside: None,
        }
    }

    pub(super) fn of_mcp(request: &'a Request) -> Self {
        Self {
            extensions: request.extensions(),
            headers: request.http().map(|http| &http.headers),
            principal: &request.facts().principal,
            inside: Some(request),
        }
    }

    /// Who calls.
    pub fn principal(&self) -> &'a Principal {
        self.principal
    }

    /// The address of the other end, when somebody has set [`PeerAddr`].
    pub fn address(&self) -> Option<IpAddr> {
        let PeerAddr(address) = self.extensions.get()?;
        Some(address.ip())
    }

    /// What outer layers have put beside the request.
    pub fn extensions(&self) -> &'a Extensions {
        self.extensions
    }

    /// The headers, where there is HTTP.
    pub fn headers(&self) -> Option<&'a HeaderMap> {
        self.headers
    }

    /// The mount; none around HTTP.
    pub fn mount(&self) -> Option<&'a Mount> {
        Some(&self.inside?.facts().mount)
    }

    /// The id of the session that the request belongs to; none around HTTP and in the modern era.
    pub fn session(&self) -> Option<&'a str> {
        self.inside?.session()?;
        self.headers?.get(SESSION)?.to_str().ok()
    }

    /// The method, such as `tools/call`; none around HTTP.
    pub fn method(&self) -> Option<&'a str> {
        Some(self.inside?.method())
    }

    /// The tool, prompt or resource that the request is about; none around HTTP.
    pub fn target(&self) -> Option<&'a str> {
        self.inside?.target_name()
    }
}
