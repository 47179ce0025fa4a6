//! Questions to a client, until they are answered.

use super::Link;
use crate::{
    ask::{AskError, Question},
    protocol::{ErrorCode, ErrorObject, RawJson, RequestId, ResponseMessage, put_on_one_line},
};
use bytes::BytesMut;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::oneshot;

/// How long a client may take to answer: a person may have to be found first.
const PATIENCE: Duration = Duration::from_secs(600);

/// A request of the server to its client.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientRequest {
    /// Names the request, and the replica that sent it.
    pub id: RequestId,
    /// What is asked.
    pub question: Question,
}

impl ClientRequest {
    /// A request.
    pub fn new(id: RequestId, question: Question) -> Self {
        Self { id, question }
    }

    /// Appends the JSON-RPC request, on one line.
    pub fn write(&self, out: &mut BytesMut) {
        // An id is a string or an integer: it always serializes.
        let id = serde_json::to_vec(&self.id).unwrap_or_default();
        out.extend_from_slice(b"{\"jsonrpc\":\"2.0\",\"id\":");
        out.extend_from_slice(&id);
        out.extend_from_slice(b",\"method\":\"");
        out.extend_from_slice(self.question.method.as_bytes());
        out.extend_from_slice(b"\",\"params\":");
        put_on_one_line(out, self.question.params.as_str().as_bytes());
        out.extend_from_slice(b"}");
    }
}

type Answer = Result<RawJson, AskError>;

/// The requests that a server has sent to the client of one session, until they are answered.
///
/// A transport keeps one for each session. Answers are matched by id within it: another session's
/// never meet them.
#[derive(Debug, Default)]
pub struct Questions(Mutex<HashMap<RequestId, oneshot::Sender<Answer>>>);

impl Questions {
    /// Hands an answer to whoever waits for it; an answer that nobody waits for is dropped.
    pub fn answer(&self, response: &ResponseMessage) {
        let waiting = response.id().and_then(|id| self.lock().remove(id));
        let Some(waiting) = waiting else {
            return;
        };
        let answer = match response.outcome() {
            Ok(result) => Ok(result.clone()),
            Err(error) => {
                let unreadable = || ErrorObject::new(ErrorCode::INTERNAL_ERROR, "no reason given");
                let error = error.parse().unwrap_or_else(|_| unreadable());
                Err(AskError::from_client(&error))
            }
        };
        // The handler may have gone away meanwhile.
        let _ = waiting.send(answer);
    }

    /// Answers all questions with their end.
    pub fn end(&self) {
        self.lock().clear();
    }

    /// Asks on the stream of a call, and waits for the answer: for ten minutes at most. Dropped, it
    /// waits no longer.
    ///
    /// # Errors
    /// When the client answers with an error, or not in time, or has gone away.
    pub async fn ask(
        &self,
        id: RequestId,
        link: &Link,
        question: Question,
    ) -> Result<RawJson, AskError> {
        let (sender, answer) = oneshot::channel();
        self.lock().insert(id.clone(), sender);
        let _waiting = Waiting {
            questions: self,
            id: &id,
        };
        if !link.send(ClientRequest::new(id.clone(), question)) {
            return Err(AskError::failed("the client has gone away"));
        }
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(answer)) => answer,
            // The session has ended.
            Ok(Err(_)) => Err(AskError::failed("the client has gone away")),
            Err(_) => Err(AskError::timed_out()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RequestId, oneshot::Sender<Answer>>> {
        // Nothing panics while the lock is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A question that waits; dropped with the handler, it waits no longer.
struct Waiting<'a> {
    questions: &'a Questions,
    id: &'a RequestId,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.questions.lock().remove(self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ask::AskErrorKind,
        call::Outgoing,
        protocol::{DEFAULT_MAX_DEPTH, Message},
    };
    use std::future::poll_fn;

    fn question() -> Question {
        Question::new("k", "roots/list", RawJson::EMPTY_OBJECT)
    }

    fn response(id: &RequestId, outcome: &str) -> ResponseMessage {
        let id = serde_json::to_string(id).unwrap();
        let body = format!(r#"{{"jsonrpc":"2.0","id":{id},{outcome}}}"#);
        match Message::parse(body.into(), DEFAULT_MAX_DEPTH).unwrap() {
            Message::Response(response) => response,
            other => panic!("{other:?}"),
        }
    }

    async fn sent(link: &Link) -> RequestId {
        match poll_fn(|cx| link.poll_next(cx)).await {
            Some(Outgoing::Request(request)) => request.id,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn an_answer_reaches_its_question_and_no_other_session() {
        let (mine, other, link) = (Questions::default(), Questions::default(), Link::new());
        let asking = mine.ask("q".into(), &link, question());
        let answering = async {
            let id = sent(&link).await;
            other.answer(&response(&id, r#""result":{"stolen":1}"#));
            mine.answer(&response(&"x".into(), r#""result":{"wrong":1}"#));
            mine.answer(&response(&id, r#""result":{"roots":[]}"#));
        };
        let (answer, ()) = tokio::join!(asking, answering);
        assert_eq!(answer.unwrap().as_str(), r#"{"roots":[]}"#);
        assert!(mine.lock().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn silence_and_errors_are_answers_too() {
        let (questions, link) = (Questions::default(), Link::new());
        let asking = questions.ask("q".into(), &link, question());
        let error = asking.await.unwrap_err();
        assert_eq!(error.kind(), AskErrorKind::TimedOut);
        sent(&link).await;
        let asking = questions.ask("r".into(), &link, question());
        let answering = async {
            let id = sent(&link).await;
            questions.answer(&response(&id, r#""error":{"code":-1,"message":"no"}"#));
        };
        let (answer, ()) = tokio::join!(asking, answering);
        assert!(answer.unwrap_err().to_string().contains("no"));
        link.detach();
        assert!(questions.ask("s".into(), &link, question()).await.is_err());
        assert!(questions.lock().is_empty());
    }
}
