//! A body, read as one message, as a batch and as plain JSON: never a panic, and never another
//! meaning than `serde_json` finds in it.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use mcp_tower::protocol::{
    Message, ParseError, RawJson, RequestId, RequestMessage, strings_within,
};
use serde_json::{Value, value::RawValue};

const DEPTH: usize = 64;
const MESSAGES: usize = 8;

fuzz_target!(|data: &[u8]| {
    let value: Option<Value> = serde_json::from_slice(data).ok();
    let parsed = Message::parse(Bytes::copy_from_slice(data), DEPTH);
    judge(&parsed, value.as_ref());
    raw(data);
    batch(data, value.as_ref());
    if let Some(value) = &value {
        let longest = longest(value);
        assert!(!strings_within(data, longest.saturating_sub(1)) || longest == 0);
        assert!(strings_within(data, data.len()));
    }
});

/// What was read is what is there.
fn judge(parsed: &Result<Message, ParseError>, value: Option<&Value>) {
    match parsed {
        Ok(Message::Request(request)) => is_request(request, value),
        Ok(Message::Response(response)) => {
            let outcome = response.outcome();
            let text = outcome.unwrap_or_else(|error| error).as_str();
            let _: &RawValue = serde_json::from_str(text).expect("an outcome is JSON");
            if let Some(value) = value {
                let member = if outcome.is_ok() { "result" } else { "error" };
                assert!(value.get(member).is_some() && value.get("method").is_none());
                same_id(response.id(), value);
            }
        }
        Err(error) => {
            let code =
                serde_json::to_value(error.to_error()).expect("an error is JSON")["code"].clone();
            assert!(code == -32700 || code == -32600);
            // What is JSON is never called something else.
            assert!(value.is_none() || code == -32600, "{error}");
        }
    }
}

fn is_request(request: &RequestMessage, value: Option<&Value>) {
    let written = serde_json::to_vec(request).expect("a request serializes");
    let again = Message::parse(written.into(), DEPTH).expect("and is read again");
    let Message::Request(again) = again else {
        panic!("a request became a response");
    };
    assert_eq!(again.method(), request.method());
    assert_eq!(again.id(), request.id());
    let params = request.params();
    let raw = request.raw_params();
    if let Some(arguments) = params.arguments.get() {
        assert!(arguments.is_object());
        assert!(
            raw.as_ref()
                .is_some_and(|raw| raw.as_str().contains(arguments.as_str()))
        );
    }
    let Some(value) = value else { return };
    assert_eq!(value["jsonrpc"], "2.0");
    assert_eq!(value["method"], request.method());
    same_id(request.id(), value);
    assert_eq!(raw.is_some(), value.get("params").is_some());
    let members = [
        ("name", &params.name),
        ("uri", &params.uri),
        ("cursor", &params.cursor),
    ];
    for (member, known) in members {
        if let (Some(known), Some(params)) = (known.get(), value.get("params")) {
            assert_eq!(params[member], known.as_str());
        }
    }
}

fn same_id(id: Option<&RequestId>, value: &Value) {
    if let Some(id) = id {
        assert_eq!(serde_json::to_value(id).ok().as_ref(), value.get("id"));
    }
}

fn raw(data: &[u8]) {
    let expected: Result<&RawValue, _> = serde_json::from_slice(data);
    match (RawJson::from_bytes(Bytes::copy_from_slice(data)), expected) {
        (Ok(raw), Ok(expected)) => {
            assert_eq!(raw.as_str(), expected.get());
            assert_eq!(
                RawJson::from_text(raw.as_str().to_owned()).ok().as_ref(),
                Some(&raw)
            );
            assert_eq!(
                serde_json::to_string(&raw).ok().as_deref(),
                Some(raw.as_str())
            );
        }
        (Err(_), Err(_)) => {}
        (raw, expected) => panic!("{raw:?} {expected:?}"),
    }
}

fn batch(data: &[u8], value: Option<&Value>) {
    let batch = Message::parse_batch(data, DEPTH, MESSAGES);
    if let Some(value) = value {
        assert_eq!(Message::is_batch(data), value.is_array());
    }
    match (batch, value) {
        (Ok(batch), Some(Value::Array(values))) => {
            assert_eq!(batch.len(), values.len());
            assert!((1..=MESSAGES).contains(&batch.len()));
            for (parsed, value) in batch.iter().zip(values) {
                judge(parsed, Some(value));
            }
        }
        (Ok(_), Some(other)) => panic!("a batch that is {other}"),
        (Err(error), Some(Value::Array(values))) => {
            let is_bounded = (1..=MESSAGES).contains(&values.len());
            assert!(
                !is_bounded || error.to_string().contains("deeply"),
                "{error}"
            );
        }
        _ => {}
    }
}

/// How long the longest string is once it is read: never longer than it is written.
fn longest(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(longest).max().unwrap_or(0),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| name.len().max(longest(value)))
            .max()
            .unwrap_or(0),
        _ => 0,
    }
}
