//! How an annotated function carries its description.

use pin_project_lite::pin_project;
use std::{
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll},
};

pin_project! {
    /// The future of an annotated function: the function's own, tagged with a hidden marker type
    /// that describes the function. Awaiting it awaits the function.
    #[must_use = "futures do nothing unless awaited"]
    pub struct Tagged<M, F> {
        #[pin]
        future: F,
        marker: PhantomData<fn() -> M>,
    }
}

impl<M, F> Tagged<M, F> {
    /// Tags a future.
    pub fn new(future: F) -> Self {
        Self {
            future,
            marker: PhantomData,
        }
    }
}

impl<M, F: Future> Future for Tagged<M, F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}

impl<M, F> fmt::Debug for Tagged<M, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tagged").finish_non_exhaustive()
    }
}

/// A function with a description: one that carries `#[mcp_tool]`, `#[mcp_prompt]` or
/// `#[mcp_resource]`. Implemented for functions of up to 16 parameters.
#[diagnostic::on_unimplemented(
    message = "this function carries no MCP description",
    label = "not annotated",
    note = "annotate the function with `#[mcp_tool]`, `#[mcp_prompt]` or `#[mcp_resource]`"
)]
pub trait Annotated<Parameters> {
    /// The hidden type that describes the function.
    type Marker;
}

macro_rules! annotated {
    ($($parameter:ident)*) => {
        #[diagnostic::do_not_recommend]
        impl<Function, Marker, Fut, $($parameter),*> Annotated<($($parameter,)*)> for Function
        where
            Function: Fn($($parameter),*) -> Tagged<Marker, Fut>,
        {
            type Marker = Marker;
        }
    };
}
annotated!();
annotated!(A);
annotated!(A B);
annotated!(A B C);
annotated!(A B C D);
annotated!(A B C D E);
annotated!(A B C D E F);
annotated!(A B C D E F G);
annotated!(A B C D E F G H);
annotated!(A B C D E F G H I);
annotated!(A B C D E F G H I J);
annotated!(A B C D E F G H I J K);
annotated!(A B C D E F G H I J K L);
annotated!(A B C D E F G H I J K L M);
annotated!(A B C D E F G H I J K L M N);
annotated!(A B C D E F G H I J K L M N O);
annotated!(A B C D E F G H I J K L M N O P);
