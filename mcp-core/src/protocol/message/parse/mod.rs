//! The parser: one visitor for the envelope, one for `params`, one for `_meta`.
//!
//! Faults are noted and reading goes on, so that the id of a bad message is still found and the
//! whole body is checked to be JSON.

mod client_info;

use super::{
    HandshakeParams, Known, Message, Params, ParseError, ParseErrorKind, RequestMessage,
    RequestMeta, ResponseMessage, RoundParams, depth,
};
use crate::protocol::{ByteStr, RawJson, RequestId, meta::key};
use bytes::Bytes;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt};

pub(super) fn message(body: Bytes, max_depth: usize) -> Result<Message, ParseError> {
    let body = ByteStr::from_utf8(body).map_err(|_| ParseError::new(ParseErrorKind::NotUtf8))?;
    let text = body.as_str();
    if !depth::within(text.as_bytes(), max_depth) {
        return Err(ParseError::new(ParseErrorKind::TooDeep));
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let mut envelope = Envelope::default();
    Seed(&body, &mut envelope)
        .deserialize(&mut json)
        .and_then(|()| json.end())
        .map_err(|_| ParseError::new(ParseErrorKind::NotJson))?;
    envelope.classify(|| RawJson::trusted(body.clone()))
}

/// One member of a message that was parsed before.
pub(super) fn member(message: &RawJson, name: &str) -> Option<RawJson> {
    struct Find<'a>(&'a str);
    impl<'de> Visitor<'de> for Find<'_> {
        type Value = Option<&'de RawValue>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut found = None;
            while let Some(key) = map.next_key::<Key<'de>>()? {
                if key.0 == self.0 {
                    found = Some(map.next_value()?);
                } else {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            Ok(found)
        }
    }
    let found = serde_json::Deserializer::from_str(message.as_str())
        .deserialize_map(Find(name))
        .ok()??;
    Some(RawJson::slice(message.text(), found))
}

/// A member name, borrowed unless it is written with escapes.
struct Key<'de>(Cow<'de, str>);

impl<'a, 'de: 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a member name")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(key)))
            }

            fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

/// An object whose slices point into the body. It is filled where it is: what is as large as an
/// envelope costs more to move than to read.
trait Shape<'de> {
    fn not_object(&mut self, is_array: bool);
    fn object<A: MapAccess<'de>>(&mut self, body: &ByteStr, map: A) -> Result<(), A::Error>;
}

struct Seed<'b, S>(&'b ByteStr, &'b mut S);

impl<'de, S: Shape<'de>> DeserializeSeed<'de> for Seed<'_, S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, S: Shape<'de>> Visitor<'de> for Seed<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        self.1.object(self.0, map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        self.1.not_object(true);
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.1.not_object(false);
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.1.not_object(false);
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        self.1.not_object(false);
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.1.not_object(false);
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        self.1.not_object(false);
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.1.not_object(false);
        Ok(())
    }
}

