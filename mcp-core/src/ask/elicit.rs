//! Asking the user.

use super::{AskError, form};
use crate::{
    context::{Context, IdempotencyKey},
    peer::BoxFuture,
    protocol::{Capability, Era, RawJson, compat::Feature},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{fmt, future::IntoFuture, marker::PhantomData};

const METHOD: &str = "elicitation/create";

/// What the user did with a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elicited<T> {
    /// Answered it.
    Accepted(T),
    /// Said no.
    Declined,
    /// Closed it.
    Cancelled,
}

impl<T> Elicited<T> {
    /// The answer, or the kind of error that there is none.
    fn accepted(self) -> Result<T, AskError> {
        match self {
            Self::Accepted(answer) => Ok(answer),
            Self::Declined => Err(AskError::declined()),
            Self::Cancelled => Err(AskError::cancelled()),
        }
    }
}

/// The answer as it comes.
#[derive(Deserialize)]
struct Answer {
    action: Action,
    #[serde(default)]
    content: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    Accept,
    Decline,
    Cancel,
}

/// A form for the user; await it to ask. See [`Context::elicit`].
#[must_use = "a question is asked when it is awaited"]
pub struct Elicit<'a, T> {
    context: &'a Context,
    key: String,
    message: String,
    marker: PhantomData<fn() -> T>,
}

impl<'a, T: DeserializeOwned + JsonSchema> Elicit<'a, T> {
    pub(super) fn new(context: &'a Context, key: String, message: String) -> Self {
        Self {
            context,
            key,
            message,
            marker: PhantomData,
        }
    }

    /// Asks, and tells accepting from declining and cancelling.
    ///
    /// # Errors
    /// When the question cannot be asked, or the answer does not fit the form.
    pub async fn outcome(self) -> Result<Elicited<T>, AskError> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Params {
            #[serde(skip_serializing_if = "Option::is_none")]
            mode: Option<&'static str>,
            message: String,
            requested_schema: Value,
        }
        let revision = self.context.facts().revision;
        let form = form::of::<T>()
            .map_err(|fault| AskError::misused(format!("question `{}`: {fault}", self.key)))?;
        let has_modes = revision.has(Feature::ElicitationModes);
        let params = Params {
            mode: has_modes.then_some("form"),
            message: self.message,
            requested_schema: form::downlevel(form.clone(), revision).map_err(AskError::failed)?,
        };
        let read = |answer: &RawJson| {
            read(answer, |content| {
                form::read(&form, content.unwrap_or_default())
            })
        };
        let requires = Capability::Elicitation;
        self.context
            .ask(self.key, METHOD, &params, requires, read)
            .await
    }
}

fn read<T>(
    answer: &RawJson,
    accept: impl FnOnce(Option<Value>) -> Result<T, String>,
) -> Result<Elicited<T>, String> {
    let answer: Answer = answer
        .parse()
        .map_err(|_| "the client's answer is not one".to_owned())?;
    Ok(match answer.action {
        Action::Accept => Elicited::Accepted(accept(answer.content)?),
        Action::Decline => Elicited::Declined,
        Action::Cancel => Elicited::Cancelled,
    })
}

impl<'a, T> IntoFuture for Elicit<'a, T>
where
    T: DeserializeOwned + JsonSchema + Send + 'a,
{
    type Output = Result<T, AskError>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let outcome = self.outcome();
        Box::pin(async move { outcome.await?.accepted() })
    }
}

impl<T> fmt::Debug for Elicit<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Elicit")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// A link for the user; await it to ask. See [`Context::elicit_url`].
#[derive(Debug)]
#[must_use = "a question is asked when it is awaited"]
pub struct ElicitUrl<'a> {
    context: &'a Context,
    key: String,
    message: String,
    url: String,
}

impl<'a> ElicitUrl<'a> {
    pub(super) fn new(context: &'a Context, key: String, message: String, url: String) -> Self {
        Self {
            context,
            key,
            message,
            url,
        }
    }

    /// Asks, and tells agreeing from declining and cancelling.
    ///
    /// # Errors
    /// When the question cannot be asked.
    pub async fn outcome(self) -> Result<Elicited<()>, AskError> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Params {
            mode: &'static str,
            message: String,
            url: String,
            #[serde(skip_serializing_if = "Option::is_none")]
            elicitation_id: Option<IdempotencyKey>,
        }
        let revision = self.context.facts().revision;
        let params = Params {
            mode: "url",
            message: self.message,
            url: self.url,
            // Only 2025-11-25 has it; later the state of the call connects both ends.
            elicitation_id: match revision.era() {
                Era::Legacy => Some(self.context.idempotency_key(&self.key)?),
                Era::Modern => None,
            },
        };
        let key = self.key;
        let read = |answer: &RawJson| read(answer, |_| Ok(()));
        let requires = Capability::ElicitationUrl;
        self.context.ask(key, METHOD, &params, requires, read).await
    }
}

impl<'a> IntoFuture for ElicitUrl<'a> {
    type Output = Result<(), AskError>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.outcome().await?.accepted() })
    }
}
