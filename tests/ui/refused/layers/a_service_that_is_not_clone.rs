use mcp_core::{Request, Response, Route, mcp_tool};
use std::{
    convert::Infallible,
    future::Ready,
    task::{Context, Poll},
};

/// As Tower's `RateLimit`: a service that counts in itself.
struct Counting(u64);

impl tower_service::Service<Request> for Counting {
    type Response = Response;
    type Error = Infallible;
    type Future = Ready<Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.0 += 1;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request) -> Self::Future {
        unimplemented!()
    }
}

struct Counter;

impl tower_layer::Layer<Route> for Counter {
    type Service = Counting;

    fn layer(&self, _: Route) -> Counting {
        Counting(0)
    }
}

#[mcp_tool(layer = Counter)]
async fn wait() {}

fn main() {
    mcp_core::Server::builder("t", "1").tool(wait);
}
