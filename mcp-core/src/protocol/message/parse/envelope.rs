//! The envelope of a message, and what kind of message it makes.

use super::{Key, Seed, Shape, id, string};
use crate::protocol::{
    ByteStr, RawJson, RequestId,
    message::{
        Known, Message, Params, ParseError, ParseErrorKind, RequestMessage, ResponseMessage,
    },
};
use serde::de::{IgnoredAny, MapAccess};
use serde_json::value::RawValue;

/// The envelope as found, faults included.
#[derive(Default)]
pub(super) struct Envelope {
    fault: Option<ParseErrorKind>,
    jsonrpc: bool,
    id: Option<Known<RequestId>>,
    method: Option<Known<ByteStr>>,
    params: Params,
    has_params: bool,
    result: Option<RawJson>,
    error: Option<RawJson>,
}

impl<'de> Shape<'de> for Envelope {
    fn not_object(&mut self, is_array: bool) {
        self.fault = Some(if is_array {
            ParseErrorKind::Batch
        } else {
            ParseErrorKind::Invalid("a message is an object")
        });
    }

    fn object<A: MapAccess<'de>>(&mut self, body: &ByteStr, mut map: A) -> Result<(), A::Error> {
        let envelope = self;
        let mut seen_version = false;
        while let Some(key) = map.next_key::<Key<'de>>()? {
            let twice = match &*key.0 {
                "jsonrpc" => {
                    envelope.jsonrpc = map.next_value::<&RawValue>()?.get() == "\"2.0\"";
                    std::mem::replace(&mut seen_version, true)
                }
                "id" => envelope.id.replace(id(map.next_value()?)).is_some(),
                "method" => {
                    let method = string(body, map.next_value()?);
                    envelope.method.replace(method).is_some()
                }
                "params" => {
                    map.next_value_seed(Seed(body, &mut envelope.params))?;
                    std::mem::replace(&mut envelope.has_params, true)
                }
                "result" => {
                    let result = RawJson::slice(body, map.next_value()?);
                    envelope.result.replace(result).is_some()
                }
                "error" => {
                    let error = RawJson::slice(body, map.next_value()?);
                    envelope.error.replace(error).is_some()
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    false
                }
            };
            if twice {
                envelope.fault = Some(ParseErrorKind::Invalid(
                    "a member of the envelope appears twice",
                ));
            }
        }
        Ok(())
    }
}

impl Envelope {
    pub(super) fn classify(self, raw: impl FnOnce() -> RawJson) -> Result<Message, ParseError> {
        let readable_id = self.id.as_ref().and_then(|id| id.get().cloned());
        let invalid = |kind| ParseError {
            kind,
            id: readable_id.clone(),
        };
        let refuse = |reason| Err(invalid(ParseErrorKind::Invalid(reason)));
        if let Some(fault) = self.fault {
            return Err(invalid(fault));
        }
        if !self.jsonrpc {
            return refuse("`jsonrpc` must be \"2.0\"");
        }
        match (self.method, self.id) {
            (_, Some(Known::Malformed)) if self.result.is_none() && self.error.is_none() => {
                refuse("`id` must be a string or an integer")
            }
            (Some(Known::Is(method)), id) => {
                if self.result.is_some() || self.error.is_some() {
                    return refuse("a message has either `method` or `result` and `error`");
                }
                Ok(Message::Request(RequestMessage {
                    raw: raw(),
                    id: id.and_then(|id| id.get().cloned()),
                    method,
                    params: self.params,
                }))
            }
            (Some(_), _) => refuse("`method` must be a string"),
            (None, id) => {
                let outcome = match (self.result, self.error) {
                    (Some(result), None) => Ok(result),
                    (None, Some(error)) => Err(error),
                    (None, None) => return refuse("`method` is missing"),
                    (Some(_), Some(_)) => {
                        return refuse("a response has `result` or `error`, not both");
                    }
                };
                let id = id.and_then(|id| id.get().cloned());
                if id.is_none() && outcome.is_ok() {
                    return refuse("a result needs the `id` of its request");
                }
                Ok(Message::Response(ResponseMessage {
                    raw: raw(),
                    id,
                    outcome,
                }))
            }
        }
    }
}
