//! Streamable HTTP, and HTTP+SSE: each request on a connection of its own.

use crate::{
    Play,
    script::{self, End, Event, Line, Names, Request, What},
};
use http_tests::{Client, Head, Post, Running, serve_hyper};
use mcp_tower::{HttpSse, McpService, Server};
use serde_json::Value;
use std::collections::HashMap;

/// A server, and the requests to it that are not over.
pub(crate) struct Connections {
    mount: Running,
    path: &'static str,
    open: HashMap<u64, Exchange>,
}

struct Exchange {
    client: Client,
    /// What came of a GET while it was waited for.
    head: Option<Head>,
    /// Tells of changes, and may tell of one twice.
    standing: bool,
}

impl Connections {
    pub(crate) async fn streamable(server: Server) -> Self {
        Self {
            mount: serve_hyper(McpService::new(server)).await,
            path: "/mcp",
            open: HashMap::new(),
        }
    }

    pub(crate) async fn sse(server: Server) -> Self {
        let service = McpService::new(server).http_sse(HttpSse::new());
        Self {
            mount: serve_hyper(service).await,
            path: "/sse",
            open: HashMap::new(),
        }
    }

    async fn request(&mut self, request: &Request, names: &Names) -> Exchange {
        let mut client = Client::connect(self.mount.address).await;
        let mut headers = vec![("host".to_owned(), b"localhost".to_vec())];
        headers.extend(request.headers.iter().map(|(name, value)| {
            let value = names.put_in(value);
            (name.clone(), value.as_str().unwrap().as_bytes().to_vec())
        }));
        let path = request.path.clone().unwrap_or_else(|| self.path.to_owned());
        let path = names.put_in(&path.into()).as_str().unwrap().to_owned();
        let body = request
            .body
            .as_ref()
            .map(|body| names.put_in(body).to_string());
        client
            .write(&Post {
                verb: request.method.clone(),
                path,
                headers,
                body: body.unwrap_or_default().into_bytes(),
            })
            .await;
        // Real clients do not wait for it, and what they do next may come first.
        let standing = request.method == "GET";
        let head = if standing {
            Some(client.head().await)
        } else {
            None
        };
        Exchange {
            client,
            head,
            standing,
        }
    }
}

impl Play for Connections {
    async fn line(&mut self, line: &Line, names: &mut Names) -> Result<(), String> {
        if let What::Request(request) = &line.what {
            let exchange = self.request(request, names).await;
            self.open.insert(line.stream, exchange);
            return Ok(());
        }
        let exchange = self
            .open
            .get_mut(&line.stream)
            .ok_or("its request is not open")?;
        match &line.what {
            What::Head(head) => exchange.head(head, names).await,
            What::Body(body) => exchange.body(body, names).await,
            What::Event(event) => exchange.event(event, names).await,
            What::Endpoint(path) => exchange.endpoint(path, self.path, names).await,
            What::End(End::Server) => exchange.end().await,
            What::End(End::Client) => {
                self.open.remove(&line.stream);
                Ok(())
            }
            other => Err(format!("{other:?} is not of HTTP")),
        }
    }
}

impl Exchange {
    async fn head(&mut self, expected: &script::Head, names: &mut Names) -> Result<(), String> {
        let head = match self.head.take() {
            Some(head) => head,
            None => self.client.head().await,
        };
        names.compare(&expected.status.into(), &head.status.into(), "status")?;
        expected.headers.iter().try_for_each(|(name, expected)| {
            let found = head.headers.get(name).and_then(|value| value.to_str().ok());
            names.compare(expected, &found.into(), name)
        })
    }

    async fn body(&mut self, body: &Value, names: &mut Names) -> Result<(), String> {
        let mut bytes = Vec::new();
        while let Some(chunk) = self.client.chunk().await {
            bytes.extend_from_slice(&chunk);
        }
        let found = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
        names.compare(body, &found, "body")
    }

    /// The first event of a stream of HTTP+SSE comes at once, and alone.
    async fn endpoint(&mut self, path: &str, at: &str, names: &mut Names) -> Result<(), String> {
        let first = self.client.chunk().await.unwrap_or_default();
        let first = std::str::from_utf8(&first).map_err(|error| error.to_string())?;
        let announced = first.strip_prefix("event: endpoint\ndata: ");
        let announced = announced.and_then(|rest| rest.strip_suffix("\n\n"));
        let announced = announced.ok_or_else(|| format!("{first:?} is no endpoint"))?;
        // As clients resolve it, against the URI of the stream.
        let base = if announced.starts_with('?') { at } else { "" };
        names.compare(
            &path.into(),
            &format!("{base}{announced}").into(),
            "endpoint",
        )
    }

    async fn event(&mut self, expected: &Event, names: &mut Names) -> Result<(), String> {
        let primes = expected.data == "";
        let found = loop {
            let found = self
                .client
                .named_event()
                .await
                .ok_or("the stream has ended")?;
            // An event without data primes a client that may have to come back; when it comes
            // depends on time.
            if found.message.is_some() || primes {
                break found;
            }
        };
        let data = found.message.unwrap_or_else(|| "".into());
        names.compare(&expected.data, &data, "event")?;
        match &expected.id {
            Some(id) => names.compare(&id.clone().into(), &found.id.into(), "event id"),
            None => Ok(()),
        }
    }

    /// Nothing is said beyond what was recorded.
    async fn end(&mut self) -> Result<(), String> {
        while let Some(event) = self.client.event().await {
            if !self.standing {
                return Err(format!("{event} is new"));
            }
        }
        Ok(())
    }
}
