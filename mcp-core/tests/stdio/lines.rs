//! Lines that are messages, and lines that are none.

use super::client::{Client, text};
use serde_json::{Value, json};

const PING: &str = r#"{"jsonrpc":"2.0","id":"p","method":"ping"}"#;

async fn still_answers(client: &mut Client) {
    client.write(format!("{PING}\n")).await;
    let pong = client.read().await;
    assert_eq!(pong, json!({"jsonrpc": "2.0", "id": "p", "result": {}}));
}

#[tokio::test]
async fn what_is_no_message_is_answered_and_the_next_line_is_read() {
    let mut client = Client::start();
    let table: [(&[u8], i64, Value); 11] = [
        (b"{", -32700, Value::Null),
        (b"hello", -32700, Value::Null),
        (b"\xff\xfe", -32700, Value::Null),
        (
            b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"} trailing",
            -32700,
            Value::Null,
        ),
        (b"[]", -32600, Value::Null),
        (
            b"[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]",
            -32600,
            Value::Null,
        ),
        (b"5", -32600, Value::Null),
        (
            b"{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}",
            -32600,
            Value::Null,
        ),
        (
            b"{\"jsonrpc\":\"1.0\",\"id\":\"a\",\"method\":\"ping\"}",
            -32600,
            json!("a"),
        ),
        (
            b"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":5}",
            -32600,
            json!(7),
        ),
        (
            b"{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"ping\"}",
            -32600,
            Value::Null,
        ),
    ];
    for (line, code, id) in table {
        client.write([line, b"\n"].concat()).await;
        let answer = client.read().await;
        let shown = String::from_utf8_lossy(line);
        assert_eq!(answer["error"]["code"], code, "{shown} {answer}");
        assert_eq!(answer.get("id").cloned().unwrap_or_default(), id, "{shown}");
        assert!(!answer.as_object().unwrap().contains_key("id") || !id.is_null());
        still_answers(&mut client).await;
    }
}

#[tokio::test]
async fn lines_may_end_as_on_windows_and_be_empty() {
    let mut client = Client::start();
    client.write(format!("\n\r\n   \n{PING}\r\n")).await;
    assert_eq!(client.read().await["id"], "p");
}

#[tokio::test]
async fn a_line_that_is_too_long_is_passed_over() {
    let mut client = Client::start_with(|stdio| stdio.line_bytes(1000));
    let long = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{"x":"{}"}}}}"#,
        "x".repeat(200_000)
    );
    client.write(format!("{long}\n")).await;
    let answer = client.read().await;
    assert_eq!(answer["error"]["code"], -32600);
    assert!(answer.get("id").is_none());
    still_answers(&mut client).await;
}

#[tokio::test]
async fn nesting_is_bounded() {
    let mut client = Client::start_with(|stdio| stdio.depth(8));
    client
        .write(format!("{}{}\n", "[".repeat(100_000), "]".repeat(100_000)))
        .await;
    assert_eq!(client.read().await["error"]["code"], -32600);
    still_answers(&mut client).await;
}

#[tokio::test]
async fn a_message_is_one_line_whatever_it_holds() {
    let mut client = Client::in_session("2025-11-25", json!({})).await;
    let answer = client
        .ask(
            "prompts/get",
            json!({"name": "greet", "arguments": {"name": "a\nb\r\nc"}}),
        )
        .await;
    let said = &answer["result"]["messages"][0]["content"]["text"];
    assert_eq!(said, "Greet a\nb\r\nc");
}

#[tokio::test]
async fn ids_come_back_as_they_were_sent() {
    let mut client = Client::start();
    for id in [
        json!(0),
        json!(-5),
        json!(i64::MAX),
        json!("0"),
        json!(""),
        json!("ä\n"),
    ] {
        client
            .send(json!({"jsonrpc": "2.0", "id": id, "method": "ping"}))
            .await;
        assert_eq!(client.read().await["id"], id);
    }
}

#[tokio::test]
async fn a_large_answer_passes_a_small_pipe() {
    let mut client = Client::in_session("2025-11-25", json!({})).await;
    let answer = client.call("large", json!({"bytes": 1_000_000})).await;
    assert_eq!(text(&answer).len(), 1_000_000);
}

#[tokio::test]
async fn a_panic_is_a_tool_error_and_nothing_else() {
    let mut client = Client::in_session("2025-11-25", json!({})).await;
    let answer = client.call("panic", json!({})).await;
    assert_eq!(answer["result"]["isError"], true);
    assert!(!answer.to_string().contains("not for the client"));
    still_answers(&mut client).await;
}

mod property {
    use super::*;
    use proptest::prelude::*;

    fn line() -> impl Strategy<Value = (Vec<u8>, bool)> {
        let request = (0..5_u8, 0..1000_i64).prop_map(|(kind, id)| {
            let method = ["ping", "tools/list", "initialize", "nothing/here", "tools/call"][usize::from(kind)];
            let message = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": {"name": "add", "arguments": {"a": 1, "b": id}}});
            (message.to_string().into_bytes(), true)
        });
        let junk = proptest::collection::vec(
            any::<u8>().prop_filter("one line", |byte| *byte != b'\n'),
            1..60,
        )
        .prop_filter("not blank", |bytes| !bytes.trim_ascii().is_empty())
        .prop_map(|bytes| (bytes, true));
        let notification = "[a-z/]{1,20}".prop_map(|method| {
            let message = json!({"jsonrpc": "2.0", "method": method, "params": {"requestId": 1}});
            (message.to_string().into_bytes(), false)
        });
        let response = (0..5_i64).prop_map(|id| {
            (
                json!({"jsonrpc": "2.0", "id": id, "result": {}})
                    .to_string()
                    .into_bytes(),
                false,
            )
        });
        prop_oneof![4 => request, 3 => junk, 1 => notification, 1 => response]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn nothing_kills_a_conversation_and_everything_is_answered_once(
            lines in proptest::collection::vec(line(), 0..40),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let (owed, said) = runtime.block_on(async {
                let mut client = Client::start();
                let mut owed = 0;
                for (line, is_answered) in &lines {
                    client.write([line, b"\n".as_slice()].concat()).await;
                    // Read as they come, so that the pipe never fills.
                    owed += usize::from(*is_answered);
                }
                client.write(format!("{PING}\n")).await;
                client.close_input();
                let mut said = 0;
                while client.read_line().await.is_some() {
                    said += 1;
                }
                client.ended().await.unwrap();
                (owed + 1, said)
            });
            prop_assert_eq!(owed, said);
        }
    }
}
