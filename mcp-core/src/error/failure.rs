//! Everything that can go wrong between a request and its handler's answer.

use super::{InvalidArgument, RequestError, ToolError, tool::internal_result};
use crate::{
    protocol::{ErrorObject, Revision, ToolResult},
    quirks::Quirks,
    refusal::Refusal,
};
use http::Extensions;
use serde::Serialize;
use std::any::Any;

/// Why a handler gave no result. Made by generated code; each kind of operation answers it in its
/// own way.
#[derive(Debug)]
pub struct Failure(Kind);

#[derive(Debug)]
enum Kind {
    Arguments(Vec<InvalidArgument>),
    Tool(ToolError),
    Request(RequestError),
}

impl Failure {
    /// Faults in the arguments.
    pub fn arguments(faults: Vec<InvalidArgument>) -> Self {
        Self(Kind::Arguments(faults))
    }

    /// A fault that is for the log only.
    pub(crate) fn internal(text: String) -> Self {
        Self(Kind::Request(RequestError::internal(text)))
    }

    /// What comes of a function of the user's that panicked: for the log only, too.
    pub(crate) fn panicked(who: &str, panic: &(dyn Any + Send)) -> Self {
        let text = panic
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("no message");
        Self::internal(format!("{who} panicked: {text}"))
    }

    /// As the answer of a tool: bad arguments and internal errors are results that the model sees,
    /// unless a quirk of the request, which is in these extensions, has the former be errors.
    pub(crate) fn into_tool_result(
        self,
        extensions: &Extensions,
        revision: Revision,
    ) -> Result<ToolResult, Refusal> {
        match self.0 {
            Kind::Arguments(faults) => {
                let quirks = Quirks::of(extensions);
                let text = match quirks.and_then(|quirks| quirks.in_own_words(&faults)) {
                    Some(Ok(text)) => text,
                    Some(Err(panicked)) => return panicked.into_tool_result(extensions, revision),
                    None => describe(&faults),
                };
                if quirks.is_some_and(|quirks| quirks.has_argument_errors(revision)) {
                    return Err(invalid_params(text, &faults));
                }
                Ok(ToolResult::error(text))
            }
            Kind::Tool(error) => error.into_result(),
            Kind::Request(error) => match error.internal_text() {
                Some(text) => Ok(internal_result(text)),
                None => Err(error.into_refusal("")),
            },
        }
    }

    /// As the answer of a prompt or resource: a JSON-RPC error.
    pub(crate) fn into_refusal(self, uri: &str) -> Refusal {
        match self.0 {
            Kind::Arguments(faults) => invalid_params(describe(&faults), &faults),
            Kind::Tool(error) => RequestError::internal(error).into_refusal(uri),
            Kind::Request(error) => error.into_refusal(uri),
        }
    }
}

fn invalid_params(text: String, faults: &[InvalidArgument]) -> Refusal {
    let error = ErrorObject::invalid_params(text);
    Refusal::answer(error.with_data(&Data::new(faults)))
}

fn describe(faults: &[InvalidArgument]) -> String {
    let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
    format!("invalid arguments: {}", faults.join("; "))
}

#[derive(Serialize)]
struct Data<'a> {
    invalid: Vec<Fault<'a>>,
}

#[derive(Serialize)]
struct Fault<'a> {
    path: &'a str,
    expectation: &'a str,
}

impl<'a> Data<'a> {
    fn new(faults: &'a [InvalidArgument]) -> Self {
        let invalid = faults
            .iter()
            .map(|fault| Fault {
                path: fault.path(),
                expectation: fault.expectation(),
            })
            .collect();
        Self { invalid }
    }
}

impl From<ToolError> for Failure {
    fn from(error: ToolError) -> Self {
        Self(Kind::Tool(error))
    }
}

impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Self {
        Self(Kind::Request(error))
    }
}
