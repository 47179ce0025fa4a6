use super::{
    InvalidRealm, MetadataService, ResourceMetadata, TokenError, TokenValidator,
    challenge::Challenges,
    credentials::{Malformed, Scheme},
    realm::Realm,
};
use crate::reply::Reply;
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
/// [`new`](Self::new) makes an endpoint a resource server of OAuth 2 (RFC 6750, RFC 9728, and the
/// authorization chapter of MCP). Where there is no authorization server,
/// [`with_realm`](Self::with_realm) takes tokens that were handed out by hand, and
/// [`basic`](Self::basic) users with passwords.
///
/// Give it to [`McpService::authorize`](crate::McpService::authorize), to one server of many with
/// [`Resolved::authorize`](crate::Resolved::authorize), or put [`AuthLayer`](super::AuthLayer)
/// around a whole stack.
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
///
/// With `Basic`, where challenges have no words for errors, those with 400 and 403 have none.
#[derive(Clone)]
pub struct Auth {
    inner: Arc<Inner>,
}

/// What else follows from granted scopes.
type Expand = dyn Fn(&Scopes) -> Scopes + Send + Sync;

#[derive(Clone)]
struct Inner {
    validator: Arc<dyn TokenValidator>,
    scheme: Scheme,
    /// What clients have to know to get a token, where there is something to know.
    document: Option<MetadataService>,
    required: Scopes,
    challenges: Challenges,
    expand: Option<Arc<Expand>>,
    optional: bool,
    keeps_token: bool,
}

impl Auth {
    /// Requires a token that the validator accepts, and says where to get one.
    pub fn new(validator: impl TokenValidator, metadata: ResourceMetadata) -> Self {
        let document = Some(MetadataService::new(&metadata));
        let challenges = Challenges::documented(&metadata);
        Self::of(validator, Scheme::Bearer, document, challenges)
    }

    /// Requires a token that the validator accepts, and that callers have got by hand: there is no
    /// authorization server, and no document. The realm tells people what the token is for.
    ///
    /// ```
    /// use mcp_tower::{McpService, auth::{ApiKeys, Auth}};
    ///
    /// # fn of(server: mcp_tower::Server, keys: ApiKeys) -> Result<(), mcp_tower::auth::InvalidRealm> {
    /// // Challenges are `Bearer realm="Notes"`.
    /// let service = McpService::new(server).authorize(Auth::with_realm(keys, "Notes")?);
    /// # let _ = service; Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When the realm cannot be written into a challenge.
    pub fn with_realm(validator: impl TokenValidator, realm: &str) -> Result<Self, InvalidRealm> {
        let challenges = Challenges::bearer_in(Realm::new(realm)?);
        Ok(Self::of(validator, Scheme::Bearer, None, challenges))
    }

    /// Requires a user and a password that the validator accepts (RFC 7617): the
    /// [`Token`](super::Token) that it gets is `user:password`. The first colon is where the user
    /// ends.
    ///
    /// Clients of MCP speak OAuth; this is for programs that let people set a header. Passwords
    /// cross the network with each request: use it with TLS, and with long random ones.
    ///
    /// ```
    /// use mcp_tower::{McpService, Principal, auth::{ApiKeys, Auth, Identity}};
    ///
    /// # fn of(server: mcp_tower::Server) -> Result<(), Box<dyn std::error::Error>> {
    /// // Of `ada:correct-horse-battery-staple`; a real password is random.
    /// let digest = "04815e6a3638654a38259b43a381b5df36592b3c21b9cef167a9d3b5ddc7956e";
    /// let users = ApiKeys::new().with_key(digest, Identity::new(Principal::new("users", "ada")))?;
    /// let service = McpService::new(server).authorize(Auth::basic(users, "Notes")?);
    /// # let _ = service; Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When the realm cannot be written into a challenge.
    pub fn basic(validator: impl TokenValidator, realm: &str) -> Result<Self, InvalidRealm> {
        let challenges = Challenges::basic_in(Realm::new(realm)?);
        Ok(Self::of(validator, Scheme::Basic, None, challenges))
    }

