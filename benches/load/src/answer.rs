//! A connection, and as much of HTTP/1.1 as an answer needs.

use crate::Outcome;
use memchr::memmem;
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// More than any answer of the rows.
const MOST: usize = 1 << 20;

pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
    body: Vec<u8>,
}

pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) session: Option<String>,
    pub(crate) body: &'a [u8],
}

struct Head {
    status: u16,
    session: Option<String>,
    length: Option<usize>,
    chunked: bool,
    /// Where the body begins.
    end: usize,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Outcome<Self> {
        let stream = TcpStream::connect(address).await?;
        // Requests are written in one piece; this keeps large ones from waiting.
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: vec![0; 8192],
            filled: 0,
            body: Vec::new(),
        })
    }

    /// Sends a request, and reads its answer to the end.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Outcome<Answer<'_>> {
        self.stream.write_all(request).await?;
        let head = self.head().await?;
        self.body.clear();
        match head.length {
            Some(length) => self.read_to(head.end + length).await?,
            None if head.chunked => self.chunks(head.end).await?,
            None => self.filled = 0,
        }
        let body = match head.length {
            Some(length) => &self.buffer[head.end..head.end + length],
            None => &self.body,
        };
        self.filled = 0;
        Ok(Answer {
            status: head.status,
            session: head.session,
            body,
        })
    }

    /// Opens a stream: sends a request, and reads the head of its answer.
    pub(crate) async fn stand(&mut self, request: &[u8]) -> Outcome<u16> {
        self.stream.write_all(request).await?;
        Ok(self.head().await?.status)
    }

    /// Gives back what was needed for reading.
    pub(crate) fn shrink(&mut self) {
        self.buffer = Vec::new();
        self.body = Vec::new();
    }

    async fn head(&mut self) -> Outcome<Head> {
        loop {
            if let Some(at) = memmem::find(&self.buffer[..self.filled], b"\r\n\r\n") {
                return parse(&self.buffer[..at], at + 4);
            }
            self.more().await?;
        }
    }

    async fn more(&mut self) -> Outcome<()> {
        if self.filled == self.buffer.len() {
            if self.filled >= MOST {
                return Err("an answer is too long".into());
            }
            self.buffer.resize(self.filled * 2, 0);
        }
        let read = self.stream.read(&mut self.buffer[self.filled..]).await?;
        if read == 0 {
            return Err("the server closed a connection in mid-answer".into());
        }
        self.filled += read;
        Ok(())
    }

    async fn read_to(&mut self, end: usize) -> Outcome<()> {
        if self.buffer.len() < end {
            self.buffer.resize(end, 0);
        }
        while self.filled < end {
            self.more().await?;
        }
        match self.filled == end {
            true => Ok(()),
            false => Err("more came than the answer".into()),
        }
    }

    /// Joins the chunks of a body.
    async fn chunks(&mut self, mut at: usize) -> Outcome<()> {
        loop {
            let line = loop {
                match memmem::find(&self.buffer[at..self.filled], b"\r\n") {
                    Some(length) => break at..at + length,
                    None => self.more().await?,
                }
            };
            let begin = line.end + 2;
            let size = std::str::from_utf8(&self.buffer[line])?;
            let size = usize::from_str_radix(size, 16)?;
            while self.filled < begin + size + 2 {
                self.more().await?;
            }
            if size == 0 {
                return Ok(());
            }
            self.body
                .extend_from_slice(&self.buffer[begin..begin + size]);
            at = begin + size + 2;
        }
    }
}

fn parse(head: &[u8], end: usize) -> Outcome<Head> {
    let head = std::str::from_utf8(head)?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.get(9..12));
    let mut parsed = Head {
        status: status.ok_or("no status")?.parse()?,
        session: None,
        length: None,
        chunked: false,
        end,
    };
    for line in lines {
        let (name, value) = line.split_once(':').ok_or("a header without a colon")?;
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            parsed.length = Some(value.parse()?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            parsed.chunked = value.eq_ignore_ascii_case("chunked");
        } else if name.eq_ignore_ascii_case("mcp-session-id") {
            parsed.session = Some(value.to_owned());
        }
    }
    Ok(parsed)
}
