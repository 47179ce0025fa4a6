//! Reading a body within bounds.

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CollectError {
    /// It is longer than allowed.
    TooLarge,
    /// It took longer than allowed.
    TimedOut,
    /// There is no room for it.
    NoRoom,
    /// The connection or the body's framing failed.
    Broken,
}

/// Reads a body of at most `limit` bytes that arrives within `time`, counted from the first poll
/// to the last byte.
///
/// A body that declares more than `limit` bytes is not read at all; one that declares nothing is
/// given up at the first byte too many. A body of one frame is not copied. Trailers are ignored.
///
/// Before anything is kept, `room` is asked whether there is room for so many bytes more.
///
/// Dropping the future drops the body and what was read of it. A tokio runtime with timers is
/// needed only if there is a `time` and the body is not there yet.
pub(crate) async fn collect<B>(
    body: B,
    limit: usize,
    time: Option<Duration>,
    room: impl FnMut(usize) -> bool,
) -> Result<Bytes, CollectError>
where
    B: Body<Data = Bytes>,
{
    if body.size_hint().lower() > limit as u64 {
        return Err(CollectError::TooLarge);
    }
    let read = pin!(read(body, limit, room));
    match time {
        None => read.await,
        Some(time) => within(read, time).await,
    }
}

/// Reads what is left of a body and keeps nothing of it; whether it came to its end, with at most
/// `limit` bytes and within `time`.
///
/// A tokio runtime with timers is needed only if the end is not there yet.
pub(crate) async fn discard<B: Body<Data = Bytes>>(body: B, limit: usize, time: Duration) -> bool {
    if body.size_hint().lower() > limit as u64 {
        return false;
    }
    let skip = async {
        let mut body = pin!(body);
        let mut left = limit;
        while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
            let frame = frame.map_err(|_| CollectError::Broken)?;
            let length = frame.data_ref().map_or(0, Bytes::len);
            left = left.checked_sub(length).ok_or(CollectError::TooLarge)?;
        }
        Ok(())
    };
    within(pin!(skip), time).await.is_ok()
}

/// Like `tokio::time::timeout`, but makes no timer for what is ready at once, as most bodies are.
async fn within<F, T>(mut read: Pin<&mut F>, time: Duration) -> Result<T, CollectError>
where
    F: Future<Output = Result<T, CollectError>>,
{
    let first = poll_fn(|cx| Poll::Ready(read.as_mut().poll(cx))).await;
    match first {
        Poll::Ready(read) => read,
        Poll::Pending => tokio::time::timeout(time, read)
            .await
            .unwrap_or(Err(CollectError::TimedOut)),
    }
}

async fn read<B>(
    body: B,
    limit: usize,
    mut room: impl FnMut(usize) -> bool,
) -> Result<Bytes, CollectError>
where
    B: Body<Data = Bytes>,
{
    let mut body = pin!(body);
    let mut first = Bytes::new();
    // Grows with what arrives, never to what was declared: a declaration costs the client nothing.
    let mut rest = BytesMut::new();
    let mut left = limit;
    while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        let frame = frame.map_err(|_| CollectError::Broken)?;
        // Trailers say nothing about a message.
        let Ok(data) = frame.into_data() else {
            continue;
        };
        left = left.checked_sub(data.len()).ok_or(CollectError::TooLarge)?;
        if data.is_empty() {
            // HTTP/2 clients like to end a body with such a frame.
            continue;
        }
        if !room(data.len()) {
            return Err(CollectError::NoRoom);
        }
        if first.is_empty() {
            first = data;
            continue;
        }
        if rest.is_empty() {
            rest.extend_from_slice(&first);
        }
        rest.extend_from_slice(&data);
    }
    Ok(if rest.is_empty() {
        first
    } else {
        rest.freeze()
    })
}

pin_project! {
    /// A body of which is known whether it was read to its end, or failed.
    pub(crate) struct Watched<B> {
        #[pin]
        body: B,
        ended: bool,
    }
}

impl<B: Body> Watched<B> {
    pub(crate) fn new(body: B) -> Self {
        Self { body, ended: false }
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended || self.body.is_end_stream()
    }
}

