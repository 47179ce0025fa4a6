use super::{
    MetadataService, ResourceMetadata, TokenError, TokenValidator,
    bearer::{self, Bearer},
    challenge::Challenges,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts};
use mcp_core::{
    Refusal, RefusalKind, Scopes,
    protocol::{ErrorCode, ErrorObject},
};
use std::{fmt, sync::Arc, time::Duration};

/// How long a caller waits before it asks again while tokens cannot be checked, unless the
/// validator knows better.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Who may call an endpoint: every request carries a bearer token, and each is checked.
///
/// This makes an endpoint a resource server of OAuth 2 (RFC 6750, RFC 9728, and the authorization
/// chapter of MCP). Give it to [`McpService::authorize`](crate::McpService::authorize), or put
/// [`AuthLayer`](super::AuthLayer) around a whole stack.
///
/// ```
/// use mcp_tower::{McpService, Principal, Server};
/// use mcp_tower::auth::{ApiKeys, Auth, Identity, ResourceMetadata};
///
/// # let server = Server::builder("notes", "1").build();
/// let metadata = ResourceMetadata::new("https://example.com/mcp", ["https://login.example.com"])?
///     .with_scopes("notes:read".parse()?);
/// let keys = ApiKeys::new().with_key(
///     "d0ce2d7a6ab1f6c8a2d3f6d1d5c7e2c4d5b6f0f7c1a2b3c4d5e6f70819202122",
///     Identity::new(Principal::new("api-keys", "ci")),
/// )?;
/// let service = McpService::new(server).authorize(Auth::new(keys, metadata));
/// # let _ = service;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// | A request with | is answered |
/// |---|---|
/// | no token, or one in the query | 401 and where to get one |
/// | two `Authorization` headers, or one that cannot be read | 400 `invalid_request` |
/// | a token that the validator refuses | 401 `invalid_token` |
/// | a good token that lacks a scope | 403 `insufficient_scope`, with all that is needed |
/// | a token that nobody can check right now | 503 with `Retry-After` |
///
/// A request that is let in has the [`Identity`](super::Identity), the
/// [`Principal`](mcp_core::Principal) and the [`Scopes`] of its caller in `http::Extensions`. Its
/// `Authorization` header is removed, so that no handler can log or forward the token. Preflight
/// requests of browsers carry no token and pass.
#[derive(Clone)]
pub struct Auth {
    inner: Arc<Inner>,
}

/// What else follows from granted scopes.
type Expand = dyn Fn(&Scopes) -> Scopes + Send + Sync;

#[derive(Clone)]
struct Inner {
    validator: Arc<dyn TokenValidator>,
    metadata: ResourceMetadata,
    well_known: MetadataService,
    required: Scopes,
    challenges: Challenges,
    expand: Option<Arc<Expand>>,
    optional: bool,
    keeps_token: bool,
}

impl Auth {
    /// Requires a token that the validator accepts.
    pub fn new(validator: impl TokenValidator, metadata: ResourceMetadata) -> Self {
        Self {
            inner: Arc::new(Inner {
                validator: Arc::new(validator),
                well_known: MetadataService::new(&metadata),
                required: Scopes::none(),
                challenges: Challenges::new(&metadata, metadata.scopes()),
                metadata,
                expand: None,
                optional: false,
                keeps_token: false,
            }),
        }
    }

    /// Scopes without which no request is served. What single operations need beyond them is
    /// declared on the operations.
    #[must_use]
    pub fn require(self, scopes: Scopes) -> Self {
        self.with(|inner| {
            let named = if scopes.is_empty() {
                inner.metadata.scopes()
            } else {
                &scopes
            };
            inner.challenges = Challenges::new(&inner.metadata, named);
            inner.required = scopes;
        })
    }

    /// What scopes imply others: the closure gets what the token grants and answers with
    /// everything that follows.
    ///
    /// ```
    /// # use mcp_tower::{auth::Auth, core::Scopes};
    /// # fn of(auth: Auth) -> Auth {
    /// auth.expand_scopes(|granted| {
    ///     let implied = granted.contains("admin").then_some(["notes:read", "notes:write"]);
    ///     granted.iter().chain(implied.into_iter().flatten()).collect()
    /// })
    /// # }
    /// ```
    #[must_use]
    pub fn expand_scopes<F>(self, expand: F) -> Self
    where
        F: Fn(&Scopes) -> Scopes + Send + Sync + 'static,
    {
        self.with(|inner| inner.expand = Some(Arc::new(expand)))
    }

