//! Lines of bounded length.

use bytes::{Bytes, BytesMut};
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt};

/// How much is read at once.
const CHUNK: usize = 8 * 1024;

/// Lines as they come; empty ones are left out.
pub(super) struct Lines<R> {
    reader: R,
    buffer: BytesMut,
    /// How much of the buffer has no line break.
    looked_at: usize,
    most: usize,
    /// The rest of a line that is too long is passed over.
    skipping: bool,
    ended: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    Text(Bytes),
    /// Longer than it may be. Said once, as soon as that is known.
    TooLong,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(super) fn new(reader: R, most: usize) -> Self {
        Self {
            reader,
            buffer: BytesMut::new(),
            looked_at: 0,
            most,
            skipping: false,
            ended: false,
        }
    }

    /// The next line; the last one needs no line break. Cancel safe.
    pub(super) async fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            if let Some(line) = self.buffered() {
                return Ok(Some(line));
            }
            if self.ended {
                return Ok(None);
            }
            self.buffer.reserve(CHUNK);
            self.ended = self.reader.read_buf(&mut self.buffer).await? == 0;
        }
    }

    /// A line that has been read.
    fn buffered(&mut self) -> Option<Line> {
        loop {
            let unseen = self.buffer.get(self.looked_at..)?;
            let length = match memchr::memchr(b'\n', unseen) {
                Some(at) => self.looked_at + at + 1,
                None if self.ended && !self.buffer.is_empty() => self.buffer.len(),
                None => {
                    self.looked_at = self.buffer.len();
                    return self.overlong();
                }
            };
            self.looked_at = 0;
            let line = self.buffer.split_to(length).freeze();
            if std::mem::take(&mut self.skipping) || line.trim_ascii().is_empty() {
                continue;
            }
            let text = line.strip_suffix(b"\n").unwrap_or(&line);
            if text.len() > self.most {
                return Some(Line::TooLong);
            }
            return Some(Line::Text(line.slice_ref(text)));
        }
    }

    /// Drops the beginning of a line that is too long.
    fn overlong(&mut self) -> Option<Line> {
        let is_overlong = self.buffer.len() > self.most;
        if !is_overlong && !self.skipping {
            return None;
        }
        self.looked_at = 0;
        self.buffer.clear();
        (!std::mem::replace(&mut self.skipping, true)).then_some(Line::TooLong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    async fn lines(input: &[u8], most: usize) -> Vec<Option<String>> {
        let mut lines = Lines::new(input, most);
        let mut read = Vec::new();
        while let Some(line) = lines.next().await.unwrap() {
            read.push(match line {
                Line::Text(text) => Some(String::from_utf8_lossy(&text).into_owned()),
                Line::TooLong => None,
            });
        }
        read
    }

    #[tokio::test]
    async fn lines_are_found_and_bounded() {
        let text = |text: &str| Some(text.to_owned());
        let read = lines(b"one\n\n  \r\ntwo\r\nmuch too long\nthree", 6).await;
        assert_eq!(read, [text("one"), text("two\r"), None, text("three")]);
        let long = [vec![b'x'; 5 * CHUNK], b"\nafter\n".to_vec()].concat();
        assert_eq!(lines(&long, 100).await, [None, text("after")]);
        assert_eq!(lines(&long[..4 * CHUNK], 100).await, [None]);
        assert_eq!(lines(b"", 6).await, []);
    }

    proptest! {
        #[test]
        fn every_line_is_read_once(
            wanted in proptest::collection::vec("[a-z]{1,40}", 0..20),
            most in 1_usize..50,
            piece in 1_usize..64,
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let input = wanted.iter().flat_map(|line| [line.as_str(), "\n"]).collect::<String>();
            let read = runtime.block_on(async {
                let (mut writer, reader) = tokio::io::duplex(piece);
                let write = async move {
                    use tokio::io::AsyncWriteExt;
                    writer.write_all(input.as_bytes()).await.unwrap();
                };
                let read = async {
                    let mut lines = Lines::new(reader, most);
                    let mut read = Vec::new();
                    while let Some(line) = lines.next().await.unwrap() {
                        read.push(line);
                    }
                    read
                };
                tokio::join!(write, read).1
            });
            let expected: Vec<_> = wanted
                .iter()
                .map(|line| match line.len() > most {
                    true => Line::TooLong,
                    false => Line::Text(Bytes::copy_from_slice(line.as_bytes())),
                })
                .collect();
            prop_assert_eq!(read, expected);
        }
    }
}
