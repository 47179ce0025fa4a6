//! What the accepted cases share: asking a server as a client does.

use mcp_core::{
    Facts, Request, Server,
    protocol::{DEFAULT_MAX_DEPTH, Message, Revision},
};
use serde_json::{Value, json};
use tower_service::Service;

const REVISION: Revision = Revision::NEWEST_LEGACY;

/// The whole answer to a request.
///
/// # Panics
/// When there is none.
pub fn ask(server: &Server, method: &str, params: &Value) -> Value {
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let message = match Message::parse(body.to_string().into(), DEFAULT_MAX_DEPTH) {
        Ok(Message::Request(message)) => message,
        other => panic!("not a request: {other:?}"),
    };
    let id = message.id().cloned().expect("a request has an id");
    let request = Request::new(Facts::new(message, REVISION));
    let response = block_on(server.clone().call(request)).unwrap_or_else(|error| match error {});
    let answer = server.encode(response, &id, REVISION);
    serde_json::from_slice(&answer).expect("an answer is JSON")
}

/// The definition of the only item in a list: `tools`, `prompts`, `resources` or the like.
pub fn listed(server: &Server, list: &str) -> Value {
    let method = match list {
        "resourceTemplates" => "resources/templates/list".to_owned(),
        _ => format!("{list}/list"),
    };
    ask(server, &method, &json!({}))["result"][list][0].take()
}

/// The text with which a tool answers.
pub fn call(server: &Server, tool: &str, arguments: Value) -> String {
    let params = json!({ "name": tool, "arguments": arguments });
    let answer = ask(server, "tools/call", &params);
    let text = answer["result"]["content"][0]["text"].as_str();
    text.unwrap_or_else(|| panic!("no text in {answer}"))
        .to_owned()
}

/// Runs a future to its end.
///
/// # Panics
/// When there can be no runtime.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(future)
}
