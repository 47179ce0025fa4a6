//! Standard input and output of this process.
//!
//! Each is read or written by a thread of its own: a read that waits cannot be cancelled, and a
//! runtime would wait for it when it ends.

use super::next_piece;
use crate::connection::Outbox;
use bytes::Bytes;
use std::{
    fs::File,
    io::{self, Read, Write},
    pin::Pin,
    task::{Context, Poll, ready},
    thread,
};
use tokio::{
    io::{AsyncRead, ReadBuf},
    sync::{mpsc, oneshot},
};

/// Takes standard input and output for the protocol: from here on `println!` goes to standard
/// error, children inherit that as their output, and nobody else can read the input.
#[cfg(unix)]
pub(super) fn take() -> io::Result<(impl Read + Send, impl Write + Send)> {
    use std::os::fd::AsFd;
    let input = io::stdin().as_fd().try_clone_to_owned()?;
    // What was printed before may still be buffered. It went to the client's end by right.
    io::stdout().flush()?;
    let output = io::stdout().as_fd().try_clone_to_owned()?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    rustix::stdio::dup2_stdout(io::stderr())?;
    Ok((File::from(input), File::from(output)))
}

#[cfg(not(unix))]
pub(super) fn take() -> io::Result<(impl Read + Send, impl Write + Send)> {
    Ok((io::stdin(), io::stdout()))
}

/// Reads in a thread.
pub(super) struct Input {
    chunks: mpsc::Receiver<io::Result<Bytes>>,
    rest: Bytes,
}

impl Input {
    pub(super) fn new(mut input: impl Read + Send + 'static) -> io::Result<Self> {
        let (sender, chunks) = mpsc::channel(1);
        let read = move || {
            let mut buffer = vec![0; 64 * 1024];
            loop {
                let chunk = match input.read(&mut buffer) {
                    Ok(0) => return,
                    Ok(length) => Ok(Bytes::copy_from_slice(&buffer[..length])),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) => Err(error),
                };
                let is_last = chunk.is_err();
                if sender.blocking_send(chunk).is_err() || is_last {
                    return;
                }
            }
        };
        thread::Builder::new()
            .name("mcp-stdin".into())
            .spawn(read)?;
        Ok(Self {
            chunks,
            rest: Bytes::new(),
        })
    }
}

impl AsyncRead for Input {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.rest.is_empty() {
            match ready!(self.chunks.poll_recv(cx)) {
                Some(chunk) => self.rest = chunk?,
                None => return Poll::Ready(Ok(())),
            }
        }
        let length = self.rest.len().min(buffer.remaining());
        buffer.put_slice(&self.rest.split_to(length));
        Poll::Ready(Ok(()))
    }
}

/// Writes in a thread, until there is nothing more to write.
pub(super) async fn write(
    mut output: impl Write + Send + 'static,
    mut outbox: Outbox,
) -> io::Result<()> {
    let (pieces, mut written) = mpsc::channel::<Bytes>(1);
    let (sender, result) = oneshot::channel();
    let write = move || {
        let mut write = || {
            while let Some(piece) = written.blocking_recv() {
                output.write_all(&piece)?;
                output.flush()?;
            }
            Ok(())
        };
        let result = write();
        // Nobody may wait for it any more.
        let _ = sender.send(result);
    };
    thread::Builder::new()
        .name("mcp-stdout".into())
        .spawn(write)?;
    while let Some(piece) = next_piece(&mut outbox).await {
        if pieces.send(piece).await.is_err() {
            break;
        }
    }
    drop(pieces);
    result
        .await
        .unwrap_or_else(|_| Err(io::Error::other("the writer of standard output is gone")))
}
