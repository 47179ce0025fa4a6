//! What all servers under load have in common: arguments, a port of the system's choice, and hyper.

use http_body::Body;
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{error::Error, io};
use tokio::net::{TcpListener, TcpStream};
use tower_service::Service;

/// What `benches/run` asks for.
pub struct Arguments(Vec<String>);

impl Arguments {
    /// Those of the process.
    pub fn read() -> Self {
        Self(std::env::args().skip(1).collect())
    }

    /// Is it there?
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|argument| argument == name)
    }

    /// What follows it.
    pub fn value(&self, name: &str) -> Option<&str> {
        let at = self.0.iter().position(|argument| argument == name)?;
        self.0.get(at + 1).map(String::as_str)
    }

    /// How many tools there shall be.
    ///
    /// # Panics
    /// When it is no number.
    pub fn tools(&self) -> usize {
        self.value("--tools")
            .map_or(50, |tools| tools.parse().expect("a number of tools"))
    }
}

/// A listener on loopback, whose address is printed.
pub async fn listen() -> io::Result<TcpListener> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    Ok(listener)
}

/// Serves HTTP/1.1 with nothing but hyper. With `--delay` the kernel may hold small pieces back.
pub async fn serve<S, B>(arguments: &Arguments, service: S) -> io::Result<()>
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    S::Future: Send + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let listener = listen().await?;
    let nodelay = !arguments.has("--delay");
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(nodelay)?;
        tokio::spawn(connection(stream, service.clone()));
    }
}

async fn connection<S, B>(stream: TcpStream, service: S)
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    B: Body + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    // All of these services are always ready.
    let service = service_fn(move |request| service.clone().call(request));
    // A client that goes away is no news.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
