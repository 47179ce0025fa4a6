//! What can be chosen, and what is chosen without.

use crate::{Certificate, Clock, Consent, DocumentHosts, Rates};
use mcp_tower::core::ServerBuilder;
use std::{net::SocketAddr, path::PathBuf, time::Duration};

/// How the server is started.
///
/// ```
/// use secure::Options;
///
/// let mut options = Options::new("target/secure");
/// options.bind = ([127, 0, 0, 1], 0).into();
/// options.redirect = None;
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Options {
    /// Where the server listens; an address of this machine alone, because the development issuer
    /// asks nobody for a password. Port 0 is any free one.
    pub bind: SocketAddr,
    /// Where a second listener answers plain HTTP, with nothing but the way to HTTPS.
    pub redirect: Option<SocketAddr>,
    /// What clients call the server, as `https://notes.example.com`; `https://localhost` and the
    /// port unless set.
    pub public_url: Option<String>,
    /// Where the first start leaves what it makes: the certificate, and the credentials of a
    /// service.
    pub data: PathBuf,
    /// The certificate; one for development unless set.
    pub certificate: Option<Certificate>,
    /// How users of the development issuer agree.
    pub consent: Consent,
    /// How long access tokens last; whole seconds, an hour at most.
    pub token_time: Duration,
    /// Resources of other servers that the issuer makes tokens for, beside this one's.
    pub other_resources: Vec<String>,
    /// The hosts whose documents may describe clients; none unless set.
    pub document_hosts: Option<DocumentHosts>,
    /// How often callers may call.
    pub rates: Rates,
    /// What is served beside the notes, behind the same locks.
    pub catalog: Option<ServerBuilder>,
    /// Whether requests are held to the letter of the protocol, which real clients do not always
    /// follow: an `Accept` without both media types is refused, and so is a call before
    /// `notifications/initialized`.
    pub strict: bool,
    /// What the issuer and the limits of rate take for the time.
    pub clock: Clock,
}

impl Options {
    /// The defaults, with a directory for what the first start makes.
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            bind: ([127, 0, 0, 1], 8443).into(),
            redirect: Some(([127, 0, 0, 1], 8080).into()),
            public_url: None,
            data: data.into(),
            certificate: None,
            consent: Consent::Page,
            token_time: Duration::from_secs(900),
            other_resources: Vec::new(),
            document_hosts: None,
            rates: Rates::default(),
            catalog: None,
            strict: false,
            clock: Clock::system(),
        }
    }
}
