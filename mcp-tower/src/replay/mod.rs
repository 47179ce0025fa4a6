//! Streams of sessions, which a client whose connection was cut can come back to.

mod body;
mod event_id;
mod source;
mod stream;

pub(crate) use self::{
    body::StreamBody,
    event_id::{EventId, StreamKind, StreamName},
    source::{CallSource, Source, Wrote},
    stream::{Keep, Missed, STREAM_BYTES, Stream},
};
