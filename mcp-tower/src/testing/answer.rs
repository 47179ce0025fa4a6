//! What became of a request.

use super::{Asked, failure::Failure, seen::Seen, transcript::Transcript};
use http::{HeaderMap, StatusCode};
use mcp_core::protocol::{
    CompletionValues, ContentBlock, LogMessage, Notification, Progress, PromptResult, ReadResult,
    ToolResult,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::{fmt, panic::Location, sync::Arc};

/// What became of a request: a result or a [`Failure`], what was told and asked meanwhile, and the
/// HTTP response that brought it.
///
/// Whoever takes what is not there ([`text`](Self::text) of a failure, say) gets a panic that shows
/// everything that went over the wire.
#[must_use = "an answer says nothing until it is looked at"]
pub struct Answer<T> {
    pub(super) outcome: Result<T, Failure>,
    pub(super) arrived: Arrival,
    pub(super) seen: Arc<Seen>,
    pub(super) transcript: Transcript,
    /// The request in a few words, and where the test made it.
    pub(super) what: String,
    pub(super) caller: &'static Location<'static>,
}

/// The last response of a request.
#[derive(Clone, Debug, Default)]
pub(super) struct Arrival {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// The JSON-RPC message; null when there was none.
    pub(super) message: Value,
}

impl<T> Answer<T> {
    /// The result, or what went wrong.
    ///
    /// # Errors
    /// What went wrong.
    pub fn into_result(self) -> Result<T, Failure> {
        self.outcome
    }

    /// The result.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn result(self) -> T {
        match self.outcome {
            Ok(result) => result,
            Err(ref failure) => self.fail(&failure.report()),
        }
    }

    /// What went wrong: an error of the protocol, a tool that failed, a refusal of a layer.
    ///
    /// ```
    /// # use mcp_tower::{Server, ToolError, mcp_tool, testing::TestClient};
    /// # use serde_json::json;
    /// #[mcp_tool]
    /// async fn divide(a: i64, b: i64) -> Result<i64, ToolError> {
    ///     a.checked_div(b).ok_or_else(|| ToolError::new("`b` must not be 0"))
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let client = TestClient::new(Server::builder("s", "1").tool(divide).build());
    /// let failure = client.call_tool("divide", json!({"a": 1, "b": 0})).await.expect_error();
    /// assert_eq!(failure.message(), "`b` must not be 0");
    /// assert!(failure.is_for_the_model());
    /// # }
    /// ```
    ///
    /// # Panics
    /// When nothing did.
    #[track_caller]
    pub fn expect_error(self) -> Failure {
        match self.outcome {
            Err(failure) => failure,
            Ok(_) => self.fail(&format!(
                "it should have failed, and answered {}",
                self.arrived.message
            )),
        }
    }

    /// Whether something went wrong.
    pub fn is_error(&self) -> bool {
        self.outcome.is_err()
    }

    /// The status of the HTTP response: the last one, where a call took several.
    pub fn status(&self) -> StatusCode {
        self.arrived.status
    }

    /// Its headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.arrived.headers
    }

    /// The JSON-RPC message as it came; null when there was none.
    pub fn message(&self) -> &Value {
        &self.arrived.message
    }

    /// Everything that was told while the request ran, in order.
    pub fn notifications(&self) -> Vec<Notification> {
        self.seen.notifications()
    }

    /// The progress that was told.
    pub fn progress(&self) -> Vec<Progress> {
        self.seen.progress()
    }

    /// The log messages that were told to a client that [wants](super::TestClient::set_log_level) some.
    pub fn logs(&self) -> Vec<LogMessage> {
        self.seen.logs()
    }

    /// Everything that was asked while the request ran, in order.
    pub fn questions(&self) -> Vec<Asked> {
        self.seen.questions()
    }

    /// Everything that went over the wire for this client so far, secrets masked.
    pub fn transcript(&self) -> String {
        self.transcript.to_string()
    }

    /// The result, to look at.
    #[track_caller]
    fn expect(&self) -> &T {
        match &self.outcome {
            Ok(result) => result,
            Err(failure) => self.fail(&failure.report()),
        }
    }

    #[track_caller]
    fn fail(&self, why: &str) -> ! {
        self.transcript.show_once();
        panic!(
            "{} ({}): {why}\n\nOn the wire:\n{}\n",
            self.what, self.caller, self.transcript
        )
    }

    #[track_caller]
    fn parsed<V: DeserializeOwned>(&self, text: &str) -> V {
        serde_json::from_str(text).unwrap_or_else(|error| {
            let wanted = std::any::type_name::<V>();
            self.fail(&format!("`{text}` is no `{wanted}`: {error}"))
        })
    }
}

