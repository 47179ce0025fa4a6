//! Authorization: the endpoint as a resource server of OAuth 2 (feature `auth`).
//!
//! Callers send a token with every request; a [`TokenValidator`] says whom it speaks for;
//! [`Auth`] turns that into answers. Clients find out where to get a token from
//! [`ResourceMetadata`].
//!
#![cfg_attr(feature = "auth-jwt", doc = "```")]
#![cfg_attr(not(feature = "auth-jwt"), doc = "```ignore")]
//! use mcp_tower::{AllowedHosts, McpService, Server};
//! use mcp_tower::auth::{Auth, CachedKeys, HttpClient, HttpKeys, JwtValidator, ResourceMetadata};
//!
//! # fn of(client: HttpClient, server: Server) -> Result<(), Box<dyn std::error::Error>> {
//! let issuer = "https://login.example.com";
//! let metadata = ResourceMetadata::new("https://example.com/mcp", [issuer])?
//!     .with_scopes("notes:read".parse()?);
//! let keys = CachedKeys::new(HttpKeys::discover(client, issuer)?);
//! let validator = JwtValidator::new(issuer, metadata.resource(), keys);
//! let service = McpService::new(server)
//!     .allowed_hosts(AllowedHosts::new().allow_host("example.com"))
//!     .authorize(Auth::new(validator, metadata));
//! # let _ = service; Ok(())
//! # }
//! ```
//!
//! | You have | Use |
//! |---|---|
//! | an authorization server that makes JSON Web Tokens | [`JwtValidator`] (feature `auth-jwt`) |
//! | one that makes opaque tokens | [`Introspection`] |
//! | keys that you hand out yourself | [`ApiKeys`], in [`Auth::with_realm`] |
//! | users with passwords | [`Auth::basic`] |
//! | many servers in one mount, each with callers of its own | [`Resolved::authorize`](crate::Resolved::authorize) |
//! | anything else | [`validate_with`], or your own [`TokenValidator`] |
//! | an application around MCP that is to be protected too | [`AuthLayer`] |
//! | a prefix, so that root paths do not reach the endpoint | [`MetadataService`] |
//!
//! Nothing here is in the way of an application that knows its callers already: it puts a
//! [`Principal`](mcp_core::Principal) and [`Scopes`](mcp_core::Scopes) into `http::Extensions`,
//! and needs none of this.

mod api_keys;
mod authorization;
mod challenge;
mod claims;
#[cfg(any(test, feature = "testing"))]
mod contract;
mod credentials;
mod http_client;
mod identity;
mod introspection;
#[cfg(feature = "auth-jwt")]
mod jwt;
mod layer;
mod metadata;
mod realm;
mod token;
mod url;
mod validator;
mod well_known;

pub use api_keys::{ApiKeys, InvalidDigest};
pub use authorization::Auth;
#[cfg(any(test, feature = "testing"))]
#[cfg_attr(docsrs, doc(cfg(feature = "testing")))]
pub use contract::contract;
pub use http_client::HttpClient;
pub use identity::Identity;
pub use introspection::Introspection;
#[cfg(feature = "auth-jwt")]
#[cfg_attr(docsrs, doc(cfg(feature = "auth-jwt")))]
pub use jwt::{
    Algorithm, CachedKeys, HttpKeys, InvalidKeySet, JwtValidator, KeySet, KeySource, Keys,
};
pub use layer::{AuthFuture, AuthLayer, AuthService};
pub use metadata::ResourceMetadata;
pub use realm::InvalidRealm;
pub use token::{Token, TokenError};
pub use url::InvalidUrl;
pub use validator::{TokenValidator, ValidateWith, validate_with};
pub use well_known::MetadataService;
