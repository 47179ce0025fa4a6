//! What the tests share: an issuer whose tokens can be anything, servers that give its keys and
//! answers away, and an endpoint that tells who calls.

mod issuer;
mod server;
mod web;

pub use issuer::{Issuer, claims};
pub use server::{auth, challenge, metadata, server, service, validator};
pub use web::{Script, Step, Web, client};

/// The issuer that is trusted.
pub const ISSUER: &str = "https://login.example.com";
/// The public URL of the endpoint, which is neither its address nor its path.
pub const RESOURCE: &str = "https://mcp.example.com/tools/mcp";
/// Where the document about it is, for the public.
pub const DOCUMENT: &str = "https://mcp.example.com/.well-known/oauth-protected-resource/tools/mcp";
