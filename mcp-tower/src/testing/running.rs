//! A request that runs while the test does something else.

use super::{
    Answer, Asked, TestClient,
    exchange::Prepared,
    seen::{LOG, PROGRESS, Seen},
};
use mcp_core::protocol::{Era, LogMessage, Notification, Progress};
use serde::de::DeserializeOwned;
use serde_json::json;
use std::{fmt, future::Future, sync::Arc};
use tokio::task::JoinHandle;

/// A request that runs: its test can wait for what it tells, cancel it, or go away.
///
/// ```
/// use mcp_tower::{Context, Server, mcp_tool, testing::TestClient};
/// use serde_json::json;
///
/// #[mcp_tool]
/// async fn wait(cx: Context) -> &'static str {
///     cx.progress(1.0).message("waiting").await;
///     cx.cancelled().await;
///     "cancelled"
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let client = TestClient::new(Server::builder("s", "1").tool(wait).build());
/// let mut running = client.call_tool("wait", json!({})).start();
/// assert_eq!(running.progress().await.message.as_deref(), Some("waiting"));
/// running.cancel().await;
/// # }
/// ```
///
/// Dropping it is [`disconnect`](Self::disconnect).
pub struct Running<T> {
    client: TestClient,
    prepared: Prepared,
    seen: Arc<Seen>,
    /// How many notifications the test has taken.
    notifications: usize,
    /// How many questions.
    questions: usize,
    task: JoinHandle<Answer<T>>,
}

impl<T> Running<T> {
    pub(super) fn new(
        client: TestClient,
        prepared: Prepared,
        seen: Arc<Seen>,
        task: JoinHandle<Answer<T>>,
    ) -> Self {
        Self {
            client,
            prepared,
            seen,
            notifications: 0,
            questions: 0,
            task,
        }
    }

    /// The next notification of the request.
    ///
    /// # Panics
    /// When none comes in time: see [`TestClient::patience`]; or when the request is over.
    pub async fn notification(&mut self) -> Notification {
        let seen = self.seen.clone();
        let next = seen.notification(self.notifications);
        self.notifications += 1;
        self.in_time(next, "told").await
    }

    /// The next question, which was or is about to be answered: with [`Reply::never`](super::Reply::never) the call
    /// waits here.
    ///
    /// # Panics
    /// As [`notification`](Self::notification).
    pub async fn question(&mut self) -> Asked {
        let seen = self.seen.clone();
        let next = seen.question(self.questions);
        self.questions += 1;
        self.in_time(next, "asked").await
    }

    async fn in_time<V>(&self, next: impl Future<Output = Option<V>>, what: &str) -> V {
        match tokio::time::timeout(self.client.config.patience, next).await {
            Ok(Some(seen)) => seen,
            Ok(None) => self.fail(&format!("the request is over, and has {what} no more")),
            Err(_) => self.fail(&format!("nothing more was {what} in time")),
        }
    }

    /// The next progress; other notifications are skipped.
    ///
    /// # Panics
    /// As [`notification`](Self::notification).
    pub async fn progress(&mut self) -> Progress {
        self.params(PROGRESS).await
    }

    /// The next log message; other notifications are skipped.
    ///
    /// # Panics
    /// As [`notification`](Self::notification).
    pub async fn log(&mut self) -> LogMessage {
        self.params(LOG).await
    }

    async fn params<P: DeserializeOwned>(&mut self, method: &str) -> P {
        loop {
            let told = self.notification().await;
            if told.method == method {
                return match told.params.parse() {
                    Ok(params) => params,
                    Err(error) => self.fail(&format!("a malformed `{method}`: {error}")),
                };
            }
        }
    }

    /// Cancels the request as a client of its revision does: with `notifications/cancelled` in a
    /// session, by closing the connection in 2026-07-28. Wait for a sign that the handler runs
    /// before, such as its progress: what has not arrived cannot be cancelled.
    ///
    /// In a session this waits for the server to end the call, and gives the result that came all
    /// the same, if one did.
    ///
    /// # Panics
    /// When the call goes on in a session: see [`TestClient::patience`].
    pub async fn cancel(self) -> Option<T> {
        if self.client.config.revision.era() == Era::Modern {
            return None;
        }
        self.seen.cancel();
        let params = json!({"requestId": self.prepared.id, "reason": "the test cancels it"});
        self.client.notify("notifications/cancelled", params).await;
        self.answer().await.into_result().ok()
    }

    /// Closes the connection. In 2026-07-28 the call is cancelled by it; in a session it goes on.
    pub fn disconnect(self) {
        drop(self);
    }

    /// The answer.
    ///
    /// # Panics
    /// When it does not come in time: see [`TestClient::patience`].
    pub async fn answer(mut self) -> Answer<T> {
        match tokio::time::timeout(self.client.config.patience, &mut self.task).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => self.fail("the runtime has ended"),
            },
            Err(_) => self.fail("no answer came in time"),
        }
    }

    fn fail(&self, why: &str) -> ! {
        let what = self.prepared.what();
        self.client.fail(self.prepared.caller, &what, why)
    }
}

impl<T> Drop for Running<T> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl<T> fmt::Debug for Running<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running")
            .field("method", &self.prepared.method)
            .finish_non_exhaustive()
    }
}
