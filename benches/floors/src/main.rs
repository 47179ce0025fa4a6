//! What the work costs without any framework: hyper, and as little as each floor needs.
//!
//! - `constant`: reads the body, and answers constant bytes.
//! - `typed`: serde reads the request into types, and writes the answer from types.
//! - `one-pass`: the same, with text borrowed from a body that is in one piece.
//! - `events`: typed, and answers the bytes of `--events` as eleven pieces of an event stream.

mod answer;
mod events;
mod request;

use answer::Lists;
use bench_contestant::{Arguments, serve};
use events::Body;
use hyper::{Request, Response, body::Incoming};
use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tower_service::Service;

#[derive(Clone, Copy)]
enum Floor {
    Constant,
    Typed,
    OnePass,
    Events,
}

#[derive(Clone)]
struct Bare {
    floor: Floor,
    lists: Arc<Lists>,
}

impl Service<Request<Incoming>> for Bare {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Incoming>) -> Self::Future {
        let Self { floor, lists } = self.clone();
        Box::pin(async move { Ok(answer::answer(floor, &lists, request).await) })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let arguments = Arguments::read();
    let floor = match arguments.value("--floor") {
        Some("constant") => Floor::Constant,
        Some("typed") => Floor::Typed,
        Some("one-pass") => Floor::OnePass,
        Some("events") => Floor::Events,
        _ => panic!("--floor constant, typed, one-pass or events"),
    };
    let file = |name| arguments.value(name).map(std::fs::read).transpose();
    let lists = Arc::new(Lists::new(file("--list")?, file("--events")?));
    serve(&arguments, Bare { floor, lists }).await
}
