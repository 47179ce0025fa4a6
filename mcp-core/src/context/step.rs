//! Work that is done once, however often the handler runs.

use super::Context;
use crate::{ask::AskError, error::ToolError, protocol::RawJson};
use serde::{Serialize, de::DeserializeOwned};
use std::{error::Error, fmt, future::Future};

/// A name for one step of one call: the same each time the step is done, different for every other
/// step and call. Pass it on to whatever has the effect, so that doing it twice does it once.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key as text of printable ASCII.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a step has no result.
#[derive(Debug)]
#[non_exhaustive]
pub enum StepError<E> {
    /// The step itself failed. It is not recorded; the next round does it again.
    Failed(E),
    /// Its name is used twice, or its result cannot be recorded.
    Misused(AskError),
}

impl<E: fmt::Display> fmt::Display for StepError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => error.fmt(f),
            Self::Misused(error) => error.fmt(f),
        }
    }
}

impl From<StepError<ToolError>> for ToolError {
    fn from(error: StepError<ToolError>) -> Self {
        match error {
            StepError::Failed(error) => error,
            StepError::Misused(error) => error.into(),
        }
    }
}

impl<E: Error + 'static> Error for StepError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Failed(error) => error.source(),
            Self::Misused(error) => error.source(),
        }
    }
}

impl Context {
    /// The number of this round, from zero: how often the handler has run before for this call.
    /// Always zero in a session.
    pub fn round(&self) -> u32 {
        self.peer().rounds().map_or(0, |rounds| rounds.round())
    }

    /// Does something once per call, even when questions make the handler run again: later rounds
    /// return the recorded result.
    ///
    /// The result travels through the client, sealed, with the state of the call; keep it small.
    /// Do not ask the client inside a step: a round ends only when its steps are done, so the
    /// answer would never come. See the limits in [`crate::round`]: for effects that must never happen twice, hand the
    /// closure's key on.
    ///
    /// ```
    /// use mcp_core::{Context, ToolError, mcp_tool};
    ///
    /// #[mcp_tool]
    /// async fn book(seat: String, cx: Context) -> Result<String, ToolError> {
    ///     let hold = cx
    ///         .step("hold", async |key| Ok::<_, std::io::Error>(format!("{seat} held as {key}")))
    ///         .await?;
    ///     Ok(hold)
    /// }
    /// ```
    ///
    /// # Errors
    /// The step's own error, or that its name is used twice in this call.
    pub async fn step<T, E, F, Fut>(&self, name: &str, work: F) -> Result<T, StepError<E>>
    where
        T: Serialize + DeserializeOwned,
        F: FnOnce(IdempotencyKey) -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let misused = |error: serde_json::Error| {
            StepError::Misused(AskError::misused(format!("step `{name}`: {error}")))
        };
        self.claim("step", name).map_err(StepError::Misused)?;
        let Some(rounds) = self.peer().rounds() else {
            let key = self.idempotency_key(name).map_err(StepError::Misused)?;
            return work(key).await.map_err(StepError::Failed);
        };
        let (recorded, key) = rounds.step(name).map_err(StepError::Misused)?;
        if let Some(recorded) = recorded {
            return recorded.parse().map_err(misused);
        }
        let _doing = rounds.doing();
        let result = work(IdempotencyKey(key)).await.map_err(StepError::Failed)?;
        rounds.record(name, RawJson::from_serialize(&result).map_err(misused)?);
        Ok(result)
    }

    /// The key of a step in a call that has no rounds.
    pub(crate) fn idempotency_key(&self, name: &str) -> Result<IdempotencyKey, AskError> {
        let chain = self
            .0
            .chain
            .get_or_init(|| crate::seal::random::<16>().ok());
        let chain = chain.ok_or_else(|| AskError::misused("the system gives no random bytes"))?;
        Ok(IdempotencyKey(format!(
            "{:032x}/{name}",
            u128::from_be_bytes(chain)
        )))
    }
}
