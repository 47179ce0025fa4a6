//! A connection without a socket: the same request again and again, each once the last is answered.

use bytes::Bytes;
use hyper::rt::{Read, ReadBufCursor, Write};
use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

/// How the bytes of an answer end.
#[derive(Clone, Copy, Debug)]
pub enum Ending {
    /// With a JSON object of known length.
    Object,
    /// With the last chunk.
    Chunks,
    /// Not at all.
    Never,
}

impl Ending {
    fn is_at(self, bytes: &[u8]) -> bool {
        match self {
            Self::Object => bytes.ends_with(b"}"),
            Self::Chunks => bytes.ends_with(b"\r\n0\r\n\r\n"),
            Self::Never => false,
        }
    }
}

/// What has come over a connection.
#[derive(Clone, Debug, Default)]
pub struct Counted {
    /// Complete answers.
    pub answers: usize,
    /// How often something was written: system calls, on a socket.
    pub writes: usize,
    /// The last answer.
    pub last: Vec<u8>,
}

/// The client's end of it is inside.
#[derive(Debug)]
pub struct Wire {
    request: Bytes,
    ending: Ending,
    /// Requests that are still to be sent.
    left: usize,
    /// How much of the current one has been read.
    read: usize,
    reader: Option<Waker>,
    counted: Arc<Mutex<Counted>>,
    answer: Vec<u8>,
}

impl Wire {
    /// A client that sends `request` so many times.
    pub fn new(request: Bytes, ending: Ending, times: usize) -> (Self, Arc<Mutex<Counted>>) {
        let counted = Arc::new(Mutex::new(Counted::default()));
        let wire = Self {
            read: 0,
            left: times,
            request,
            ending,
            reader: None,
            counted: counted.clone(),
            answer: Vec::new(),
        };
        (wire, counted)
    }

    fn written(&mut self) {
        #[expect(clippy::unwrap_used, reason = "nothing panics while it is held")]
        let mut counted = self.counted.lock().unwrap();
        counted.writes += 1;
        if self.ending.is_at(&self.answer) {
            counted.answers += 1;
            std::mem::swap(&mut counted.last, &mut self.answer);
            self.answer.clear();
            self.left -= 1;
            self.read = 0;
            if let Some(reader) = self.reader.take() {
                reader.wake();
            }
        }
    }
}

impl Read for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let rest = &self.request[self.read..];
        if self.left > 0 && rest.is_empty() {
            self.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        if self.left > 0 {
            let some = rest.len().min(buffer.remaining());
            buffer.put_slice(&rest[..some]);
            self.read += some;
        }
        Poll::Ready(Ok(()))
    }
}

impl Write for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.answer.extend_from_slice(bytes);
        self.written();
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        for piece in pieces {
            self.answer.extend_from_slice(piece);
        }
        self.written();
        Poll::Ready(Ok(pieces.iter().map(|piece| piece.len()).sum()))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
