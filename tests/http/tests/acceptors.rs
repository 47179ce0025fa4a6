//! Connections that are not TCP.
#![cfg(unix)]

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use http_tests::{Post, server};
use hyper_util::rt::{TokioExecutor, TokioIo};
use mcp_tower::{McpLayer, PeerAddr, serve};
use serde_json::{Value, json};
use std::{future::IntoFuture, path::PathBuf, process};
use tokio::net::{UnixListener, UnixStream};
use tower::{ServiceBuilder, util::MapRequestLayer};

/// A path that is removed at the end.
struct Socket(PathBuf);

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[tokio::test]
async fn a_unix_socket_is_served_and_has_no_address() {
    let name = format!("http-tests-{}.sock", process::id());
    let socket = Socket(std::env::temp_dir().join(name));
    let listener = UnixListener::bind(&socket.0).unwrap();
    let checked = |request: Request<hyper::body::Incoming>| {
        assert!(request.extensions().get::<PeerAddr>().is_none());
        request
    };
    let app = ServiceBuilder::new()
        .layer(MapRequestLayer::new(checked))
        .layer(McpLayer::new(server()))
        .service(serve::not_found());
    let task = tokio::spawn(serve(listener, app).into_future());
    let stream = TokioIo::new(UnixStream::connect(&socket.0).await.unwrap());
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), stream)
            .await
            .unwrap();
    tokio::spawn(connection);
    let mut request: Request<Full<Bytes>> = Post::call("add", json!({"a": 2, "b": 3}))
        .without("host")
        .request();
    *request.uri_mut() = "http://localhost/mcp".parse().unwrap();
    let reply = sender.send_request(request).await.unwrap();
    assert_eq!(reply.status(), 200);
    let body = reply.into_body().collect().await.unwrap().to_bytes();
    let message: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(message["result"]["content"][0]["text"], "5");
    task.abort();
}