/// The envelope as found, faults included.
#[derive(Default)]
struct Envelope {
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
    fn classify(self, raw: impl FnOnce() -> RawJson) -> Result<Message, ParseError> {
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

impl<'de> Shape<'de> for Params {
    fn not_object(&mut self, _: bool) {
        self.malformed = true;
    }

    fn object<A: MapAccess<'de>>(&mut self, body: &ByteStr, mut map: A) -> Result<(), A::Error> {
        let params = self;
        let mut seen_meta = false;
        while let Some(key) = map.next_key::<Key<'de>>()? {
            // A member that appears twice is malformed: which of both is meant cannot be known.
            match &*key.0 {
                "_meta" => {
                    if std::mem::replace(&mut seen_meta, true) {
                        params.malformed = true;
                        params.meta = RequestMeta::default();
                    }
                    map.next_value_seed(Seed(body, &mut params.meta))?;
                }
                "name" => once(&mut params.name, string(body, map.next_value()?)),
                "uri" => once(&mut params.uri, string(body, map.next_value()?)),
                "taskId" => once(&mut params.task_id, string(body, map.next_value()?)),
                "cursor" => once(&mut params.cursor, string(body, map.next_value()?)),
                "arguments" => once(&mut params.arguments, object(body, map.next_value()?)),
                "inputResponses" | "requestState" => {
                    let round = params.round.get_or_insert_default();
                    round.take(&key.0, body, map.next_value()?);
                }
                "protocolVersion" | "capabilities" | "clientInfo" => {
                    let handshake = params.handshake.get_or_insert_default();
                    handshake.take(&key.0, body, map.next_value()?);
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

impl RoundParams {
    fn take(&mut self, key: &str, body: &ByteStr, value: &RawValue) {
        match key {
            "requestState" => once(&mut self.request_state, string(body, value)),
            _ => once(&mut self.input_responses, object(body, value)),
        }
    }
}

impl HandshakeParams {
    fn take(&mut self, key: &str, body: &ByteStr, value: &RawValue) {
        match key {
            "protocolVersion" => once(&mut self.protocol_version, string(body, value)),
            "capabilities" => once(&mut self.capabilities, object(body, value)),
            _ => {
                let info = Known::Is(RawJson::slice(body, value));
                once(&mut self.client_info, info);
            }
        }
    }
}

impl<'de> Shape<'de> for RequestMeta {
    fn not_object(&mut self, _: bool) {
        self.malformed = true;
    }

    fn object<A: MapAccess<'de>>(&mut self, body: &ByteStr, mut map: A) -> Result<(), A::Error> {
        let meta = self;
        while let Some(key) = map.next_key::<Key<'de>>()? {
            let text = |raw| string(body, raw).get().cloned();
            match &*key.0 {
                key::PROTOCOL_VERSION => {
                    once(&mut meta.protocol_version, string(body, map.next_value()?));
                }
                key::CLIENT_CAPABILITIES => {
                    once(
                        &mut meta.client_capabilities,
                        object(body, map.next_value()?),
                    );
                }
                key::CLIENT_INFO => {
                    let info = map.next_value::<&RawValue>()?;
                    let info = if client_info::is_well_formed(info.get()) {
                        object(body, info)
                    } else {
                        Known::Malformed
                    };
                    once(&mut meta.client_info, info);
                }
                key::LOG_LEVEL => once(&mut meta.log_level, known(map.next_value()?)),
                key::PROGRESS_TOKEN => once(&mut meta.progress_token, known(map.next_value()?)),
                key::TRACEPARENT => meta.traceparent = text(map.next_value()?),
                key::TRACESTATE => meta.tracestate = text(map.next_value()?),
                key::BAGGAGE => meta.baggage = text(map.next_value()?),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

fn once<T>(place: &mut Known<T>, value: Known<T>) {
    *place = if place.is_present() {
        Known::Malformed
    } else {
        value
    };
}

fn known<'de, T: Deserialize<'de>>(raw: &'de RawValue) -> Known<T> {
    serde_json::from_str(raw.get()).map_or(Known::Malformed, Known::Is)
}

/// Most ids are numbers that count up.
fn id(raw: &RawValue) -> Known<RequestId> {
    match raw.get().parse::<u32>() {
        Ok(number) => Known::Is(RequestId::from(i64::from(number))),
        Err(_) => known(raw),
    }
}

fn string(body: &ByteStr, raw: &RawValue) -> Known<ByteStr> {
    let text = raw.get();
    match text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
    {
        Some(plain) if memchr::memchr(b'\\', plain.as_bytes()).is_none() => {
            Known::Is(ByteStr::slice(body, plain))
        }
        Some(_) => known::<String>(raw)
            .get()
            .cloned()
            .map_or(Known::Malformed, |text| Known::Is(text.into())),
        None => Known::Malformed,
    }
}

fn object(body: &ByteStr, raw: &RawValue) -> Known<RawJson> {
    if raw.get().starts_with('{') {
        Known::Is(RawJson::slice(body, raw))
    } else {
        Known::Malformed
    }
}

#[cfg(test)]
mod tests;
