//! Several messages at once, which only 2025-03-26 knows.

use super::Claim;
use crate::protocol::{ErrorObject, Message, ParseError, RequestMessage, ResponseMessage};

/// What a batch is made of. Whether a client may send one, its
/// [revision](crate::protocol::Revision::has_batches) says.
#[derive(Debug)]
pub enum Batch {
    /// Requests and notifications, and what was meant to be one.
    Requests(Vec<Result<RequestMessage, ParseError>>),
    /// Answers to requests of the server.
    Responses(Vec<ResponseMessage>),
}

impl Batch {
    /// Reads a batch: one to `max_messages` messages, each with `max_depth` levels at most.
    ///
    /// # Errors
    /// When it is not JSON, or no array, or too long, or mixes what cannot be mixed.
    pub fn read(body: &[u8], max_depth: usize, max_messages: usize) -> Result<Self, ErrorObject> {
        let messages = Message::parse_batch(body, max_depth, max_messages);
        let messages = messages.map_err(|error| error.to_error())?;
        let invalid = |reason: &'static str| Err(ErrorObject::invalid_request(reason));
        let (mut requests, mut responses) = (Vec::new(), Vec::new());
        for message in messages {
            match message {
                Ok(Message::Response(response)) => responses.push(response),
                Ok(Message::Request(request)) if Claim::is_made_by(&request) => {
                    return invalid("a request of this revision cannot be part of a batch");
                }
                Ok(Message::Request(request)) if request.method() == "initialize" => {
                    return invalid("`initialize` cannot be part of a batch");
                }
                Ok(Message::Request(request)) => requests.push(Ok(request)),
                Err(error) => requests.push(Err(error)),
            }
        }
        if responses.is_empty() {
            return Ok(Self::Requests(requests));
        }
        // Beside answers, what is no message at all takes none of them away.
        match requests.iter().all(Result::is_err) {
            true => Ok(Self::Responses(responses)),
            false => invalid("a batch has requests and notifications, or responses"),
        }
    }
}
