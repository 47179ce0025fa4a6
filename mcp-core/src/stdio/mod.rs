//! A server on standard input and output, for clients that start it as a process.
//!
//! Messages are lines of JSON, of both eras: what a [`Connection`] is given and says. A line that
//! cannot be read is answered with an error, and the next one is read.
//!
//! # Nothing but messages on standard output
//!
//! On Unix, [`serve_stdio`] keeps standard input and output to itself. While it runs and after it,
//! whatever else the process prints to standard output, a stray `println!` in a tool or the output
//! of a child, goes to standard error; and whoever else reads standard input finds it empty. What
//! was printed before is not undone. On other systems nothing is guarded: print to standard error.
//! Logs belong there everywhere: `tracing_subscriber::fmt().with_writer(std::io::stderr)`.
//!
//! # The end
//!
//! When its input ends, the client wants the process to exit. Calls that are done within the
//! [grace period](ServeStdio::grace) are still answered, others are stopped; then `serve_stdio`
//! completes, and `main` should return. Work that [must not stop half
//! way](crate::Context::finish) goes on in the runtime: wait for it with [`Server::shutdown`].

mod lines;
mod process;

use self::lines::{Line, Lines};
use crate::{
    call::Link,
    connection::{Closed, Connection, ConnectionOptions, Outbox, Unreadable},
    governor::{Governor, Payer},
    peer::BoxFuture,
    principal::{Mount, Principal},
    protocol::ErrorObject,
    quirks::Quirks,
    server::Server,
};
use bytes::{Bytes, BytesMut};
use http::Extensions;
use std::{
    fmt,
    future::{Future, IntoFuture, pending, poll_fn},
    io,
    task::Poll,
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    time::{sleep, timeout},
};

/// Serves the client at the other end of standard input and output: the same [`Server`] that is
/// mounted over HTTP elsewhere.
///
/// Nothing happens before it is awaited, in a tokio runtime with timers. Once per process.
///
/// ```no_run
/// use mcp_core::{Server, mcp_tool, serve_stdio};
///
/// /// Add two integers.
/// #[mcp_tool]
/// async fn add(a: i64, b: i64) -> i64 {
///     a + b
/// }
///
/// #[tokio::main]
/// async fn main() -> std::io::Result<()> {
///     let server = Server::builder("calculator", "1.0").tool(add).build();
///     serve_stdio(server).await
/// }
/// ```
pub fn serve_stdio(server: Server) -> ServeStdio {
    ServeStdio {
        server,
        options: ConnectionOptions::new(),
        extensions: Extensions::new(),
        line_bytes: 4 * 1024 * 1024,
        grace: Duration::from_secs(2),
        signal: None,
    }
}

/// A conversation that begins when it is awaited. See [`serve_stdio`].
///
/// | Limit | Default | Past it |
/// |---|---|---|
/// | [`line_bytes`](Self::line_bytes) | 4 MiB | the line is passed over; an error without id says so |
/// | [`depth`](Self::depth) | 64 | an error |
/// | [`batch_messages`](Self::batch_messages) | 64 | an error |
/// | [`grace`](Self::grace) | 2 s after the end of the input | calls are stopped |
/// | [`governor`](Self::governor) | its defaults | an error for each request |
/// | time for a client to read errors | 10 s | the conversation ends |
///
/// # Errors
///
/// When a stream fails, or the client sends without ever reading. That it goes away is no error.
#[must_use = "a server runs when it is awaited"]
pub struct ServeStdio {
    server: Server,
    options: ConnectionOptions,
    extensions: Extensions,
    line_bytes: usize,
    grace: Duration,
    signal: Option<BoxFuture<'static, ()>>,
}

impl ServeStdio {
    /// Says who is at the other end; nobody in particular unless set. Whoever started the process
    /// is told from its environment, if at all.
    pub fn principal(mut self, principal: Principal) -> Self {
        self.options = self.options.principal(principal);
        self
    }

    /// Names the mount.
    pub fn mount(mut self, mount: Mount) -> Self {
        self.options = self.options.mount(mount);
        self
    }

