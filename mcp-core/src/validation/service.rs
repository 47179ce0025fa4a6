//! The checks, around the handler of a tool.

use super::ToolSchemas;
use crate::{
    error::{BoxError, Failure, InvalidArgument, internal_result},
    peer::BoxFuture,
    request::Request,
    response::{Payload, Response},
    route::Route,
};
use serde_json::Value;
use std::{
    future::ready,
    sync::Arc,
    task::{Context, Poll},
};
use tower_layer::Layer;
use tower_service::Service;

const UNREADABLE: &str = "expected numbers and text that can be represented";

#[derive(Clone, Debug)]
pub(super) struct CheckLayer(pub(super) Arc<ToolSchemas>);

impl Layer<Route> for CheckLayer {
    type Service = Checked;

    fn layer(&self, inner: Route) -> Checked {
        Checked {
            inner,
            schemas: self.0.clone(),
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Checked {
    inner: Route,
    schemas: Arc<ToolSchemas>,
}

impl Service<Request> for Checked {
    type Response = Response;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Response, BoxError>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        if let Some(refused) = self.schemas.refuse(&request) {
            return Box::pin(ready(Ok(refused)));
        }
        let revision = request.facts().revision;
        let answer = self.inner.call(request);
        if self.schemas.output.is_none() {
            return answer;
        }
        let schemas = self.schemas.clone();
        Box::pin(async move { Ok(schemas.check(answer.await?, revision)) })
    }
}

impl ToolSchemas {
    /// The answer to arguments that the schema does not allow. What is no object at all is for the
    /// handler to refuse, as it is without checks.
    fn refuse(&self, request: &Request) -> Option<Response> {
        let raw = request.arguments().ok()?;
        let faults = match raw.parse::<Value>() {
            Ok(arguments) => {
                let revision = request.facts().revision;
                self.input.faults(&arguments, revision)
            }
            // The envelope has numbers and text that no value has, such as `1e999`.
            Err(_) => vec![InvalidArgument::new("", UNREADABLE)],
        };
        let failure = (!faults.is_empty()).then(|| Failure::arguments(faults))?;
        let told = failure.into_tool_result(request.extensions(), request.facts().revision);
        Some(told.map(Payload::Tool).into())
    }

    /// The answer, if the schema allows it.
    fn check(&self, answer: Response, revision: crate::protocol::Revision) -> Response {
        let (Some(schema), Ok(Payload::Tool(result))) = (&self.output, answer.outcome()) else {
            return answer;
        };
        if result.is_error {
            return answer;
        }
        let value = result.structured_content.as_ref();
        let problem = match value.and_then(|value| value.parse::<Value>().ok()) {
            None => "has no structured content".to_owned(),
            Some(value) => match schema.faults(&value, revision).first() {
                None => return answer,
                Some(fault) => format!("is not what its output schema allows: {fault}"),
            },
        };
        let problem = format!("the result of the tool {} {problem}", self.name);
        Payload::Tool(internal_result(&problem)).into()
    }
}
