//! One scenario in every way a client can come.

use super::{Accept, TestClient, http::Http};
use crate::{Body, McpService, Replicas, bus::LocalBus};
use bytes::Bytes;
use http::{Request, Response};
use mcp_core::{
    BoxError, Server,
    protocol::{Era, Revision},
};
use std::{
    any::Any,
    fmt,
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
};
use tower_service::Service;

/// Runs one scenario in every way a client can come: each revision, JSON or nothing but events, one
/// replica or two that take turns, connections that hold or are cut after every event.
///
/// A failure does not stop the others. At the end the test fails with each cell that has failed,
/// why, and what went over the wire.
///
/// ```
/// use mcp_tower::{KeyRing, Server, mcp_tool, testing::Matrix};
/// use serde_json::json;
///
/// #[mcp_tool]
/// async fn add(a: i64, b: i64) -> i64 {
///     a + b
/// }
///
/// fn server() -> Server {
///     // Replicas need the same keys.
///     Server::builder("calculator", "1.0").keys(KeyRing::new([7; 32])).tool(add).build()
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// Matrix::new(server)
///     .run(async |client| {
///         assert_eq!(client.call_tool("add", json!({"a": 1, "b": 2})).await.text(), "3");
///     })
///     .await;
/// # }
/// ```
///
/// It needs a tokio runtime with time. Each cell has replicas, a session and a client of its own.
pub struct Matrix<S> {
    service: Box<dyn Fn(&Replicas) -> S + Send + Sync>,
    client: Box<dyn Fn(TestClient) -> TestClient + Send + Sync>,
    revisions: Vec<Revision>,
    accepts: Vec<Accept>,
    replicas: Vec<usize>,
    cuts: Vec<bool>,
}

/// One way to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Cell {
    /// What the client speaks.
    pub revision: Revision,
    /// What it takes as an answer.
    pub accept: Accept,
    /// How many replicas take turns.
    pub replicas: usize,
    /// Whether every stream of a call is cut after each of its events, and resumed.
    pub is_cut: bool,
}

impl Matrix<McpService> {
    /// Of a server, which is made anew for each replica of each cell.
    pub fn new(server: impl Fn() -> Server + Send + Sync + 'static) -> Self {
        Self::over(move |replicas| {
            let server = server();
            assert!(
                server.has_shared_keys(),
                "replicas need the same keys: add `.keys(KeyRing::new([7; 32]))` to the builder of \
                 the server"
            );
            McpService::new(server)
                .accept(crate::AcceptPolicy::Either)
                .replicas(replicas)
        })
    }
}

