//! What goes over the channel of everyone.

use crate::bus::{Delivery, Fact};
use bytes::{Buf, BufMut, Bytes};
use std::time::Duration;

/// One byte for the kind, eight for the endpoint it came through; then the message, or the key; or
/// how many milliseconds the fact lives (8 bytes), how long its key is (4 bytes), key and value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame {
    Message(Bytes),
    Remembered(Fact),
    Forgotten(String),
}

const MESSAGE: u8 = b'm';
const REMEMBERED: u8 = b'r';
const FORGOTTEN: u8 = b'f';

impl Frame {
    pub(super) fn encode(&self, endpoint: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut begin = |kind| {
            bytes.put_u8(kind);
            bytes.put_u64(endpoint);
        };
        match self {
            Self::Message(message) => {
                begin(MESSAGE);
                bytes.put_slice(message);
            }
            Self::Remembered(fact) => {
                begin(REMEMBERED);
                bytes.put_u64(super::millis(fact.ttl));
                // Keys are far shorter: see `BusLimits::key_bytes`.
                bytes.put_u32(u32::try_from(fact.key.len()).unwrap_or(u32::MAX));
                bytes.put_slice(fact.key.as_bytes());
                bytes.put_slice(&fact.value);
            }
            Self::Forgotten(key) => {
                begin(FORGOTTEN);
                bytes.put_slice(key.as_bytes());
            }
        }
        bytes
    }

    /// The endpoint and the frame; `None` for anything that `encode` did not write.
    pub(super) fn decode(mut bytes: Bytes) -> Option<(u64, Self)> {
        let kind = bytes.try_get_u8().ok()?;
        let endpoint = bytes.try_get_u64().ok()?;
        let frame = match kind {
            MESSAGE => Self::Message(bytes),
            REMEMBERED => {
                let ttl = Duration::from_millis(bytes.try_get_u64().ok()?);
                let length = usize::try_from(bytes.try_get_u32().ok()?).ok()?;
                if length > bytes.len() {
                    return None;
                }
                let key = text(bytes.split_to(length))?;
                Self::Remembered(Fact::new(key, bytes, crate::bus::bounded(ttl)))
            }
            FORGOTTEN => Self::Forgotten(text(bytes)?),
            _ => return None,
        };
        Some((endpoint, frame))
    }
}

fn text(bytes: Bytes) -> Option<String> {
    String::from_utf8(bytes.into()).ok()
}

impl From<Frame> for Delivery {
    fn from(frame: Frame) -> Self {
        match frame {
            Frame::Message(message) => Self::Message(message),
            Frame::Remembered(fact) => Self::Remembered(fact),
            Frame::Forgotten(key) => Self::Forgotten(key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let fact = |key: &str| {
            Fact::new(
                key.to_owned(),
                Bytes::from_static(b"v\0"),
                Duration::from_millis(7),
            )
        };
        let frames = [
            Frame::Message(Bytes::from_static(b"\0m")),
            Frame::Message(Bytes::new()),
            Frame::Remembered(fact("k")),
            Frame::Remembered(fact("")),
            Frame::Forgotten("k".to_owned()),
        ];
        for frame in frames {
            let bytes = frame.encode(9);
            for end in 0..9.min(bytes.len()) {
                assert_eq!(Frame::decode(Bytes::copy_from_slice(&bytes[..end])), None);
            }
            assert_eq!(Frame::decode(bytes.into()), Some((9, frame)));
        }
        for bytes in [
            &b"x12345678"[..],
            b"f12345678\xff",
            b"r12345678",
            b"r12345678\0\0\0\0\0\0\0\x01\0\0\0\x02k",
            b"r12345678\0\0\0\0\0\0\0\x01\xff\xff\xff\xffk",
        ] {
            assert_eq!(Frame::decode(Bytes::from_static(bytes)), None, "{bytes:?}");
        }
    }
}
