//! Server-sent events, as any client has to read them.

use bytes::{Buf, BytesMut};

/// One event: what names it, and its data.
#[derive(Debug, Default, PartialEq)]
pub(super) struct RawEvent {
    pub(super) id: Option<String>,
    pub(super) data: String,
}

/// Takes pieces of a stream, gives whole events.
#[derive(Debug, Default)]
pub(super) struct EventReader {
    buffer: BytesMut,
    event: Option<RawEvent>,
}

impl EventReader {
    pub(super) fn push(&mut self, piece: &[u8]) {
        self.buffer.extend_from_slice(piece);
    }

    /// The next whole event. Comments and events with neither name nor data are skipped.
    pub(super) fn next(&mut self) -> Option<RawEvent> {
        while let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
            let line = self.buffer.split_to(end);
            self.buffer.advance(1);
            let line = String::from_utf8_lossy(&line);
            let line = line.strip_suffix('\r').unwrap_or(&line);
            if !line.is_empty() {
                self.take(line);
            } else if let Some(event) = self.event.take() {
                return Some(event);
            }
        }
        None
    }

    fn take(&mut self, line: &str) {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "id" => self.event.get_or_insert_default().id = Some(value.to_owned()),
            "data" => {
                let data = &mut self.event.get_or_insert_default().data;
                if !data.is_empty() {
                    data.push('\n');
                }
                data.push_str(value);
            }
            // A comment (whose field is empty), `event`, `retry`, and whatever comes in future.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_however_they_are_cut() {
        let stream = ": hello\n\nid: 1\r\nretry: 5\r\ndata:\r\n\r\nevent: message\ndata: {\"a\":\ndata: 1}\nid:2\n\nevent: x\n\ndata: cut";
        for size in 1..stream.len() {
            let mut reader = EventReader::default();
            let mut events = Vec::new();
            for piece in stream.as_bytes().chunks(size) {
                reader.push(piece);
                events.extend(std::iter::from_fn(|| reader.next()));
            }
            let event = |id: &str, data: &str| RawEvent {
                id: Some(id.to_owned()),
                data: data.to_owned(),
            };
            assert_eq!(events, [event("1", ""), event("2", "{\"a\":\n1}")]);
        }
    }
}
