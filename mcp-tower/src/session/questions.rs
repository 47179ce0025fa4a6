//! The requests that a server has sent to the client of one session, until they are answered.

use mcp_core::{
    AskError, BoxFuture, Question,
    call::{AskClient, ClientRequest, Link},
    protocol::{ErrorCode, ErrorObject, RawJson, RequestId, ResponseMessage},
    random,
};
use std::{
    collections::HashMap,
    sync::{
        LazyLock, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::oneshot;

/// How many questions of a session may wait for answers at once.
const MAX_WAITING: usize = 64;

/// How long a client may take to answer: a person may have to be found first.
const PATIENCE: Duration = Duration::from_secs(600);

type Answer = Result<RawJson, AskError>;

/// Answers are matched by id within one session: another session's never meet them.
#[derive(Debug, Default)]
pub(crate) struct Questions {
    next: AtomicU64,
    waiting: Mutex<HashMap<RequestId, oneshot::Sender<Answer>>>,
}

impl Questions {
    /// Hands an answer to whoever waits for it; an answer that nobody waits for is dropped.
    pub(crate) fn answer(&self, response: &ResponseMessage) {
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
        self.lock().clear();
    }

    /// Ids name the replica that asks, so that an answer that reaches another can be passed on.
    fn next_id(&self) -> RequestId {
        static REPLICA: LazyLock<String> = LazyLock::new(|| {
            let bytes = random::<4>().unwrap_or_default();
            format!("{:08x}", u32::from_be_bytes(bytes))
        });
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        RequestId::from(format!("{}:{number}", *REPLICA).as_str())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RequestId, oneshot::Sender<Answer>>> {
        // Nothing panics while the lock is held.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, link: &Link, question: Question) -> Answer {
        let (id, answer) = self.wait()?;
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

    fn wait(&self) -> Result<(RequestId, oneshot::Receiver<Answer>), AskError> {
        let mut waiting = self.lock();
        if waiting.len() >= MAX_WAITING {
            return Err(AskError::too_many());
        }
        let id = self.next_id();
        let (sender, receiver) = oneshot::channel();
        waiting.insert(id.clone(), sender);
        Ok((id, receiver))
    }
}

impl AskClient for Questions {
    fn ask<'a>(&'a self, link: &'a Link, question: Question) -> BoxFuture<'a, Answer> {
        Box::pin(self.ask(link, question))
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
        let asking = mine.ask(&link, question());
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
        let error = questions.ask(&link, question()).await.unwrap_err();
        assert_eq!(error.kind(), mcp_core::AskErrorKind::TimedOut);
        sent(&link).await;
        let asking = questions.ask(&link, question());
        let answering = async {
            let id = sent(&link).await;
            questions.answer(&response(&id, r#""error":{"code":-1,"message":"no"}"#));
        };
        let (answer, ()) = tokio::join!(asking, answering);
        assert!(answer.unwrap_err().to_string().contains("no"));
        link.detach();
        assert!(questions.ask(&link, question()).await.is_err());
        assert!(questions.lock().is_empty());
    }

    #[tokio::test]
    async fn questions_are_bounded() {
        let questions = Questions::default();
        let waiting: Vec<_> = (0..MAX_WAITING)
            .map(|_| questions.wait().unwrap())
            .collect();
        assert!(questions.wait().is_err());
        drop(waiting);
    }
}
