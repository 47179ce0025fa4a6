use crate::Answer;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use mcp_tower::{
    Body, McpService,
    governor::{Budget, Governor},
};
use model_tests::Ask;
use std::{
    cell::RefCell,
    fmt,
    future::Future,
    mem::ManuallyDrop,
    time::{Duration, Instant},
};
use tokio::{runtime, task, time::timeout};
use tower::ServiceExt;

/// A service and a clock of its own, which moves only when everything waits: who waits for nothing
/// is found out at once.
pub struct Sandbox {
    runtime: runtime::Runtime,
    pub service: McpService,
    pub governor: Governor,
}

impl Sandbox {
    pub fn new(make: impl FnOnce() -> McpService) -> Self {
        let mut builder = runtime::Builder::new_current_thread();
        let runtime = builder.enable_time().start_paused(true).build();
        let governor = Governor::default();
        Self {
            runtime: runtime.expect("a runtime"),
            service: make().governor(governor.clone()),
            governor,
        }
    }

    /// Runs to the end, which has to come without a day's wait.
    pub fn run<F: Future>(&self, future: F) -> F::Output {
        let day = Duration::from_secs(24 * 3600);
        let ended = self.runtime.block_on(async { timeout(day, future).await });
        ended.expect("somebody waits for ever")
    }

    pub async fn send(&self, request: Request<Full<Bytes>>) -> Response<Body> {
        let Ok(response) = self.service.clone().oneshot(request).await;
        response
    }

    /// Sends a request and reads the whole answer, which must be one.
    pub async fn ask(&self, ask: &Ask<'_>) -> Option<Answer> {
        let request = ask.request()?;
        let (head, body) = self.send(request).await.into_parts();
        let body = body.collect().await.expect("a body that does not break");
        let answer = Answer::new(head, body.to_bytes());
        answer.check();
        Some(answer)
    }

    /// How much is used of each budget.
    pub fn used(&self) -> [usize; Budget::ALL.len()] {
        let snapshot = self.governor.snapshot();
        Budget::ALL.map(|budget| snapshot.usage(budget).used)
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").finish_non_exhaustive()
    }
}

/// What a body says without anybody waiting.
pub async fn said(body: &mut Body) -> String {
    let mut said = Vec::new();
    for _ in 0..16 {
        tokio::select! {
            biased;
            frame = body.frame() => match frame {
                Some(frame) => {
                    let frame = frame.expect("a body that does not break");
                    said.extend_from_slice(&frame.into_data().unwrap_or_default());
                }
                None => break,
            },
            () = task::yield_now() => {}
        }
    }
    String::from_utf8(said).expect("events are text")
}

/// Something that is costly to make and spoils with time: what is sealed expires.
#[derive(Debug)]
pub struct Fresh<T>(RefCell<Option<(ManuallyDrop<T>, Instant)>>);

impl<T> Fresh<T> {
    pub const fn new() -> Self {
        Self(RefCell::new(None))
    }

    pub fn with(&self, make: impl FnOnce() -> T, using: impl FnOnce(&T)) {
        const SPOILS: Duration = Duration::from_secs(600);
        let mut slot = self.0.borrow_mut();
        let spoilt = slot.take_if(|(_, made)| made.elapsed() > SPOILS);
        // The last one stays: at the end of the process there is no runtime to end it in.
        drop(spoilt.map(|(value, _)| ManuallyDrop::into_inner(value)));
        let (value, _) = slot.get_or_insert_with(|| (ManuallyDrop::new(make()), Instant::now()));
        using(value);
    }
}

impl<T> Default for Fresh<T> {
    fn default() -> Self {
        Self::new()
    }
}
