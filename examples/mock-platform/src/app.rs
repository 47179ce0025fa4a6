//! Which path is answered by what.

use crate::{
    access::{self, PublicUrl},
    admin::{self, AdminKey},
    management,
    platform::Platform,
    serving::CutLayer,
    web,
};
use axum::{Router, middleware::from_fn_with_state};
use mcp_tower::McpService;
use std::{fmt, time::Duration};
use tower::ServiceBuilder;

/// What an application is put together from, beside its platform.
#[derive(Clone)]
#[non_exhaustive]
pub struct AppOptions {
    /// What opens the rooms of administrators.
    pub admin_key: String,
    /// Where the platform is, as its clients write it. Requests for this host are answered, beside
    /// those for this machine.
    pub public_url: PublicUrl,
    /// How long a token is good that a server with `oauth2` issues: an hour.
    pub token_time: Duration,
}

impl AppOptions {
    /// With this key for administrators.
    pub fn new(admin_key: impl Into<String>) -> Self {
        Self {
            admin_key: admin_key.into(),
            public_url: PublicUrl::default(),
            token_time: Duration::from_secs(3_600),
        }
    }
}

/// Without the key.
impl fmt::Debug for AppOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppOptions")
            .field("public_url", &self.public_url)
            .field("token_time", &self.token_time)
            .finish_non_exhaustive()
    }
}

/// Everything that is served. Building it spawns nothing.
pub fn app(platform: &Platform, options: &AppOptions) -> Router {
    let key = AdminKey::new(&options.admin_key);
    let url = &options.public_url;
    let mount = McpService::resolved_by(platform.resolver().at(url.clone()))
        .allowed_hosts(url.hosts())
        .without_sessions();
    let mount = ServiceBuilder::new().layer(CutLayer::new()).service(mount);
    let management = management::service(platform.clone()).allowed_hosts(url.hosts());
    let management = Router::new()
        .route_service("/api/platform-mcp/mcp", management)
        .layer(from_fn_with_state(key.clone(), admin::require));
    let tokens = access::routes(platform.clone(), url.clone(), options.token_time);
    Router::new()
        .route_service("/api/platform/{id}/mcp", mount.clone())
        // The mount knows what is to be known about each of its servers.
        .route_service(
            "/.well-known/oauth-protected-resource/api/platform/{id}/mcp",
            mount,
        )
        .merge(tokens)
        .merge(management)
        .nest(
            "/api/admin",
            admin::router(platform.clone(), key, url.clone()),
        )
        .merge(web::routes())
}
