use super::ConnectionOptions;
use crate::{
    protocol::{ErrorObject, Message, ParseError, RequestId},
    request::Batch,
};
use bytes::Bytes;
use std::{error::Error, fmt};

/// A message of the client, or several at once.
#[derive(Debug)]
pub struct Received(pub(super) Kind);

#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are messages; a box would cost each one"
)]
pub(super) enum Kind {
    Message(Message),
    Batch(Batch),
}

impl Received {
    pub(super) fn read(
        body: Bytes,
        options: &ConnectionOptions,
        takes_batches: impl FnOnce() -> bool,
    ) -> Result<Self, Unreadable> {
        if Message::is_batch(&body) && takes_batches() {
            let batch = Batch::read(&body, options.depth, options.batch_messages);
            return match batch {
                Ok(batch) => Ok(Self(Kind::Batch(batch))),
                Err(error) => Err(Unreadable { error, id: None }),
            };
        }
        Ok(Self(Kind::Message(Message::parse(body, options.depth)?)))
    }
}

/// Why something is no message: the error to answer with.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Unreadable {
    /// What is wrong.
    pub error: ErrorObject,
    /// The id of the offending message, when it was readable and valid.
    pub id: Option<RequestId>,
}

impl From<ParseError> for Unreadable {
    fn from(error: ParseError) -> Self {
        Self {
            error: error.to_error(),
            id: error.id().cloned(),
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl Error for Unreadable {}
