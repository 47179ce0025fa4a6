//! What a prompt may return.

use crate::{
    error::{Failure, RequestError},
    protocol::{ContentBlock, PromptMessage, PromptResult},
};

/// A value that a prompt can return: text or content (one message of the user), messages, a
/// [`PromptResult`], or a `Result` of those.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be returned from an MCP prompt",
    label = "not a prompt result",
    note = "return text, `ContentBlock`, `PromptMessage`, a `Vec` of messages, `PromptResult`, or a `Result` of those"
)]
pub trait IntoPromptResult: Sized {
    /// The result.
    ///
    /// # Errors
    /// The handler's error.
    fn into_prompt_result(self) -> Result<PromptResult, Failure>;
}

macro_rules! one_message {
    ($($type:ty)*) => {$(
        impl IntoPromptResult for $type {
            fn into_prompt_result(self) -> Result<PromptResult, Failure> {
                PromptMessage::user(self).into_prompt_result()
            }
        }
    )*};
}
one_message!(String &'static str std::borrow::Cow<'static, str> ContentBlock);

impl IntoPromptResult for PromptMessage {
    fn into_prompt_result(self) -> Result<PromptResult, Failure> {
        Ok(PromptResult::new([self]))
    }
}

impl IntoPromptResult for Vec<PromptMessage> {
    fn into_prompt_result(self) -> Result<PromptResult, Failure> {
        Ok(PromptResult::new(self))
    }
}

impl<const N: usize> IntoPromptResult for [PromptMessage; N] {
    fn into_prompt_result(self) -> Result<PromptResult, Failure> {
        Ok(PromptResult::new(self))
    }
}

impl IntoPromptResult for PromptResult {
    fn into_prompt_result(self) -> Result<PromptResult, Failure> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: IntoPromptResult, E: Into<RequestError>> IntoPromptResult for Result<T, E> {
    fn into_prompt_result(self) -> Result<PromptResult, Failure> {
        match self {
            Ok(value) => value.into_prompt_result(),
            Err(error) => Err(error.into().into()),
        }
    }
}
