//! Several questions at once.

use crate::peer::BoxFuture;
use std::{
    future::{Future, IntoFuture, poll_fn},
    pin::pin,
    task::Poll,
};

/// Questions that are asked in one go: a tuple of two to four of them.
///
/// The client is shown all of them before any is answered, which saves rounds in 2026-07-28.
/// Joining the futures by other means does the same.
///
/// ```
/// use mcp_core::{Context, ToolError, Together, mcp_tool};
///
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// struct Name {
///     name: String,
/// }
///
/// #[mcp_tool]
/// async fn greet(cx: Context) -> Result<String, ToolError> {
///     let name = cx.elicit::<Name>("name", "What is your name?");
///     let (name, roots) = (name, cx.roots("roots")).together().await;
///     Ok(format!("Hello {}, {} roots", name?.name, roots?.len()))
/// }
/// ```
pub trait Together: Sized {
    /// The answers, in the order of the questions.
    type Output;

    /// Asks all of them and waits for all answers.
    fn together<'a>(self) -> BoxFuture<'a, Self::Output>
    where
        Self: 'a;
}

impl<A, B> Together for (A, B)
where
    A: IntoFuture<IntoFuture: Send, Output: Send>,
    B: IntoFuture<IntoFuture: Send, Output: Send>,
{
    type Output = (A::Output, B::Output);

    fn together<'a>(self) -> BoxFuture<'a, Self::Output>
    where
        Self: 'a,
    {
        Box::pin(both(self.0.into_future(), self.1.into_future()))
    }
}

impl<A, B, C> Together for (A, B, C)
where
    A: IntoFuture<IntoFuture: Send, Output: Send>,
    B: IntoFuture<IntoFuture: Send, Output: Send>,
    C: IntoFuture<IntoFuture: Send, Output: Send>,
{
    type Output = (A::Output, B::Output, C::Output);

    fn together<'a>(self) -> BoxFuture<'a, Self::Output>
    where
        Self: 'a,
    {
        let (a, b, c) = (
            self.0.into_future(),
            self.1.into_future(),
            self.2.into_future(),
        );
        Box::pin(async move {
            let ((a, b), c) = both(both(a, b), c).await;
            (a, b, c)
        })
    }
}

impl<A, B, C, D> Together for (A, B, C, D)
where
    A: IntoFuture<IntoFuture: Send, Output: Send>,
    B: IntoFuture<IntoFuture: Send, Output: Send>,
    C: IntoFuture<IntoFuture: Send, Output: Send>,
    D: IntoFuture<IntoFuture: Send, Output: Send>,
{
    type Output = (A::Output, B::Output, C::Output, D::Output);

    fn together<'a>(self) -> BoxFuture<'a, Self::Output>
    where
        Self: 'a,
    {
        let (a, b) = (self.0.into_future(), self.1.into_future());
        let (c, d) = (self.2.into_future(), self.3.into_future());
        Box::pin(async move {
            let ((a, b), (c, d)) = both(both(a, b), both(c, d)).await;
            (a, b, c, d)
        })
    }
}

/// Waits for two futures, polling both each time.
async fn both<A: Future, B: Future>(a: A, b: B) -> (A::Output, B::Output) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut first, mut second) = (None, None);
    poll_fn(|cx| {
        if first.is_none()
            && let Poll::Ready(answer) = a.as_mut().poll(cx)
        {
            first = Some(answer);
        }
        if second.is_none()
            && let Poll::Ready(answer) = b.as_mut().poll(cx)
        {
            second = Some(answer);
        }
        match (first.take(), second.take()) {
            (Some(first), Some(second)) => Poll::Ready((first, second)),
            partial => {
                (first, second) = partial;
                Poll::Pending
            }
        }
    })
    .await
}
