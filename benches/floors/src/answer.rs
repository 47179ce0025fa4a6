//! From a request to its answer.

use crate::{
    Floor,
    events::{Body, cut},
    request::{
        Add, CallParams, CallResult, Echo, EchoRequest, Envelope, InitializeParams,
        InitializeResult, ListParams, Reply,
    },
};
use bytes::Bytes;
use http_body::Body as _;
use http_body_util::BodyExt;
use hyper::{Method, Request, Response, StatusCode, body::Incoming, header::CONTENT_TYPE};
use serde::Serialize;
use serde_json::value::RawValue;

const CALLED: &[u8] = br#"{"jsonrpc":"2.0","id":1000000001,"result":{"resultType":"complete","content":[{"type":"text","text":"3"}],"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"bench","version":"1.0"}}}}"#;
/// As long as a sealed one.
const SESSION: &str = "AXkqAFCi_zW6a9If9abmM5vTaHB3rjQ8aWDPbSoiaNHjV41SkkRLjRUlwrsv-0PT8nls_wrId2SnEUnX03KU8pqC1f-sM2H1t5N7P9QpFQj8KibhwdYJ10txmmG6";

/// What is written as it is.
pub(crate) struct Lists {
    /// The result of `tools/list`.
    list: Box<RawValue>,
    events: Vec<Bytes>,
}

impl Lists {
    /// From an answer to `tools/list` and one to `progress`.
    pub(crate) fn new(list: Option<Vec<u8>>, events: Option<Vec<u8>>) -> Self {
        #[derive(serde::Deserialize)]
        struct Listed {
            result: Box<RawValue>,
        }
        let list = list.map(|list| {
            serde_json::from_slice::<Listed>(&list)
                .expect("a list")
                .result
        });
        let list = list.unwrap_or_else(|| RawValue::from_string("null".into()).expect("JSON"));
        let events = events.map(|events| cut(&String::from_utf8(events).expect("text")));
        let events = events.unwrap_or_default();
        Self { list, events }
    }
}

pub(crate) async fn answer(
    floor: Floor,
    lists: &Lists,
    request: Request<Incoming>,
) -> Response<Body> {
    if request.method() == Method::GET {
        let first = Bytes::from_static(b"id: 0\ndata: \n\n");
        return of("text/event-stream", Body::Standing(Some(first)));
    }
    let answered = match floor {
        Floor::Constant => constant(request).await,
        Floor::Typed => typed(lists, request).await,
        Floor::OnePass => one_pass(request).await,
        Floor::Events => events(lists, request).await,
    };
    answered.unwrap_or_else(|| {
        let mut refused = Response::new(Body::Whole(None));
        *refused.status_mut() = StatusCode::BAD_REQUEST;
        refused
    })
}

async fn constant(request: Request<Incoming>) -> Option<Response<Body>> {
    request.into_body().collect().await.ok()?;
    Some(json(Bytes::from_static(CALLED)))
}

async fn typed(lists: &Lists, request: Request<Incoming>) -> Option<Response<Body>> {
    let body = request.into_body().collect().await.ok()?.to_bytes();
    let envelope: Envelope<'_> = serde_json::from_slice(&body).ok()?;
    let Some(id) = envelope.id.filter(|_| envelope.version == "2.0") else {
        let mut accepted = Response::new(Body::Whole(None));
        *accepted.status_mut() = StatusCode::ACCEPTED;
        return Some(accepted);
    };
    let params = envelope.params.get();
    match envelope.method {
        "tools/call" => {
            let params: CallParams<'_> = serde_json::from_str(params).ok()?;
            let meta = params.meta.as_ref();
            let modern = meta.is_some_and(|meta| {
                meta.capabilities.is_some() && meta.protocol_version == Some("2026-07-28")
            });
            let text = call(params.name, params.arguments)?;
            write(
                256 + text.len(),
                &Reply::new(id, CallResult::new(&text, modern)),
            )
        }
        "tools/list" => {
            let params: ListParams<'_> = serde_json::from_str(params).ok()?;
            params.meta?.protocol_version?;
            let result = &*lists.list;
            write(64 + result.get().len(), &Reply::new(id, result))
        }
        "initialize" => {
            let params: InitializeParams<'_> = serde_json::from_str(params).ok()?;
            let known = !params.client_info.name.is_empty();
            let result = InitializeResult::new(params.protocol_version);
            let mut reply = write(256, &Reply::new(id, result)).filter(|_| known)?;
            let session = SESSION.parse().ok()?;
            reply.headers_mut().insert("mcp-session-id", session);
            Some(reply)
        }
        _ => None,
    }
}

fn call(name: &str, arguments: &RawValue) -> Option<String> {
    match name {
        "add" => {
            let Add { a, b } = serde_json::from_str(arguments.get()).ok()?;
            Some((a + b).to_string())
        }
        "echo" => {
            let Echo { text } = serde_json::from_str(arguments.get()).ok()?;
            Some(text)
        }
        _ => None,
    }
}

/// Only `echo`: the body is read into one piece, its text is borrowed, and copied once.
async fn one_pass(request: Request<Incoming>) -> Option<Response<Body>> {
    let mut body = request.into_body();
    let length = body.size_hint().exact()?;
    let mut whole = Vec::with_capacity(length.try_into().ok()?);
    while let Some(frame) = body.frame().await {
        whole.extend_from_slice(frame.ok()?.data_ref()?);
    }
    let request: EchoRequest<'_> = serde_json::from_slice(&whole).ok()?;
    request.params.meta?.protocol_version?;
    let text = &*request.params.arguments.text;
    let result = CallResult::new(text, true);
    write(256 + text.len(), &Reply::new(request.id, result))
}

/// The same bytes for every request, once it has been read.
async fn events(lists: &Lists, request: Request<Incoming>) -> Option<Response<Body>> {
    let body = request.into_body().collect().await.ok()?.to_bytes();
    let envelope: Envelope<'_> = serde_json::from_slice(&body).ok()?;
    let params: CallParams<'_> = serde_json::from_str(envelope.params.get()).ok()?;
    let events = Body::Events(lists.events.clone());
    Some(of("text/event-stream", events)).filter(|_| params.name == "progress")
}

fn write(capacity: usize, reply: &impl Serialize) -> Option<Response<Body>> {
    let mut bytes = Vec::with_capacity(capacity);
    serde_json::to_writer(&mut bytes, reply).ok()?;
    Some(json(bytes.into()))
}

fn json(bytes: Bytes) -> Response<Body> {
    of("application/json", Body::Whole(Some(bytes)))
}

fn of(kind: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let kind = hyper::header::HeaderValue::from_static(kind);
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