    fn of(
        validator: impl TokenValidator,
        scheme: Scheme,
        document: Option<MetadataService>,
        challenges: Challenges,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                validator: Arc::new(validator),
                scheme,
                document,
                required: Scopes::none(),
                challenges,
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
            let metadata = inner.document.as_ref().map(MetadataService::metadata);
            let named = match metadata {
                Some(metadata) if scopes.is_empty() => metadata.scopes(),
                _ => &scopes,
            };
            inner.challenges = inner.challenges.asking_for(named);
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

    /// The document about this endpoint; `None` where there is no authorization server.
    pub fn metadata(&self) -> Option<&ResourceMetadata> {
        self.inner.document.as_ref().map(MetadataService::metadata)
    }

    fn with(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        change(Arc::make_mut(&mut self.inner));
        self
    }

    /// Whether a path is one of those of the document.
    pub(crate) fn answers(&self, path: &str) -> bool {
        let document = self.inner.document.as_ref();
        document.is_some_and(|document| document.is_at(path))
    }

    /// The document, if the path is one of its own: what anybody may read, from any origin.
    pub(crate) fn document(&self, method: &Method, path: &str) -> Option<Reply> {
        self.inner.document.as_ref()?.answer(method, path)
    }

    /// Completes what an operation could not say.
    pub(crate) fn complete(&self, reply: &mut HeaderMap) {
        self.inner.challenges.complete(reply);
    }

    /// Lets a request in, or says why not.
    pub(crate) async fn authorize(&self, parts: &mut Parts) -> Result<(), Refusal> {
        let inner = &*self.inner;
        let scheme = inner.scheme;
        let credentials = match scheme.read(&parts.uri, &parts.headers) {
            _ if is_preflight(parts) => None,
            Ok(None) if scheme.is_misplaced(&parts.uri) || !inner.optional => {
                return Err(inner.no_token());
            }
            Ok(credentials) => credentials,
            Err(malformed) => return Err(inner.malformed(malformed)),
        };
        match parts.headers.get_mut(header::AUTHORIZATION) {
            Some(token) if inner.keeps_token => token.set_sensitive(true),
            Some(_) => drop(parts.headers.remove(header::AUTHORIZATION)),
            None => {}
        }
        let Some(credentials) = credentials else {
            return Ok(());
        };
        let identity = inner.validator.validate(credentials.token()).await;
        let mut identity = identity.map_err(|error| inner.refused(&error))?;
        if let Some(expand) = &inner.expand {
            let scopes = expand(identity.scopes());
            identity = identity.with_scopes(scopes);
        }
        if !identity.scopes().contains_all(&inner.required) {
            let challenge = &inner.challenges.insufficient_scope;
            let message = "the token lacks a scope";
            return Err(refuse(StatusCode::FORBIDDEN, message, challenge.as_ref()));
        }
        identity.enter(&mut parts.extensions);
        Ok(())
    }
}

impl Inner {
    fn no_token(&self) -> Refusal {
        let challenge = Some(&self.challenges.no_token);
        refuse(StatusCode::UNAUTHORIZED, self.scheme.needed(), challenge)
    }

    fn malformed(&self, Malformed(message): Malformed) -> Refusal {
        let challenge = self.challenges.invalid_request.as_ref();
        refuse(StatusCode::BAD_REQUEST, message, challenge)
    }

    fn refused(&self, error: &TokenError) -> Refusal {
        if error.is_invalid() {
            tracing::debug!(reason = %error, "a token was refused");
            let challenge = Some(&self.challenges.invalid_token);
            return refuse(StatusCode::UNAUTHORIZED, self.scheme.wrong(), challenge);
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

fn refuse(status: StatusCode, message: &'static str, challenge: Option<&HeaderValue>) -> Refusal {
    let error = ErrorObject::invalid_request(message);
    let refusal = Refusal::new(RefusalKind::Authorization, status, error);
    match challenge {
        Some(challenge) => refusal.with_challenge(challenge.clone()),
        None => refusal,
    }
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
            .field("scheme", &self.inner.scheme)
            .field("metadata", &self.metadata())
            .field("required", &self.inner.required)
            .field("optional", &self.inner.optional)
            .finish_non_exhaustive()
    }
}
