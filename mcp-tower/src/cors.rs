//! What browsers let pages of other origins do.

use crate::{
    exchange::{SESSION, VERSION},
    headers::{METHOD, NAME},
    reply::{self, Reply},
    standing::LAST_EVENT_ID,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts};
use std::time::Duration;

/// Lets pages of allowed origins use an endpoint from a browser.
///
/// Which origins these are is not said here: it is the list that
/// [`AllowedHosts`](crate::AllowedHosts) checks in any case. A page of another origin is refused
/// with 403, and its browser shows it nothing.
///
/// ```
/// # let server = mcp_tower::Server::builder("s", "1").build();
/// use mcp_tower::{AllowedHosts, Cors, McpService};
///
/// let hosts = AllowedHosts::new()
///     .allow_host("mcp.example.com")
///     .allow_origin("https://app.example.com");
/// let service = McpService::new(server).allowed_hosts(hosts).cors(Cors::new());
/// # let _ = service;
/// ```
///
/// A preflight is answered with 204 before any server is chosen, without a look at the caller:
/// browsers send no credentials with it. It allows [`REQUEST_HEADERS`](Self::REQUEST_HEADERS) and
/// each `Mcp-Param-…` header that it asks for. Every other answer, errors too, names the origin and
/// exposes [`RESPONSE_HEADERS`](Self::RESPONSE_HEADERS).
///
/// # Behind other layers
///
/// What a layer outside of the endpoint answers, a 401 or a 429, does not pass through it, so a
/// browser would hide it from the page. Then put the CORS of your HTTP stack outermost, with the
/// same lists, instead of this one:
///
/// ```
/// use http::HeaderName;
/// use mcp_tower::{AllowedHosts, Cors};
/// use tower_http::cors::{AllowOrigin, CorsLayer};
///
/// let hosts = AllowedHosts::new().allow_origin("https://app.example.com");
/// // `tower-http` does not know prefixes: name the arguments that your tools mirror.
/// let params = [HeaderName::from_static("mcp-param-region")];
/// let cors = CorsLayer::new()
///     .allow_origin(AllowOrigin::predicate(move |origin, _| hosts.allows_origin(origin)))
///     .allow_methods(Cors::METHODS)
///     .allow_headers(Cors::REQUEST_HEADERS.into_iter().chain(params).collect::<Vec<_>>())
///     .expose_headers(Cors::RESPONSE_HEADERS)
///     .max_age(Cors::MAX_AGE);
/// # let _ = cors;
/// ```
#[derive(Clone, Debug)]
pub struct Cors {
    credentials: bool,
    max_age: HeaderValue,
    request_headers: String,
    response_headers: HeaderValue,
}

impl Cors {
    /// The methods of an endpoint with sessions; without them it is `POST` alone.
    pub const METHODS: [Method; 3] = [Method::GET, Method::POST, Method::DELETE];

    /// What clients send; beside these, one [`Mcp-Param-…`](Self::PARAM_PREFIX) header for every
    /// argument that a tool mirrors.
    pub const REQUEST_HEADERS: [HeaderName; 8] = [
        header::CONTENT_TYPE,
        header::ACCEPT,
        header::AUTHORIZATION,
        VERSION,
        SESSION,
        LAST_EVENT_ID,
        METHOD,
        NAME,
    ];

    /// What pages may read beside what they may always read.
    pub const RESPONSE_HEADERS: [HeaderName; 2] = [SESSION, header::WWW_AUTHENTICATE];

    /// How the headers of mirrored arguments begin.
    pub const PARAM_PREFIX: &str = "mcp-param-";

    /// How long a browser may go by a preflight, unless said otherwise: two hours, the most that
    /// all of them accept.
    pub const MAX_AGE: Duration = Duration::from_secs(2 * 60 * 60);

    /// The lists of this type, no credentials.
    pub fn new() -> Self {
        Self {
            credentials: false,
            max_age: HeaderValue::from(Self::MAX_AGE.as_secs()),
            request_headers: list(&Self::REQUEST_HEADERS),
            response_headers: value(&list(&Self::RESPONSE_HEADERS)),
        }
    }

