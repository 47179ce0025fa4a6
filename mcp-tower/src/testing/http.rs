//! Messages as HTTP requests to a Tower service in this process.

use super::{
    config::Accept,
    event_reader::EventReader,
    transcript::Transcript,
    transport::{Arrived, Arriving, Content, Messages, Outgoing, Sending, Transport},
};
use crate::{
    Body,
    bus::LocalBus,
    exchange::{SESSION, VERSION},
    header_value::encode,
    headers::{METHOD, NAME},
    standing::LAST_EVENT_ID,
};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, header};
use mcp_core::{
    BoxError, BoxFuture,
    protocol::{Era, Revision, compat::Feature},
};
use serde_json::Value;
use std::{
    future::poll_fn,
    pin::Pin,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};
use tower_service::Service;

/// Services that serve the same clients, in turn.
pub(super) struct Http<S> {
    services: Vec<Mutex<S>>,
    next: AtomicUsize,
    /// What the services tell each other is heard before the next request.
    bus: Option<LocalBus>,
}

impl<S> Http<S> {
    pub(super) fn new(services: Vec<S>, bus: Option<LocalBus>) -> Self {
        Self {
            services: services.into_iter().map(Mutex::new).collect(),
            next: AtomicUsize::new(0),
            bus,
        }
    }
}

impl<S, B> Http<S>
where
    S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    async fn exchange(&self, sending: Sending<'_>) -> Result<Arrived, String> {
        if let Some(bus) = &self.bus {
            bus.settled().await;
        }
        let request = request(&sending)?;
        let transcript = sending.transcript.clone();
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.services.len();
        let number = transcript.sent(
            request.method().as_str(),
            request.uri().path(),
            request.headers(),
            &body_text(&sending.what),
        );
        if self.services.len() > 1 {
            transcript.note(number, &format!("on replica {}", turn + 1));
        }
        let mut service = {
            let service = self.services[turn].lock();
            service.unwrap_or_else(PoisonError::into_inner).clone()
        };
        let failed = |error: S::Error| format!("the service failed: {}", error.into());
        poll_fn(|cx| service.poll_ready(cx)).await.map_err(failed)?;
        let response = service.call(request).await.map_err(failed)?;
        let (parts, body) = response.into_parts();
        transcript.answered(number, parts.status, &parts.headers);
        let kind = parts.headers.get(header::CONTENT_TYPE);
        let is_stream = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        let body = Reading {
            body: Box::pin(body),
            transcript,
            number,
            events: is_stream.then(EventReader::default),
            is_over: false,
            whole: BytesMut::new(),
        };
        Ok(Arrived {
            number,
            status: parts.status,
            headers: parts.headers,
            messages: Box::new(body),
        })
    }
}

impl<S, B> Transport for Http<S>
where
    S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    fn send<'a>(&'a self, sending: Sending<'a>) -> BoxFuture<'a, Result<Arrived, String>> {
        Box::pin(self.exchange(sending))
    }
}

fn body_text(what: &Outgoing<'_>) -> String {
    match what {
        Outgoing::Message(message) => message.to_string(),
        Outgoing::Stream { .. } | Outgoing::End => String::new(),
    }
}

fn request(sending: &Sending<'_>) -> Result<Request<Body>, String> {
    let config = sending.config;
    let method = match sending.what {
        Outgoing::Message(_) => Method::POST,
        Outgoing::Stream { .. } => Method::GET,
        Outgoing::End => Method::DELETE,
    };
    let mut request = Request::new(Body::from(Bytes::from(body_text(&sending.what))));
    *request.method_mut() = method;
    *request.uri_mut() = config
        .path
        .parse()
        .map_err(|_| format!("`{}` is no path", config.path))?;
    *request.extensions_mut() = config.extensions.clone();
    let headers = request.headers_mut();
    headers.insert(header::HOST, HeaderValue::from_static("localhost"));
    let accept = match (sending.what, config.accept) {
        (Outgoing::Stream { .. }, _) | (_, Accept::Events) => "text/event-stream",
        (_, Accept::Either) => "application/json, text/event-stream",
        (_, Accept::Json) => "application/json",
    };
    headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
    if let Outgoing::Message(message) = sending.what {
        let json = HeaderValue::from_static("application/json");
        headers.insert(header::CONTENT_TYPE, json);
        if config.revision.era() == Era::Modern {
            modern_headers(headers, message)?;
        }
    }
    if let Some(session) = sending.session {
        if let Some(id) = &session.id {
            headers.insert(SESSION, value_of(id)?);
        }
        if session.revision.has(Feature::VersionHeader) {
            let version = HeaderValue::from_static(session.revision.as_str());
            headers.insert(VERSION, version);
        }
    }
    if let Outgoing::Stream { last: Some(last) } = sending.what {
        headers.insert(LAST_EVENT_ID, value_of(last)?);
    }
    for more in [&config.headers, sending.headers] {
        for name in more.keys() {
            headers.remove(name);
        }
        for (name, value) in more {
            headers.append(name, value.clone());
        }
    }
    Ok(request)
}

