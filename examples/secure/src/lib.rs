//! The reference secure server: MCP behind TLS and OAuth, in one process that needs no other.
//!
//! ```text
//!            ┌─ tls/ ─────────────────────────────────────────────┐
//! https ────▶│ app.rs ──▶ /mcp     McpService: who calls? ─▶ notes/ │
//!            │        └─▶ the rest  issuer/: who may call?          │
//!            └──────────────────────────────────────────────────────┘
//! ```
//!
//! The resource server (`/mcp`) is what an application would build: notes with scopes, limits of
//! rate and size, errors that tell nothing. The issuer is for development: it stands where an
//! identity provider would, and shows what one does.

mod access;
mod app;
mod clock;
mod files;
mod issuer;
mod notes;
mod options;
mod service_file;
mod tls;
mod url;

pub use access::Rates;
pub use clock::Clock;
pub use issuer::{Consent, DocumentHosts, Issuer};
pub use options::Options;
pub use tls::Certificate;

use http::header::RETRY_AFTER;
use issuer::IssuerOptions;
use mcp_tower::{
    AcceptPolicy, Cors, Limits, McpService, Server, SessionOptions,
    governor::{Budget, Budgets, Governor},
    serve::{Serve, ServeOptions, serve},
};
use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};
use tls::TlsListener;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use url::PublicUrl;

/// The largest body of a request to `/mcp`, in bytes.
const BODY: usize = 1024 * 1024;
/// The longest string of a message.
const STRING: usize = 256 * 1024;
/// The largest head of any request, in bytes.
const HEAD: usize = 16 * 1024;
/// How many calls of one subject may run at once, and how many of its streams may wait for what
/// happens.
const CALLS: usize = 8;
const STREAMS: usize = 4;
/// How many events of a cut stream are kept for a client that comes back.
const EVENTS: usize = 256;
/// How long is remembered what nobody uses in a session.
const IDLE: Duration = Duration::from_secs(30 * 60);
/// How long what runs may take to finish when the server is stopped.
const GRACE: Duration = Duration::from_secs(10);
/// The longest life of an access token.
const LONGEST_TOKEN: Duration = Duration::from_secs(3600);

/// A server that runs until it is stopped. Dropping it stops it, too, but waits for nothing.
#[derive(Debug)]
pub struct Running {
    resource: String,
    address: SocketAddr,
    redirect: Option<SocketAddr>,
    authority: Option<PathBuf>,
    service_file: PathBuf,
    issuer: Issuer,
    stop: watch::Sender<()>,
    tasks: Vec<JoinHandle<io::Result<()>>>,
}

/// Starts the server; it listens when this returns.
///
/// # Errors
/// When an address cannot be listened on or is not of this machine, when the certificate cannot be
/// read or made, and when an option makes no sense.
pub async fn start(mut options: Options) -> io::Result<Running> {
    check(&options)?;
    let loaded = options
        .certificate
        .clone()
        .unwrap_or(Certificate::Development(options.data.clone()))
        .load()?;
    let authority = loaded.authority.clone();
    let tcp = listen(options.bind).await?;
    let address = tcp.local_addr()?;
    let url = match &options.public_url {
        Some(url) => PublicUrl::parse(url)?,
        None => PublicUrl::parse(&format!("https://localhost:{}", address.port()))?,
    };
    let resource = format!("{url}/mcp");
    let issuer = issuer(&options, &url, &resource)?;
    let server = server(&mut options)?;
    let listener = TlsListener {
        tcp,
        tls: tls::acceptor(loaded)?,
    };
    let auth = access::auth(&issuer, &resource)?;
    let mcp = mcp(server.clone(), &url, options.strict)?.authorize(auth.clone());
    let app = app::secure(&options, mcp, &auth, &issuer, &url);
    let (stop, stopped) = watch::channel(());
    let mut tasks = Vec::new();
    let mut redirect = None;
    if let Some(bind) = options.redirect {
        let plain = listen(bind).await?;
        redirect = Some(plain.local_addr()?);
        let ended = ended(stopped.clone());
        tasks.push(tokio::spawn(until(
            serve(plain, app::redirect(&url)),
            ended,
        )));
    }
    let https = serve(listener, app).draining(&server);
    tasks.push(tokio::spawn(until(https, ended(stopped))));
    Ok(Running {
        resource,
        address,
        redirect,
        authority,
        service_file: service_file::path(&options.data),
        issuer,
        stop,
        tasks,
    })
}

async fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
    })
}

fn check(options: &Options) -> io::Result<()> {
    let invalid = |message| Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    if !options.bind.ip().is_loopback() {
        return invalid("the development issuer needs no password: listen on this machine alone");
    }
    if options.token_time > LONGEST_TOKEN {
        return invalid("access tokens last an hour at most");
    }
    Ok(())
}

fn issuer(options: &Options, url: &PublicUrl, resource: &str) -> io::Result<Issuer> {
    let service = service_file::load(&options.data)?;
    let mut resources = vec![resource.to_owned()];
    resources.extend(options.other_resources.iter().cloned());
    Issuer::new(IssuerOptions {
        url: url.to_string(),
        resources,
        consent: options.consent,
        token_time: options.token_time,
        clock: options.clock.clone(),
        service: Some((service.client_id, service.client_secret)),
        documents: options.document_hosts.clone(),
        rates: options.rates,
    })
}

fn server(options: &mut Options) -> io::Result<Server> {
    let (rates, clock) = (&options.rates, &options.clock);
    let mut server = notes::server(rates.writes(clock)).layer(rates.subjects(clock));
    if let Some(catalog) = options.catalog.take() {
        server = server.merge(catalog);
    }
    server.try_build().map_err(io::Error::other)
}

fn mcp(server: Server, url: &PublicUrl, is_strict: bool) -> io::Result<McpService> {
    let budgets = Budgets::new()
        .per_payer(Budget::Calls, CALLS)
        .per_payer(Budget::Streams, STREAMS);
    let mut sessions = SessionOptions::new().idle(IDLE).replay_events(EVENTS);
    let mut service = McpService::new(server);
    if is_strict {
        sessions = sessions.require_initialized();
        service = service.accept(AcceptPolicy::BothNamed);
    }
    Ok(service
        .mount("notes")
        .allowed_hosts(url.allowed_hosts()?)
        .misdirected_host()
        .cors(Cors::new().expose_header(RETRY_AFTER))
        .limits(Limits::new().body_bytes(BODY).string_bytes(STRING))
        .governor(Governor::new(budgets))
        .sessions(sessions))
}

/// Completes when the server is stopped.
async fn ended(mut stopped: watch::Receiver<()>) {
    let _ = stopped.changed().await;
}

async fn until<L, S>(
    server: Serve<L, S>,
    ended: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()>
where
    Serve<L, S>: IntoFuture<Output = io::Result<()>>,
{
    let options = ServeOptions::new().header_bytes(HEAD).grace(GRACE);
    server.options(options).graceful(ended).await
}

impl Running {
    /// The URI of the MCP endpoint, which is also the audience of its tokens.
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where plain HTTP is sent to HTTPS.
    pub fn redirect(&self) -> Option<SocketAddr> {
        self.redirect
    }

    /// The certificate authority that clients have to trust, if it is one of its own.
    pub fn authority(&self) -> Option<&Path> {
        self.authority.as_deref()
    }

    /// Where the credentials of a service are, for the grant `client_credentials`.
    pub fn service_file(&self) -> &Path {
        &self.service_file
    }

    /// The development issuer.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// Stops listening, lets what runs finish, and waits for it.
    pub async fn stop(self) {
        drop(self.stop);
        for task in self.tasks {
            if let Ok(Err(error)) | Err(error) = task.await.map_err(io::Error::other) {
                tracing::error!(%error, "a listener failed");
            }
        }
    }
}
