//! Other people's servers: scripts of answers, over a socket or without one.

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use mcp_tower::{Body, auth::HttpClient};
use serde_json::Value;
use std::{
    convert::Infallible,
    fmt,
    future::{IntoFuture, pending},
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{net::TcpListener, sync::Semaphore, task::JoinHandle};
use tower::service_fn;

/// What a server does with a request.
#[derive(Clone, Debug)]
pub enum Step {
    Answer(StatusCode, Bytes),
    /// Never answers.
    Hang,
}

impl Step {
    pub fn json(value: &Value) -> Self {
        Self::Answer(StatusCode::OK, value.to_string().into())
    }

    pub fn status(status: u16) -> Self {
        Self::Answer(StatusCode::from_u16(status).unwrap(), Bytes::new())
    }
}

/// One request that has come.
#[derive(Clone, Debug)]
pub struct Seen {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// What a server answers, by path, and what it was asked.
#[derive(Clone)]
pub struct Script(Arc<Inner>);

struct Inner {
    steps: Mutex<Vec<(String, Step)>>,
    seen: Mutex<Vec<Seen>>,
    /// How many requests may be answered; all, unless held.
    gate: Semaphore,
}

impl Script {
    pub fn new(path: &str, step: Step) -> Self {
        let script = Self(Arc::new(Inner {
            steps: Mutex::default(),
            seen: Mutex::default(),
            gate: Semaphore::new(Semaphore::MAX_PERMITS),
        }));
        script.set(path, step);
        script
    }

    /// Answers a path like this from now on.
    pub fn set(&self, path: &str, step: Step) {
        let mut steps = self.0.steps.lock().unwrap();
        steps.retain(|(known, _)| known != path);
        steps.push((path.to_owned(), step));
    }

    /// What came, in order.
    pub fn seen(&self) -> Vec<Seen> {
        self.0.seen.lock().unwrap().clone()
    }

    /// How many requests came.
    pub fn count(&self) -> usize {
        self.0.seen.lock().unwrap().len()
    }

    /// Answers nothing until `release`.
    pub fn hold(&self) {
        self.0.gate.forget_permits(Semaphore::MAX_PERMITS);
    }

    pub fn release(&self) {
        self.0.gate.add_permits(Semaphore::MAX_PERMITS);
    }

    async fn answer(&self, seen: Seen) -> Response<Body> {
        let step = self
            .0
            .steps
            .lock()
            .unwrap()
            .iter()
            .find_map(|(path, step)| (*path == seen.path).then(|| step.clone()));
        self.0.seen.lock().unwrap().push(seen);
        drop(self.0.gate.acquire().await.unwrap());
        match step {
            Some(Step::Answer(status, body)) => {
                let mut response = Response::new(Body::from(body));
                *response.status_mut() = status;
                response
            }
            Some(Step::Hang) => pending().await,
            None => {
                let mut response = Response::new(Body::from(Bytes::new()));
                *response.status_mut() = StatusCode::NOT_FOUND;
                response
            }
        }
    }

    /// A client whose requests come here without a socket.
    pub fn client(&self) -> HttpClient {
        let script = self.clone();
        HttpClient::new(service_fn(move |request: Request<Body>| {
            let script = script.clone();
            async move {
                let (parts, body) = request.into_parts();
                let body = axum::body::to_bytes(axum::body::Body::new(body), usize::MAX).await;
                let seen = Seen {
                    path: parts.uri.path().to_owned(),
                    headers: parts.headers,
                    body: body.unwrap(),
                };
                Ok::<_, Infallible>(script.answer(seen).await)
            }
        }))
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script").finish_non_exhaustive()
    }
}

/// A script on a socket.
#[derive(Debug)]
pub struct Web {
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Web {
    pub async fn serve(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = axum::Router::new().fallback(move |request: axum::extract::Request| {
            let script = script.clone();
            async move {
                let (parts, body) = request.into_parts();
                let seen = Seen {
                    path: parts.uri.path().to_owned(),
                    headers: parts.headers,
                    body: axum::body::to_bytes(body, usize::MAX).await.unwrap(),
                };
                script.answer(seen).await.map(axum::body::Body::new)
            }
        });
        let server = axum::serve(listener, router).into_future();
        let task = tokio::spawn(async move { server.await.unwrap() });
        Self { address, task }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// hyper-util's client, as the documentation shows it.
pub fn client() -> HttpClient {
    let client: Client<_, Body> = Client::builder(TokioExecutor::new()).build_http();
    HttpClient::new(client)
}
