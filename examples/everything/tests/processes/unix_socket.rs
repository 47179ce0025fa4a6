//! A socket of the file system.

use http_body_util::{BodyExt, Full};
use hyper::{Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use std::process::Stdio;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::UnixStream,
    process::Command,
};

#[tokio::test]
async fn the_endpoint_is_reached_over_a_unix_socket() {
    let path = std::env::temp_dir().join(format!("everything-{}.sock", std::process::id()));
    let mut child = Command::new(env!("CARGO_BIN_EXE_everything"))
        .arg("--bind")
        .arg(format!("unix:{}", path.display()))
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
    let said = said.next_line().await.unwrap().unwrap();
    assert_eq!(said, format!("listening on unix:{}", path.display()));

    let stream = TokioIo::new(UnixStream::connect(&path).await.unwrap());
    let (mut client, connection) = http1::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#;
    let request = Request::post("/mcp")
        .header("host", "localhost")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "server/discover")
        .body(Full::new(Bytes::from_static(body.as_bytes())))
        .unwrap();
    let answer = client.send_request(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    let answer = answer.into_body().collect().await.unwrap().to_bytes();
    let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(answer["result"]["supportedVersions"][0], "2026-07-28");

    drop(client);
    let id = child.id().unwrap().to_string();
    let killed = Command::new("kill").args(["-TERM", &id]).status().await;
    assert!(killed.unwrap().success());
    assert!(child.wait().await.unwrap().success());
    assert!(!path.exists());
}
