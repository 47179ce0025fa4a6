//! Questions to the client in mid-call: forms, links, the client's model, its roots.
//!
//! One handler serves both eras. In a session the question is a request on the call's stream and
//! the `await` resumes with the answer; in 2026-07-28 the call ends with the question, and the
//! client's next request runs the handler again with the answer recorded (see [`crate::round`]).

mod elicit;
mod error;
mod form;
mod roots;
mod sample;
mod together;

pub use elicit::{Elicit, ElicitUrl, Elicited};
pub use error::{AskError, AskErrorKind};
pub use roots::{Root, Roots};
pub use sample::{Sample, SamplingMessage, SamplingRequest, SamplingResult};
pub use together::Together;

use crate::{
    context::Context,
    protocol::{Capability, RawJson},
};
use serde::{Serialize, de::DeserializeOwned};
use std::borrow::Cow;

/// Something that is asked of the client.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Question {
    /// Names the question among those of its call.
    pub key: String,
    /// `elicitation/create`, `sampling/createMessage` or `roots/list`.
    pub method: Cow<'static, str>,
    /// The parameters: an object.
    pub params: RawJson,
}

impl Question {
    /// A question.
    pub fn new(
        key: impl Into<String>,
        method: impl Into<Cow<'static, str>>,
        params: RawJson,
    ) -> Self {
        Self {
            key: key.into(),
            method: method.into(),
            params,
        }
    }
}

impl Context {
    /// Asks the user to fill in a form made from `T`: a struct whose fields are strings, numbers,
    /// booleans, enums or lists of enums, all with whatever schemars and serde attributes.
    ///
    /// `key` names the question among those of this call; it must be the same each time the
    /// handler runs. Await the value itself, or [`Elicit::outcome`] to tell accepting from
    /// declining and cancelling.
    ///
    /// ```
    /// use mcp_core::{Context, ToolError, mcp_tool};
    ///
    /// #[derive(serde::Deserialize, schemars::JsonSchema)]
    /// struct Confirm {
    ///     /// Really?
    ///     ok: bool,
    /// }
    ///
    /// #[mcp_tool]
    /// async fn erase(cx: Context) -> Result<&'static str, ToolError> {
    ///     let confirm: Confirm = cx.elicit("confirm", "Erase everything?").await?;
    ///     Ok(if confirm.ok { "erased" } else { "kept" })
    /// }
    /// ```
    pub fn elicit<T>(&self, key: impl Into<String>, message: impl Into<String>) -> Elicit<'_, T>
    where
        T: DeserializeOwned + schemars::JsonSchema,
    {
        Elicit::new(self, key.into(), message.into())
    }

    /// Asks the user to open a link: for secrets, payments, sign-ins, which no form may ask for.
    ///
    /// Accepting means that the user agreed to open it, not that anything was done there.
    pub fn elicit_url(
        &self,
        key: impl Into<String>,
        message: impl Into<String>,
        url: impl Into<String>,
    ) -> ElicitUrl<'_> {
        ElicitUrl::new(self, key.into(), message.into(), url.into())
    }

    /// Asks the client's model.
    pub fn sample(&self, key: impl Into<String>, request: SamplingRequest) -> Sample<'_> {
        Sample::new(self, key.into(), request)
    }

    /// Asks for the client's file-system roots: hints, not permissions.
    pub fn roots(&self, key: impl Into<String>) -> Roots<'_> {
        Roots::new(self, key.into())
    }

    /// Asks one question, after checking that the client can answer it, and reads the answer.
    ///
    /// An answer that cannot be read is an error in a session; in rounds the question is asked
    /// again, since what came back is in the hands of whoever sent it.
    async fn ask<P: Serialize, T>(
        &self,
        key: String,
        method: &'static str,
        params: &P,
        requires: Capability,
        read: impl Fn(&RawJson) -> Result<T, String>,
    ) -> Result<T, AskError> {
        if !self.client().supports(requires) {
            return Err(AskError::not_supported(requires, self.facts().revision));
        }
        self.claim("question", &key)?;
        let params = RawJson::from_serialize(params)
            .map_err(|error| AskError::misused(format!("question `{key}`: {error}")))?;
        let question = Question::new(key, method, params);
        let answer = self.peer().ask(question.clone()).await?;
        match (read(&answer), self.peer().rounds()) {
            (Ok(answer), _) => Ok(answer),
            (Err(fault), None) => Err(AskError::failed(fault)),
            (Err(_), Some(rounds)) => {
                rounds.forget(&question.key);
                let answer = self.peer().ask(question).await?;
                read(&answer).map_err(AskError::failed)
            }
        }
    }
}
