//! `params`, as far as they are looked at before a method is known, and `_meta` in them.

use super::{Key, Seed, Shape, client_info, known, object, once, string};
use crate::protocol::{
    ByteStr, RawJson,
    message::{HandshakeParams, Known, Params, RequestMeta, RoundParams},
    meta::key,
};
use serde::de::{IgnoredAny, MapAccess};
use serde_json::value::RawValue;

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