    /// Lets pages send the cookies and client certificates that the browser has for this host.
    ///
    /// Not needed for a token that the page itself puts into `Authorization`. It holds for allowed
    /// hosts and origins only: pages that [`allow_any_origin`] lets in stay without.
    ///
    /// [`allow_any_origin`]: crate::AllowedHosts::allow_any_origin
    #[must_use]
    pub fn credentials(mut self) -> Self {
        self.credentials = true;
        self
    }

    /// How long a browser may go by a preflight; whole seconds are sent.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = HeaderValue::from(age.as_secs());
        self
    }

    /// Lets pages send another header, for a layer of the application.
    #[must_use]
    pub fn allow_header(mut self, name: HeaderName) -> Self {
        push(&mut self.request_headers, &name);
        self
    }

    /// Lets pages read another header, such as `Retry-After` or `X-Request-Id`.
    #[must_use]
    pub fn expose_header(mut self, name: HeaderName) -> Self {
        let mut names = self
            .response_headers
            .to_str()
            .unwrap_or_default()
            .to_owned();
        push(&mut names, &name);
        self.response_headers = value(&names);
        self
    }

    /// Answers `OPTIONS`: a preflight, or the question which methods there are.
    pub(crate) fn options(&self, parts: &Parts, methods: &'static str) -> Reply {
        let mut reply = reply::empty(StatusCode::NO_CONTENT);
        let headers = reply.headers_mut();
        let methods = HeaderValue::from_static(methods);
        if !parts
            .headers
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
        {
            headers.insert(header::ALLOW, methods);
            return reply;
        }
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
        let allowed = self.with_params(&parts.headers);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, self.max_age.clone());
        let varies = "access-control-request-method, access-control-request-headers";
        headers.insert(header::VARY, HeaderValue::from_static(varies));
        reply
    }

    /// The allowed headers, and those of mirrored arguments that a preflight asks for. They are
    /// named one by one: a prefix means nothing to browsers.
    fn with_params(&self, asked: &HeaderMap) -> HeaderValue {
        let mut names = self.request_headers.clone();
        for asked in asked.get_all(header::ACCESS_CONTROL_REQUEST_HEADERS) {
            for name in asked.as_bytes().split(|&byte| byte == b',') {
                match HeaderName::from_bytes(name.trim_ascii()) {
                    Ok(name) if name.as_str().starts_with(Self::PARAM_PREFIX) => {
                        push(&mut names, &name);
                    }
                    _ => {}
                }
            }
        }
        value(&names)
    }

    /// Says what a page may do with a reply. `named` tells whether its origin is on the list, or
    /// only let in with all others.
    pub(crate) fn decorate(&self, reply: &mut Reply, origin: Option<HeaderValue>, named: bool) {
        let headers = reply.headers_mut();
        // Also without an origin: a cache must not answer a page with what was meant for none.
        headers.append(header::VARY, HeaderValue::from_static("origin"));
        if let Some(allow) = headers.get_mut(header::ALLOW) {
            *allow = value(&format!("{}, OPTIONS", allow.to_str().unwrap_or_default()));
        }
        let Some(origin) = origin else {
            return;
        };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        if self.credentials && named {
            let yes = HeaderValue::from_static("true");
            headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
        }
        let exposed = self.response_headers.clone();
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
}

impl Default for Cors {
    fn default() -> Self {
        Self::new()
    }
}

fn list(names: &[HeaderName]) -> String {
    let mut list = String::new();
    for name in names {
        push(&mut list, name);
    }
    list
}

fn push(list: &mut String, name: &HeaderName) {
    if !list.is_empty() {
        list.push_str(", ");
    }
    list.push_str(name.as_str());
}

/// Names of headers are always a value of one, unless they are too long for any.
fn value(list: &str) -> HeaderValue {
    HeaderValue::from_str(list).unwrap_or_else(|_| HeaderValue::from_static(""))
}