/// What self-contained requests say in headers too.
fn modern_headers(headers: &mut HeaderMap, message: &Value) -> Result<(), String> {
    let version = HeaderValue::from_static(Revision::NEWEST_MODERN.as_str());
    headers.insert(VERSION, version);
    let Some(method) = message["method"].as_str() else {
        return Ok(());
    };
    headers.insert(METHOD, value_of(method)?);
    let params = &message["params"];
    let name = ["name", "uri", "taskId"]
        .into_iter()
        .find_map(|name| params[name].as_str());
    if let Some(name) = name {
        headers.insert(NAME, value_of(&encode(name))?);
    }
    Ok(())
}

fn value_of(text: &str) -> Result<HeaderValue, String> {
    HeaderValue::from_str(text).map_err(|_| format!("`{text}` cannot be the value of a header"))
}

/// The body of a response, read as messages.
struct Reading<B> {
    body: Pin<Box<B>>,
    transcript: Transcript,
    number: usize,
    /// Where it is a stream.
    events: Option<EventReader>,
    is_over: bool,
    /// What has come of a body that is no stream.
    whole: BytesMut,
}

impl<B> Messages for Reading<B>
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    fn next(&mut self) -> BoxFuture<'_, Option<Arriving>> {
        Box::pin(async {
            loop {
                if let Some(event) = self.events.as_mut().and_then(EventReader::next) {
                    let (id, data) = (event.id, event.data);
                    self.transcript.received(self.number, id.as_deref(), &data);
                    return Some(Arriving {
                        event: id,
                        content: content(data),
                    });
                }
                if self.is_over {
                    return None;
                }
                let frame = poll_fn(|cx| self.body.as_mut().poll_frame(cx)).await;
                match (frame, &mut self.events) {
                    (None, events) => {
                        self.is_over = true;
                        if events.is_none() && !self.whole.is_empty() {
                            let text = String::from_utf8_lossy(&self.whole).into_owned();
                            self.transcript.received(self.number, None, &text);
                            return Some(Arriving {
                                event: None,
                                content: content(text),
                            });
                        }
                    }
                    (Some(Ok(frame)), events) => match (frame.into_data(), events) {
                        (Ok(data), Some(events)) => events.push(&data),
                        (Ok(data), None) => self.whole.extend_from_slice(&data),
                        (Err(_), _) => {}
                    },
                    (Some(Err(error)), _) => {
                        self.is_over = true;
                        let error = format!("the body broke: {}", error.into());
                        self.transcript.note(self.number, &error);
                        return Some(Arriving {
                            event: None,
                            content: Content::Broken(error),
                        });
                    }
                }
            }
        })
    }
}

fn content(text: String) -> Content {
    if text.is_empty() {
        return Content::Nothing;
    }
    match serde_json::from_str(&text) {
        Ok(message) => Content::Message(message),
        Err(_) => Content::Text(text),
    }
}

/// The headers that mirror arguments of a call, by the schema of its tool.
pub(super) fn mirrored(schema: &Value, arguments: &Value, headers: &mut HeaderMap) {
    let Some(properties) = schema["properties"].as_object() else {
        return;
    };
    for (name, property) in properties {
        let argument = &arguments[name];
        if let Some(header) = property["x-mcp-header"].as_str() {
            let text = match argument {
                Value::String(text) => encode(text),
                Value::Number(_) | Value::Bool(_) => argument.to_string(),
                _ => continue,
            };
            let header = HeaderName::try_from(format!("mcp-param-{header}"));
            if let (Ok(header), Ok(value)) = (header, HeaderValue::from_str(&text)) {
                headers.insert(header, value);
            }
        }
        mirrored(property, argument, headers);
    }
}
