//! The bodies of answers.

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

pub(crate) enum Body {
    /// One piece, whose length is known.
    Whole(Option<Bytes>),
    /// The pieces of a stream, each ready at once; the last one first.
    Events(Vec<Bytes>),
    /// One piece, and then nothing for ever.
    Standing(Option<Bytes>),
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = match self.get_mut() {
            Self::Whole(piece) => piece.take(),
            Self::Events(pieces) => pieces.pop(),
            Self::Standing(piece) => match piece.take() {
                Some(piece) => Some(piece),
                None => return Poll::Pending,
            },
        };
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(piece) => SizeHint::with_exact(piece.as_ref().map_or(0, Bytes::len) as u64),
            _ => SizeHint::default(),
        }
    }
}

/// Cuts a stream into its events, the last one first.
pub(crate) fn cut(stream: &str) -> Vec<Bytes> {
    let events = stream.split_inclusive("\n\n");
    let events = events.filter(|event| !event.trim().is_empty());
    let mut events: Vec<_> = events.map(|event| Bytes::from(event.to_owned())).collect();
    events.reverse();
    events
}
