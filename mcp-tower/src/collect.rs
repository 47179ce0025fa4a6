//! Reading a body within bounds.

use bytes::{Bytes, BytesMut};
use http_body::Body;
use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    time::Duration,
};

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CollectError {
    /// It is longer than allowed.
    TooLarge,
    /// It took longer than allowed.
    TimedOut,
    /// The connection or the body's framing failed.
    Broken,
}

/// Reads a body of at most `limit` bytes that arrives within `time`. A body of one frame is not
/// copied.
pub(crate) async fn collect<B>(
    body: B,
    limit: usize,
    time: Option<Duration>,
) -> Result<Bytes, CollectError>
where
    B: Body<Data = Bytes>,
{
    if body.size_hint().lower() > limit as u64 {
        return Err(CollectError::TooLarge);
    }
    let read = pin!(read(body, limit));
    match time {
        None => read.await,
        Some(time) => within(read, time).await,
    }
}

/// Like `tokio::time::timeout`, but makes no timer for what is ready at once, as most bodies are.
async fn within<F>(mut read: Pin<&mut F>, time: Duration) -> Result<Bytes, CollectError>
where
    F: Future<Output = Result<Bytes, CollectError>>,
{
    let first = poll_fn(|cx| std::task::Poll::Ready(read.as_mut().poll(cx))).await;
    match first {
        std::task::Poll::Ready(read) => read,
        std::task::Poll::Pending => tokio::time::timeout(time, read)
            .await
            .unwrap_or(Err(CollectError::TimedOut)),
    }
}

async fn read<B>(body: B, limit: usize) -> Result<Bytes, CollectError>
where
    B: Body<Data = Bytes>,
{
    let mut body = pin!(body);
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        let frame = frame.map_err(|_| CollectError::Broken)?;
        // Trailers say nothing about a message.
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if first.len() + rest.len() + data.len() > limit {
            return Err(CollectError::TooLarge);
        }
        if first.is_empty() && rest.is_empty() {
            first = data;
        } else {
            if !first.is_empty() {
                rest.extend_from_slice(&std::mem::take(&mut first));
            }
            rest.extend_from_slice(&data);
        }
    }
    Ok(if rest.is_empty() {
        first
    } else {
        rest.freeze()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::{Full, StreamBody};
    use std::convert::Infallible;

    fn chunks(chunks: &'static [&'static str]) -> impl Body<Data = Bytes, Error = Infallible> {
        let mut chunks = chunks.iter();
        StreamBody::new(futures_util::stream::poll_fn(move |_| {
            let chunk = chunks
                .next()
                .map(|text| http_body::Frame::data(Bytes::from_static(text.as_bytes())));
            std::task::Poll::Ready(chunk.map(Ok))
        }))
    }

    #[tokio::test]
    async fn chunks_are_joined_up_to_the_limit() {
        let read = collect(chunks(&["ab", "", "c", "de"]), 5, None).await;
        assert_eq!(read.unwrap(), "abcde");
        let read = collect(chunks(&["ab", "cde", "f"]), 5, None).await;
        assert_eq!(read.unwrap_err(), CollectError::TooLarge);
    }

    #[tokio::test]
    async fn one_frame_is_not_copied() {
        let whole = Bytes::from_static(b"whole");
        let read = collect(Full::new(whole.clone()), 5, None).await.unwrap();
        assert_eq!(read.as_ptr(), whole.as_ptr());
        let read = collect(Full::new(whole), 4, None).await;
        assert_eq!(read.unwrap_err(), CollectError::TooLarge);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_is_given_up() {
        let body = StreamBody::new(futures_util::stream::pending::<
            Result<http_body::Frame<Bytes>, Infallible>,
        >());
        let read = collect(body, 5, Some(Duration::from_secs(30))).await;
        assert_eq!(read.unwrap_err(), CollectError::TimedOut);
    }
}
