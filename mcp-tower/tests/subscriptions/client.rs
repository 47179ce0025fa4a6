//! A client that reads events as they come.

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use mcp_tower::{Body, McpService, Server};
use serde_json::{Value, json};
use std::time::Duration;
use tower::ServiceExt;

/// A client of one mount; each of its requests could be a connection of its own.
#[derive(Clone)]
pub(crate) struct Client(pub(crate) McpService);

/// The events of one response, and what was read of the next one.
pub(crate) struct Stream(Body, String);

impl Client {
    pub(crate) fn new(server: &Server) -> Self {
        Self(McpService::new(server.clone()))
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response<Body> {
        let mut request = Request::builder()
            .method(method)
            .uri("/mcp")
            .header(header::HOST, "localhost")
            .header(header::CONTENT_TYPE, "application/json");
        if !headers.iter().any(|(name, _)| *name == "accept") {
            request = request.header("accept", "application/json, text/event-stream");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = Full::new(Bytes::copy_from_slice(body.as_bytes()));
        let request = request.body(body).unwrap();
        self.0.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn modern(
        &self,
        id: Value,
        method: &str,
        mut params: Value,
    ) -> Response<Body> {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let name = params["name"].as_str().map(str::to_owned);
        let mut headers = vec![
            ("mcp-protocol-version", "2026-07-28"),
            ("mcp-method", method),
        ];
        headers.extend(name.as_deref().map(|name| ("mcp-name", name)));
        let body = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        self.send(Method::POST, &headers, &body.to_string()).await
    }

    pub(crate) async fn try_listen(&self, id: Value, params: Value) -> Response<Body> {
        self.modern(id, "subscriptions/listen", params).await
    }

    /// Listens, and reads the acknowledgement.
    pub(crate) async fn listen(&self, id: Value, filter: Value) -> (Stream, Value) {
        let response = self.try_listen(id, json!({"notifications": filter})).await;
        assert_eq!(response.status(), StatusCode::OK);
        let mut stream = Stream::new(response);
        let first = stream.next().await.unwrap();
        assert_eq!(first["method"], "notifications/subscriptions/acknowledged");
        (stream, first["params"].clone())
    }

    pub(crate) async fn initialize(&self) -> Response<Body> {
        let body = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "c", "version": "1"},
        }});
        self.send(Method::POST, &[], &body.to_string()).await
    }

    pub(crate) async fn session(&self) -> Session {
        let response = self.initialize().await;
        let id = response.headers()["mcp-session-id"].to_str().unwrap();
        Session(self.clone(), id.to_owned())
    }
}

pub(crate) struct Session(Client, pub(crate) String);

impl Session {
    pub(crate) async fn send(&self, method: Method, body: &str) -> Response<Body> {
        let headers = [("mcp-session-id", self.1.as_str())];
        self.0.send(method, &headers, body).await
    }

    pub(crate) async fn get(&self) -> Stream {
        let response = self.send(Method::GET, "").await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Stream::new(response)
    }

    pub(crate) async fn call(&self, method: &str, params: Value) -> Vec<Value> {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        messages(self.send(Method::POST, &body.to_string()).await).await
    }
}

/// All messages of a response that ends.
pub(crate) async fn messages(response: Response<Body>) -> Vec<Value> {
    if response.headers()["content-type"] == "application/json" {
        let body = response.into_body().collect().await.unwrap().to_bytes();
        return vec![serde_json::from_slice(&body).unwrap()];
    }
    let mut stream = Stream::new(response);
    let mut all = Vec::new();
    while let Some(message) = stream.next().await {
        all.push(message);
    }
    all
}

impl Stream {
    pub(crate) fn new(response: Response<Body>) -> Self {
        Self(response.into_body(), String::new())
    }

    /// The next message; none at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            while let Some((event, rest)) = self.1.split_once("\n\n") {
                let data = event.lines().find_map(|line| line.strip_prefix("data: "));
                let data = data.filter(|data| !data.is_empty());
                let data = data.map(|data| serde_json::from_str(data).unwrap());
                self.1 = rest.to_owned();
                if data.is_some() {
                    return data;
                }
            }
            let frame = tokio::time::timeout(Duration::from_secs(10), self.0.frame()).await;
            let data = frame.expect("an event in time")?.unwrap();
            let data = data.into_data().unwrap();
            self.1.push_str(std::str::from_utf8(&data).unwrap());
        }
    }

    pub(crate) async fn method(&mut self) -> String {
        let message = self.next().await.unwrap();
        message["method"].as_str().unwrap().to_owned()
    }
}