impl<B: Body> Body for Watched<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let frame = this.body.poll_frame(cx);
        *this.ended |= matches!(frame, Poll::Ready(None | Some(Err(_))));
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.has_ended()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream::{self, StreamExt};
    use http::HeaderMap;
    use http_body::Frame;
    use http_body_util::{Full, StreamBody};

    type Step = Result<Frame<Bytes>, &'static str>;

    /// With room for anything.
    async fn collect<B>(
        body: B,
        limit: usize,
        time: Option<Duration>,
    ) -> Result<Bytes, CollectError>
    where
        B: Body<Data = Bytes>,
    {
        super::collect(body, limit, time, |_| true).await
    }

    #[tokio::test]
    async fn what_there_is_no_room_for_is_not_kept() {
        let mut left = 5_usize;
        let room = |more| left.checked_sub(more).map(|rest| left = rest).is_some();
        let steps = vec![data("abc"), data("def"), data("g")];
        let read = super::collect(body(steps), 100, None, room).await;
        assert_eq!(read, Err(CollectError::NoRoom));
        assert_eq!(left, 2);
    }

    fn data(text: &'static str) -> Step {
        Ok(Frame::data(Bytes::from_static(text.as_bytes())))
    }

    fn trailers() -> Step {
        Ok(Frame::trailers(HeaderMap::new()))
    }

    /// A body that is not `Unpin` and says nothing about its length.
    fn body(steps: Vec<Step>) -> impl Body<Data = Bytes, Error = &'static str> {
        StreamBody::new(stream::iter(steps).then(|step| async { step }))
    }

    #[tokio::test]
    async fn chunks_are_joined_up_to_the_limit() {
        let table = [
            (vec![], Ok("")),
            (vec![data("")], Ok("")),
            (vec![data("abcde")], Ok("abcde")),
            (
                vec![data("ab"), data(""), data("c"), data("de")],
                Ok("abcde"),
            ),
            (vec![data(""), data("ab"), trailers(), data("c")], Ok("abc")),
            (vec![data("abcdef")], Err(CollectError::TooLarge)),
            (
                vec![data("ab"), data("cde"), data("f")],
                Err(CollectError::TooLarge),
            ),
            (vec![data("ab"), Err("gone")], Err(CollectError::Broken)),
            // Given up before the failure is seen.
            (
                vec![data("abcdef"), Err("gone")],
                Err(CollectError::TooLarge),
            ),
        ];
        for (steps, expected) in table {
            let shown = format!("{steps:?}");
            let read = collect(body(steps), 5, None).await;
            assert_eq!(read, expected.map(Bytes::from), "{shown}");
        }
    }

    #[tokio::test]
    async fn one_frame_is_not_copied() {
        let whole = Bytes::from_static(b"whole");
        let read = collect(Full::new(whole.clone()), 5, None).await.unwrap();
        assert_eq!(read.as_ptr(), whole.as_ptr());
        let steps = vec![
            data(""),
            Ok(Frame::data(whole.clone())),
            data(""),
            trailers(),
        ];
        let read = collect(body(steps), 5, None).await.unwrap();
        assert_eq!(read.as_ptr(), whole.as_ptr());
    }

    #[tokio::test]
    async fn what_declares_too_much_is_not_read() {
        struct Declared;

        impl Body for Declared {
            type Data = Bytes;
            type Error = &'static str;

            fn poll_frame(
                self: Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
            ) -> Poll<Option<Step>> {
                panic!("was read")
            }

            fn size_hint(&self) -> http_body::SizeHint {
                http_body::SizeHint::with_exact(6)
            }
        }

        assert_eq!(
            collect(Declared, 5, None).await,
            Err(CollectError::TooLarge)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_is_given_up() {
        let start = tokio::time::Instant::now();
        let steps = stream::iter([data("a")]).chain(stream::pending());
        let read = collect(StreamBody::new(steps), 5, Some(Duration::from_secs(30))).await;
        assert_eq!(read, Err(CollectError::TimedOut));
        assert_eq!(start.elapsed(), Duration::from_secs(30));
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_is_for_the_whole_body() {
        let slow = stream::repeat_with(|| data("a")).then(|step| async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            step
        });
        let read = collect(
            StreamBody::new(slow.take(9)),
            9,
            Some(Duration::from_secs(5)),
        )
        .await;
        assert_eq!(read, Err(CollectError::TimedOut));
    }

    #[test]
    fn what_is_there_needs_no_runtime() {
        let mut read = pin!(collect(Full::from("ok"), 5, Some(Duration::from_secs(1))));
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        assert_eq!(
            read.as_mut().poll(&mut cx),
            Poll::Ready(Ok(Bytes::from("ok")))
        );
    }
}