    /// Serves requests without a token too; whoever sends one still has it checked.
    ///
    /// Without a token a caller is anonymous, unless a layer outside says who it is, and holds no
    /// scopes.
    #[must_use]
    pub fn optional(self) -> Self {
        self.with(|inner| inner.optional = true)
    }

    /// Leaves the `Authorization` header in the request, marked as sensitive. A token is made for
    /// this endpoint alone: whoever forwards it breaks the rules of MCP.
    #[must_use]
    pub fn keep_token(self) -> Self {
        self.with(|inner| inner.keeps_token = true)
    }

    /// The document about this endpoint.
    pub fn metadata(&self) -> &ResourceMetadata {
        &self.inner.metadata
    }

    fn with(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        change(Arc::make_mut(&mut self.inner));
        self
    }

    pub(crate) fn well_known(&self) -> &MetadataService {
        &self.inner.well_known
    }

    /// Completes what an operation could not say.
    pub(crate) fn complete(&self, reply: &mut HeaderMap) {
        self.inner.challenges.complete(reply);
    }

    /// Lets a request in, or says why not.
    pub(crate) async fn authorize(&self, parts: &mut Parts) -> Result<(), Refusal> {
        let inner = &*self.inner;
        let bearer = match Bearer::read(&parts.uri, &parts.headers) {
            _ if is_preflight(parts) => None,
            Ok(None) if bearer::has_query_token(&parts.uri) || !inner.optional => {
                return Err(inner.no_token());
            }
            Ok(bearer) => bearer,
            Err(malformed) => return Err(inner.malformed(malformed.0)),
        };
        match parts.headers.get_mut(header::AUTHORIZATION) {
            Some(token) if inner.keeps_token => token.set_sensitive(true),
            Some(_) => drop(parts.headers.remove(header::AUTHORIZATION)),
            None => {}
        }
        let Some(bearer) = bearer else {
            return Ok(());
        };
        let identity = inner.validator.validate(bearer.token()).await;
        let mut identity = identity.map_err(|error| inner.refused(&error))?;
        if let Some(expand) = &inner.expand {
            let scopes = expand(identity.scopes());
            identity = identity.with_scopes(scopes);
        }
        if !identity.scopes().contains_all(&inner.required) {
            let challenge = &inner.challenges.insufficient_scope;
            return Err(refuse(
                StatusCode::FORBIDDEN,
                "the token lacks a scope",
                challenge,
            ));
        }
        identity.enter(&mut parts.extensions);
        Ok(())
    }
}

impl Inner {
    fn no_token(&self) -> Refusal {
        let message = "a bearer token is needed";
        refuse(StatusCode::UNAUTHORIZED, message, &self.challenges.no_token)
    }

    fn malformed(&self, message: &'static str) -> Refusal {
        refuse(
            StatusCode::BAD_REQUEST,
            message,
            &self.challenges.invalid_request,
        )
    }

    fn refused(&self, error: &TokenError) -> Refusal {
        if error.is_invalid() {
            tracing::debug!(reason = %error, "a token was refused");
            let message = "the token is not valid";
            return refuse(
                StatusCode::UNAUTHORIZED,
                message,
                &self.challenges.invalid_token,
            );
        }
        let source = std::error::Error::source(error);
        tracing::warn!(error = source, "tokens cannot be checked");
        let message = ErrorObject::new(ErrorCode::INTERNAL_ERROR, "tokens cannot be checked now");
        Refusal::new(
            RefusalKind::Overloaded,
            StatusCode::SERVICE_UNAVAILABLE,
            message,
        )
        .with_retry_after(error.retry_after().unwrap_or(RETRY_AFTER))
    }
}

fn refuse(status: StatusCode, message: &'static str, challenge: &HeaderValue) -> Refusal {
    let error = ErrorObject::invalid_request(message);
    Refusal::new(RefusalKind::Authorization, status, error).with_challenge(challenge.clone())
}

/// Whether a browser asks, on behalf of a page, if a request may be made.
fn is_preflight(parts: &Parts) -> bool {
    parts.method == Method::OPTIONS
        && parts.headers.contains_key(header::ORIGIN)
        && parts
            .headers
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth")
            .field("metadata", &self.inner.metadata)
            .field("required", &self.inner.required)
            .field("optional", &self.inner.optional)
            .finish_non_exhaustive()
    }
}
