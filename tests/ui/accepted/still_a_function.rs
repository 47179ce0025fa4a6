//! An annotated function is called like any other, whatever its names are.

use mcp_core::{Server, mcp_tool};
use serde_json::json;

#[mcp_tool]
async fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// Calls itself.
#[mcp_tool]
async fn factorial(number: u64) -> u64 {
    match number {
        0 => 1,
        number => number * Box::pin(factorial(number - 1)).await,
    }
}

/// Calls another one.
#[mcp_tool]
async fn add_three(a: i64, b: i64, c: i64) -> i64 {
    add(add(a, b).await, c).await
}

/// Names that could mean something in the output.
#[mcp_tool]
async fn input(input: u8, state: u8, slots: u8, p0: u8, schema: u8, value: u8) -> u8 {
    input + state + slots + p0 + schema + value
}

#[mcp_tool]
async fn p0(#[schemars(range(max = 9))] value: u8, #[serde(default)] declared: u8) -> u8 {
    value + declared
}

#[mcp_tool]
async fn slots(#[serde(default)] slots: u8) -> u8 {
    slots
}

fn is_send<T: Send + 'static>(value: T) -> T {
    value
}

fn main() {
    assert_eq!(ui_tests::block_on(is_send(add(2, 3))), 5);
    assert_eq!(ui_tests::block_on(factorial(5)), 120);
    assert_eq!(ui_tests::block_on(add_three(1, 2, 3)), 6);
    let function = add;
    assert_eq!(ui_tests::block_on(function(2, 3)), 5);

    let server = Server::builder("ui", "1.0")
        .tool(factorial)
        .tool(add_three)
        .tool(input)
        .tool(p0);
    let server = server.tool(slots).tool(add).build();
    assert_eq!(
        ui_tests::call(&server, "factorial", json!({ "number": 5 })),
        "120"
    );
    assert_eq!(ui_tests::call(&server, "p0", json!({ "value": 5 })), "5");
    assert_eq!(ui_tests::call(&server, "slots", json!({ "slots": 5 })), "5");
    let arguments = json!({ "input": 1, "state": 1, "slots": 1, "p0": 1, "schema": 1, "value": 1 });
    assert_eq!(ui_tests::call(&server, "input", arguments), "6");
}
