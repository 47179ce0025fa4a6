//! Which path is answered by what.

use crate::{
    admin::{self, AdminKey},
    management,
    platform::Platform,
    serving::CutLayer,
    web,
};
use axum::{Router, middleware::from_fn_with_state};
use mcp_tower::McpService;
use tower::ServiceBuilder;

/// What an application is put together from, beside its platform.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AppOptions {
    /// What opens the rooms of administrators.
    pub admin_key: String,
}

impl AppOptions {
    /// With this key for administrators.
    pub fn new(admin_key: impl Into<String>) -> Self {
        Self {
            admin_key: admin_key.into(),
        }
    }
}

/// Everything that is served. Building it spawns nothing.
pub fn app(platform: &Platform, options: &AppOptions) -> Router {
    let key = AdminKey::new(&options.admin_key);
    let mount = McpService::resolved_by(platform.resolver()).without_sessions();
    let mount = ServiceBuilder::new().layer(CutLayer::new()).service(mount);
    let management = Router::new()
        .route_service(
            "/api/platform-mcp/mcp",
            management::service(platform.clone()),
        )
        .layer(from_fn_with_state(key.clone(), admin::require));
    Router::new()
        .route_service("/api/platform/{id}/mcp", mount)
        .merge(management)
        .nest("/api/admin", admin::router(platform.clone(), key))
        .merge(web::routes())
}