impl<S, B> Matrix<S>
where
    S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    /// Of a stack, which is made anew for each replica of each cell: an `McpService` with
    /// [`replicas`](McpService::replicas) and [`AcceptPolicy::Either`](crate::AcceptPolicy::Either), which
    /// clients that take nothing but events need, with whatever layers around it.
    pub fn over(service: impl Fn(&Replicas) -> S + Send + Sync + 'static) -> Self {
        Self {
            service: Box::new(service),
            client: Box::new(|client| client),
            revisions: Revision::MODERN
                .into_iter()
                .chain(Revision::LEGACY)
                .collect(),
            accepts: vec![Accept::Either, Accept::Events],
            replicas: vec![1, 2],
            cuts: vec![false, true],
        }
    }

    /// Says what the client of every cell has: answers, a principal, a path.
    #[must_use]
    pub fn client(
        mut self,
        client: impl Fn(TestClient) -> TestClient + Send + Sync + 'static,
    ) -> Self {
        self.client = Box::new(client);
        self
    }

    /// Only these revisions.
    #[must_use]
    pub fn revisions(mut self, revisions: impl IntoIterator<Item = Revision>) -> Self {
        self.revisions = revisions.into_iter().collect();
        self
    }

    /// Only clients that take this as an answer. [`Accept::Json`] is in no matrix by itself, since
    /// whoever takes nothing else is told and asked nothing.
    #[must_use]
    pub fn accepts(mut self, accepts: impl IntoIterator<Item = Accept>) -> Self {
        self.accepts = accepts.into_iter().collect();
        self
    }

    /// Only one replica.
    #[must_use]
    pub fn one_replica(mut self) -> Self {
        self.replicas = vec![1];
        self
    }

    /// Only connections that hold.
    #[must_use]
    pub fn without_cuts(mut self) -> Self {
        self.cuts = vec![false];
        self
    }

    /// All cells, in order. Those whose revision cannot resume a stream have none that is cut.
    pub fn cells(&self) -> Vec<Cell> {
        let mut cells = Vec::new();
        for &revision in &self.revisions {
            for &accept in &self.accepts {
                for &replicas in &self.replicas {
                    for &is_cut in &self.cuts {
                        cells.push(Cell {
                            revision,
                            accept,
                            replicas,
                            is_cut,
                        });
                    }
                }
            }
        }
        cells.retain(|cell| !cell.is_cut || cell.revision.era() == Era::Legacy);
        cells
    }

    /// Runs the scenario in every cell, one after the other.
    ///
    /// # Panics
    /// When it panics in one of them.
    pub async fn run(self, scenario: impl AsyncFn(TestClient)) {
        let cells = self.cells();
        let mut failed = Vec::new();
        for cell in &cells {
            let client = self.client_of(*cell).await;
            let transcript = client.transcript.clone();
            // Shown below, with its cell.
            transcript.show_once();
            let scenario = pin!(scenario(client));
            if let Err(panic) = caught(scenario).await {
                let why = text_of(&*panic);
                let wire = match why.contains("On the wire:") {
                    true => String::new(),
                    false => format!("\n\nOn the wire:\n{transcript}\n"),
                };
                failed.push(format!("=== {cell} ===\n{why}{wire}"));
            }
        }
        assert!(
            failed.is_empty(),
            "{} of {} cells have failed\n\n{}",
            failed.len(),
            cells.len(),
            failed.join("\n\n")
        );
    }

    async fn client_of(&self, cell: Cell) -> TestClient {
        let bus = LocalBus::new();
        let mut services = Vec::new();
        for _ in 0..cell.replicas {
            let joined = Replicas::join(bus.clone()).await;
            let replicas = joined.expect("a bus within the process is always there");
            services.push((self.service)(&replicas));
        }
        let client = TestClient::with_transport(Http::new(services, Some(bus)));
        let client = (self.client)(client)
            .revision(cell.revision)
            .accept(cell.accept);
        match cell.is_cut {
            true => client.cut_streams_after(1),
            false => client,
        }
    }
}

/// What a future that may panic comes to.
async fn caught<T>(mut future: impl Future<Output = T> + Unpin) -> Result<T, Box<dyn Any + Send>> {
    let mut future = std::pin::Pin::new(&mut future);
    poll_fn(
        |cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
            Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(panic) => Poll::Ready(Err(panic)),
        },
    )
    .await
}

/// What a panic says.
fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let literal = || panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(literal)
        .unwrap_or_else(|| "a panic without text".to_owned())
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let accept = match self.accept {
            Accept::Either => "JSON or events",
            Accept::Json => "JSON",
            Accept::Events => "events",
        };
        let connection = if self.is_cut {
            "cut after every event"
        } else {
            "whole"
        };
        let (revision, replicas) = (self.revision, self.replicas);
        write!(
            f,
            "{revision}, {accept}, {replicas} replica(s), connections {connection}"
        )
    }
}

impl<S> fmt::Debug for Matrix<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Matrix")
            .field("revisions", &self.revisions)
            .field("accepts", &self.accepts)
            .field("replicas", &self.replicas)
            .field("cuts", &self.cuts)
            .finish_non_exhaustive()
    }
}
