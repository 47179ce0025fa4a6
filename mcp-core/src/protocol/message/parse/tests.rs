use super::message;
use crate::protocol::{ErrorCode, Message, RequestId, RequestMessage};
use bytes::Bytes;
use proptest::prelude::*;

fn parse(text: &str) -> Result<Message, super::ParseError> {
    message(Bytes::copy_from_slice(text.as_bytes()), 32)
}

fn request(text: &str) -> RequestMessage {
    match parse(text) {
        Ok(Message::Request(request)) => request,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_request_is_read_without_copying() {
    let body = Bytes::from_static(
        br#"{"params":{"arguments":{"a":1},"name":"add","_meta":{"progressToken":5}},"method":"tools/call","id":0,"jsonrpc":"2.0"}"#,
    );
    let Message::Request(message) = message(body.clone(), 32).unwrap() else {
        panic!("not a request")
    };
    let params = message.params();
    assert_eq!(message.id(), Some(&RequestId::from(0)));
    assert_eq!(params.name.get().unwrap().as_str(), "add");
    let arguments = params.arguments.get().unwrap();
    assert_eq!(arguments.as_str(), r#"{"a":1}"#);
    assert!(body.as_ptr_range().contains(&arguments.as_str().as_ptr()));
    assert!(params.meta.progress_token.get().is_some());
    assert_eq!(message.raw_params().unwrap().as_str().len(), 62);
}

#[test]
fn bad_envelopes_keep_a_readable_id() {
    let table = [
        ("{", ErrorCode::PARSE_ERROR, None),
        ("", ErrorCode::PARSE_ERROR, None),
        (
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\"} x",
            ErrorCode::PARSE_ERROR,
            None,
        ),
        ("[]", ErrorCode::INVALID_REQUEST, None),
        ("7", ErrorCode::INVALID_REQUEST, None),
        (
            r#"{"jsonrpc":"1.0","id":7,"method":"m"}"#,
            ErrorCode::INVALID_REQUEST,
            Some(7),
        ),
        (
            r#"{"id":7,"method":"m"}"#,
            ErrorCode::INVALID_REQUEST,
            Some(7),
        ),
        (
            r#"{"jsonrpc":"2.0","method":5,"id":7}"#,
            ErrorCode::INVALID_REQUEST,
            Some(7),
        ),
        (
            r#"{"jsonrpc":"2.0","id":7}"#,
            ErrorCode::INVALID_REQUEST,
            Some(7),
        ),
        (
            r#"{"jsonrpc":"2.0","id":7,"method":"a","method":"b"}"#,
            ErrorCode::INVALID_REQUEST,
            Some(7),
        ),
        (
            r#"{"jsonrpc":"2.0","id":7,"Method":"m"}"#,
            ErrorCode::INVALID_REQUEST,
            Some(7),
        ),
        (
            r#"{"jsonrpc":"2.0","id":7,"method":"m","result":{}}"#,
            ErrorCode::INVALID_REQUEST,
            Some(7),
        ),
        (
            r#"{"jsonrpc":"2.0","id":null,"method":"m"}"#,
            ErrorCode::INVALID_REQUEST,
            None,
        ),
        (
            r#"{"jsonrpc":"2.0","id":1.5,"method":"m"}"#,
            ErrorCode::INVALID_REQUEST,
            None,
        ),
        (
            r#"{"jsonrpc":"2.0","id":{},"method":"m"}"#,
            ErrorCode::INVALID_REQUEST,
            None,
        ),
        (
            r#"{"jsonrpc":"2.0","result":{}}"#,
            ErrorCode::INVALID_REQUEST,
            None,
        ),
    ];
    for (text, code, id) in table {
        let error = parse(text).expect_err(text);
        assert_eq!(error.to_error().code, code, "{text}");
        assert_eq!(error.id().cloned(), id.map(RequestId::from), "{text}");
    }
}

#[test]
fn odd_parameters_are_noted_not_refused() {
    let message = request(r#"{"jsonrpc":"2.0","id":1,"method":"m","params":[1]}"#);
    assert!(message.params().malformed);
    let message =
        request(r#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"name":1,"uri":"a","uri":"b"}}"#);
    let params = message.params();
    assert!(params.name.is_present() && params.name.get().is_none());
    assert!(params.uri.is_present() && params.uri.get().is_none());
}

#[test]
fn names_with_escapes_are_decoded() {
    let text = r#"{"jsonrpc":"2.0","id":1,"method":"tools\u002fcall","params":{"name":"\u0061"}}"#;
    let message = request(text);
    assert_eq!(message.method(), "tools/call");
    assert_eq!(message.params().name.get().unwrap().as_str(), "a");
}

#[test]
fn depth_is_bounded() {
    let deep = |levels| {
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"m","params":{{"x":{}{}}}}}"#,
            "[".repeat(levels),
            "]".repeat(levels)
        )
    };
    assert!(parse(&deep(30)).is_ok());
    assert_eq!(
        parse(&deep(31)).unwrap_err().to_error().code,
        ErrorCode::INVALID_REQUEST
    );
    assert!(parse(&deep(100_000)).is_err());
}

#[test]
fn responses_are_told_apart() {
    for (text, id) in [
        (
            r#"{"jsonrpc":"2.0","id":"a","error":{"code":1,"message":"m"}}"#,
            Some(RequestId::from("a")),
        ),
        (
            r#"{"jsonrpc":"2.0","error":{"code":1,"message":"m"}}"#,
            None,
        ),
    ] {
        let Ok(Message::Response(response)) = parse(text) else {
            panic!("{text}")
        };
        assert_eq!(response.id().cloned(), id);
        assert!(response.outcome().is_err());
    }
}

fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<i64>().prop_map(|n| n.to_string()),
        any::<f64>().prop_map(|n| serde_json::json!(n).to_string()),
        any::<String>().prop_map(|s| serde_json::json!(s).to_string()),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        let key = prop_oneof![
            Just("jsonrpc"),
            Just("id"),
            Just("method"),
            Just("params"),
            Just("result"),
            Just("error"),
            Just("_meta"),
            Just("name"),
            Just("arguments"),
            Just("x"),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((key, inner), 0..6).prop_map(|members| {
                let members: Vec<_> = members
                    .iter()
                    .map(|(k, v)| format!("\"{k}\":{v}"))
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = message(Bytes::from(bytes), 32);
    }

    #[test]
    fn any_json_is_answered_and_kept(text in json()) {
        if let Ok(Message::Request(message)) = parse(&text) {
            prop_assert_eq!(message.raw().as_str(), text);
        }
    }

    #[test]
    fn truncation_never_passes(cut in 0_usize..100) {
        let whole = r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"add","arguments":{"a":"\u00e9"}}}"#;
        let cut = cut.min(whole.len() - 1);
        prop_assert!(parse(&whole[..cut]).is_err());
    }
}
