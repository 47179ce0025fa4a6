//! What becomes of the body of a request that is refused by its head.

use bytes::Bytes;
use http::{Request, header};
use http_body::{Body, Frame};
use http_tests::server;
use std::{
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};
use tower::ServiceExt;

/// A body that arrives after its head: in so many pieces of a kibibyte, each a moment later, and
/// then its end.
struct Late {
    pieces: usize,
    read: Arc<AtomicUsize>,
    is_there: bool,
}

impl Body for Late {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.is_there = !self.is_there;
        if self.is_there {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.read.load(Ordering::SeqCst) == self.pieces {
            return Poll::Ready(None);
        }
        self.read.fetch_add(1, Ordering::SeqCst);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[b'x'; 1024])))))
    }
}

/// A body that is announced and does not arrive.
struct Never;

impl Body for Never {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

/// Sends what is refused by its media type; how much was read, and whether the connection ends.
async fn refuse(pieces: usize, expect: bool) -> (usize, bool) {
    let read = Arc::new(AtomicUsize::new(0));
    let mut request = Request::post("/mcp")
        .header(header::HOST, "localhost")
        .header(header::CONTENT_TYPE, "text/plain");
    if expect {
        request = request.header(header::EXPECT, "100-continue");
    }
    let body = Late {
        pieces,
        read: read.clone(),
        is_there: false,
    };
    let reply = server().oneshot(request.body(body).unwrap());
    let reply = reply.await.unwrap();
    assert_eq!(reply.status(), 415);
    let closes = reply
        .headers()
        .get(header::CONNECTION)
        .is_some_and(|value| value == "close");
    (read.load(Ordering::SeqCst), closes)
}

#[tokio::test]
async fn a_small_body_is_read_so_that_the_connection_goes_on() {
    assert_eq!(refuse(0, false).await, (0, false));
    assert_eq!(refuse(64, false).await, (64, false));
}

#[tokio::test]
async fn a_large_body_is_not_read_and_ends_the_connection() {
    let (read, closes) = refuse(1_000_000, false).await;
    assert!(read <= 65 && closes, "{read}");
}

#[tokio::test]
async fn a_body_that_waits_to_be_asked_for_is_not_asked_for() {
    assert_eq!(refuse(3, true).await, (0, true));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_comes_is_not_waited_for_long() {
    let request = Request::post("/mcp")
        .header(header::HOST, "localhost")
        .body(Never)
        .unwrap();
    let began = tokio::time::Instant::now();
    let reply = server().oneshot(request).await.unwrap();
    assert_eq!(
        (reply.status().as_u16(), began.elapsed().as_secs()),
        (415, 1)
    );
    assert_eq!(reply.headers()[header::CONNECTION], "close");
}