/// All text blocks, a line for each.
pub(super) fn texts<'a>(blocks: impl Iterator<Item = &'a ContentBlock>) -> String {
    let texts: Vec<&str> = blocks
        .filter_map(|block| match block {
            ContentBlock::Text { text, .. } => Some(&**text),
            _ => None,
        })
        .collect();
    texts.join("\n")
}

impl Answer<ToolResult> {
    /// All text of the result; blocks are joined by line breaks.
    ///
    /// # Panics
    /// When the call has failed.
    #[track_caller]
    pub fn text(&self) -> String {
        texts(self.expect().content.iter())
    }

    /// The structured value of the result; its text as JSON where there is none, as in revisions
    /// before 2025-06-18. What later ones up to 2025-11-25 have to wrap as `{"result": …}` is
    /// unwrapped, so that a test reads the same value in all of them.
    ///
    /// # Panics
    /// When the call has failed, or the value is no `V`.
    #[track_caller]
    pub fn json<V: DeserializeOwned>(&self) -> V {
        let result = self.expect();
        let Some(value) = &result.structured_content else {
            return self.parsed(&self.text());
        };
        value.parse().unwrap_or_else(|_| {
            let wrapped: Option<Value> = value.parse().ok();
            let inner = wrapped.and_then(|wrapped| {
                let members = wrapped.as_object().filter(|members| members.len() == 1)?;
                members.get("result").map(Value::to_string)
            });
            self.parsed(inner.as_deref().unwrap_or(value.as_str()))
        })
    }
}

impl Answer<PromptResult> {
    /// All text of the prompt's messages, a line for each.
    ///
    /// # Panics
    /// When there is no result.
    #[track_caller]
    pub fn text(&self) -> String {
        let messages = self.expect().messages.iter();
        texts(messages.map(|message| &message.content))
    }
}

impl Answer<ReadResult> {
    /// All text of the resource's contents, joined by line breaks.
    ///
    /// # Panics
    /// When there is no result.
    #[track_caller]
    pub fn text(&self) -> String {
        let contents = self.expect().contents.iter();
        let texts: Vec<&str> = contents.filter_map(|one| one.text.as_deref()).collect();
        texts.join("\n")
    }

    /// The text, which is JSON.
    ///
    /// # Panics
    /// When there is no result, or it is no `V`.
    #[track_caller]
    pub fn json<V: DeserializeOwned>(&self) -> V {
        self.parsed(&self.text())
    }
}

impl Answer<CompletionValues> {
    /// The suggestions, best first.
    ///
    /// # Panics
    /// When there is no result.
    #[track_caller]
    pub fn values(&self) -> Vec<String> {
        self.expect().values.clone()
    }
}

impl Answer<Value> {
    /// The result as a type of one's own.
    ///
    /// # Panics
    /// When there is no result, or it is no `V`.
    #[track_caller]
    pub fn json<V: DeserializeOwned>(&self) -> V {
        self.parsed(&self.expect().to_string())
    }
}

impl<T: fmt::Debug> fmt::Debug for Answer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("what", &self.what)
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}