    /// Puts a value beside every request, for [`Extension`](crate::Extension) and for layers;
    /// [`Scopes`](crate::Scopes) are what the caller was granted.
    pub fn extension<T: Clone + Send + Sync + 'static>(mut self, value: T) -> Self {
        self.extensions.insert(value);
        self
    }

    /// Departs from the protocol by name, for a client that was made for a server which did.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// use mcp_core::{Quirks, Server, serve_stdio};
    ///
    /// let server = Server::builder("calculator", "1.0").build();
    /// let call = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add"}}"#;
    /// let mut said = Vec::new();
    /// let quirks = Quirks::new().without_handshake().unknown_tool_as_method();
    /// serve_stdio(server).quirks(quirks).over(call.as_slice(), &mut said).await?;
    /// assert!(String::from_utf8_lossy(&said).contains("-32601"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn quirks(self, quirks: Quirks) -> Self {
        self.extension(quirks)
    }

    /// Bounds what is alive at once. Only totals count: there is one payer.
    pub fn governor(mut self, governor: Governor) -> Self {
        self.options = self.options.governor(governor, Payer::unknown());
        self
    }

    /// The longest line in bytes.
    pub fn line_bytes(mut self, bytes: usize) -> Self {
        self.line_bytes = bytes;
        self
    }

    /// How deeply arrays and objects may nest.
    pub fn depth(mut self, levels: usize) -> Self {
        self.options = self.options.depth(levels);
        self
    }

    /// The most messages of a batch, which only 2025-03-26 knows.
    pub fn batch_messages(mut self, messages: usize) -> Self {
        self.options = self.options.batch_messages(messages);
        self
    }

    /// How long calls may go on when the input has ended, and how long the client may then take to
    /// read what is left.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Ends when the future completes, as it does when the input ends.
    pub fn graceful(mut self, signal: impl Future<Output = ()> + Send + 'static) -> Self {
        self.signal = Some(Box::pin(signal));
        self
    }

    /// Serves a client over other streams: pipes, a socket, an in-memory pair for tests. Standard
    /// input and output are left alone.
    ///
    /// Dropping the future ends the conversation at once.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// use mcp_core::{Server, serve_stdio};
    ///
    /// let server = Server::builder("calculator", "1.0").build();
    /// let ping = br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    /// let mut said = Vec::new();
    /// serve_stdio(server).over(ping.as_slice(), &mut said).await?;
    /// assert_eq!(said, b"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As the whole.
    pub async fn over<R, W>(self, input: R, output: W) -> io::Result<()>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        self.serve(input, |outbox| write(output, outbox)).await
    }

    async fn serve<R, F>(self, input: R, write: impl FnOnce(Outbox) -> F) -> io::Result<()>
    where
        R: AsyncRead + Unpin,
        F: Future<Output = io::Result<()>>,
    {
        let opened = Connection::open(&self.server, self.options);
        let (connection, outbox) = opened.map_err(io::Error::other)?;
        let lines = Lines::new(input, self.line_bytes);
        let signal = self.signal.unwrap_or_else(|| Box::pin(pending()));
        let reader = Reader {
            connection: &connection,
            extensions: self.extensions,
        };
        let listen = async {
            reader.listen(lines, signal).await?;
            connection.finish(self.grace).await;
            // A client that does not read what is left is not waited for any longer.
            sleep(self.grace).await;
            Ok(())
        };
        tokio::select! {
            written = write(outbox) => gone_away(written),
            listened = listen => listened,
        }
    }
}

/// Who reads what a client says.
struct Reader<'a> {
    connection: &'a Connection,
    extensions: Extensions,
}

impl Reader<'_> {
    /// Reads lines until there are no more.
    async fn listen<R: AsyncRead + Unpin>(
        &self,
        mut lines: Lines<R>,
        mut signal: BoxFuture<'static, ()>,
    ) -> io::Result<()> {
        loop {
            let line = tokio::select! {
                line = lines.next() => line?,
                () = self.connection.closed() => None,
                () = &mut signal => None,
            };
            let Some(line) = line else {
                return Ok(());
            };
            match timeout(Link::STALL, self.take(line)).await {
                Ok(Ok(())) => {}
                Ok(Err(Closed)) => return Ok(()),
                Err(_) => {
                    let error = "the client sends and does not read";
                    return Err(io::Error::new(io::ErrorKind::TimedOut, error));
                }
            }
        }
    }

    async fn take(&self, line: Line) -> Result<(), Closed> {
        let connection = self.connection;
        let Line::Text(line) = line else {
            let error = ErrorObject::invalid_request("the line is too long");
            return connection.refuse(&error, None).await;
        };
        match connection.read(line) {
            Ok(received) => {
                let arrival = self.extensions.clone().into();
                connection.receive(received, arrival).await
            }
            Err(Unreadable { error, id }) => connection.refuse(&error, id.as_ref()).await,
        }
    }
}

impl IntoFuture for ServeStdio {
    type Output = io::Result<()>;
    type IntoFuture = BoxFuture<'static, io::Result<()>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (input, output) = process::take()?;
            let input = process::Input::new(input)?;
            let write = |outbox| process::write(output, outbox);
            self.serve(input, write).await
        })
    }
}

impl fmt::Debug for ServeStdio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServeStdio")
            .field("server", &self.server)
            .field("line_bytes", &self.line_bytes)
            .field("grace", &self.grace)
            .finish_non_exhaustive()
    }
}

async fn write(mut output: impl AsyncWrite + Unpin, mut outbox: Outbox) -> io::Result<()> {
    while let Some(piece) = next_piece(&mut outbox).await {
        output.write_all(&piece).await?;
        output.flush().await?;
    }
    output.shutdown().await
}

/// The next lines: as many as are ready, since each piece is written by itself.
async fn next_piece(outbox: &mut Outbox) -> Option<Bytes> {
    const ENOUGH: usize = 16 * 1024;
    let mut piece = BytesMut::from(outbox.next().await?);
    piece.extend_from_slice(b"\n");
    while piece.len() < ENOUGH {
        let more = poll_fn(|cx| match outbox.poll_next(cx) {
            Poll::Ready(Some(more)) => Poll::Ready(Some(more)),
            Poll::Ready(None) | Poll::Pending => Poll::Ready(None),
        });
        let Some(more) = more.await else {
            break;
        };
        piece.extend_from_slice(&more);
        piece.extend_from_slice(b"\n");
    }
    Some(piece.freeze())
}

/// A client that has gone away does not read: that is no error of ours.
fn gone_away(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}
