//! The requests that a server has sent to the client of one session, until they are answered.

use super::seldom::Seldom;
use mcp_core::{
    AskError, Question,
    call::{ClientRequest, Link},
    protocol::{ErrorCode, ErrorObject, RawJson, RequestId, ResponseMessage},
};
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::oneshot;

/// How long a client may take to answer: a person may have to be found first.
const PATIENCE: Duration = Duration::from_secs(600);

pub(super) type Answer = Result<RawJson, AskError>;

/// Answers are matched by id within one session: another session's never meet them.
#[derive(Debug, Default)]
pub(super) struct Questions(Mutex<Seldom<RequestId, oneshot::Sender<Answer>>>);

impl Questions {
    /// Hands an answer to whoever waits for it; an answer that nobody waits for is dropped.
    pub(super) fn answer(&self, response: &ResponseMessage) {
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
    pub(super) fn end(&self) {
        let waiting = std::mem::take(&mut *self.lock());
        drop(waiting);
    }

    /// Asks on the stream of a call, and waits for the answer.
    pub(super) async fn ask(&self, id: RequestId, link: &Link, question: Question) -> Answer {
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

    fn lock(&self) -> MutexGuard<'_, Seldom<RequestId, oneshot::Sender<Answer>>> {
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
    use mcp_core::{
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
        assert_eq!(error.kind(), mcp_core::AskErrorKind::TimedOut);
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
