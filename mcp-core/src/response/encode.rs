//! From a response to bytes: the one place where results get what their revision adds to them.

use super::{InputRequired, Page, Payload, Response, text};
use crate::{
    error::Reference,
    protocol::{
        CacheHint, ContentBlock, ErrorObject, Implementation, Meta, RawJson, RequestId, Revision,
        ToolResult,
        compat::{Downlevel, Feature},
        key,
    },
    refusal::Refusal,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// The server's name, rendered once for the results of modern revisions.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    /// `"io.modelcontextprotocol/serverInfo":{…}`
    member: String,
}

impl Identity {
    pub(crate) fn new(info: &Implementation) -> Self {
        let info = serde_json::to_string(info).unwrap_or_else(|_| "{}".to_owned());
        Self {
            member: format!("\"{}\":{info}", key::SERVER_INFO),
        }
    }
}

impl Response {
    /// The JSON-RPC response, compact and in one piece.
    pub(crate) fn encode(self, id: &RequestId, revision: Revision, identity: &Identity) -> Vec<u8> {
        let encoded = self.outcome.and_then(|payload| {
            encode_result(payload, id, revision, identity).map_err(unserializable)
        });
        encoded.unwrap_or_else(|refusal| encode_error(refusal.error().clone(), Some(id), revision))
    }
}

/// A JSON-RPC error response. Without an id the member is left out, never `null`.
pub(crate) fn encode_error(
    error: ErrorObject,
    id: Option<&RequestId>,
    revision: Revision,
) -> Vec<u8> {
    #[derive(Serialize)]
    struct Envelope<'a> {
        jsonrpc: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a RequestId>,
        error: ErrorObject,
    }
    let envelope = Envelope {
        jsonrpc: "2.0",
        id,
        error: error.downlevel(revision),
    };
    // An error object is text and raw JSON: it always serializes.
    serde_json::to_vec(&envelope).unwrap_or_default()
}

fn unserializable(error: serde_json::Error) -> Refusal {
    Refusal::internal(Reference::log(&format!(
        "a result does not serialize: {error}"
    )))
}

fn encode_result(
    payload: Payload,
    id: &RequestId,
    revision: Revision,
    identity: &Identity,
) -> Result<Vec<u8>, serde_json::Error> {
    let mut out = Vec::with_capacity(payload.size_hint());
    out.extend_from_slice(b"{\"jsonrpc\":\"2.0\",\"id\":");
    serde_json::to_writer(&mut out, id)?;
    out.extend_from_slice(b",\"result\":");
    let mut result = ResultWriter {
        out,
        revision,
        identity,
        empty: true,
    };
    payload.write(&mut result)?;
    let mut out = result.out;
    out.push(b'}');
    Ok(out)
}

impl Payload {
    fn size_hint(&self) -> usize {
        match self {
            Self::List(page) => page.items.len() + 512,
            Self::Raw(raw) => raw.as_str().len() + 128,
            Self::Tool(result) => {
                let structured = result.structured_content.as_ref();
                let texts = result.content.iter().map(|block| match block {
                    ContentBlock::Text { text, .. } => text.len() + 64,
                    _ => 64,
                });
                texts.sum::<usize>() + structured.map_or(0, |raw| raw.as_str().len()) + 320
            }
            _ => 384,
        }
    }

    fn write(self, out: &mut ResultWriter<'_>) -> Result<(), serde_json::Error> {
        let revision = out.revision;
        match self {
            Self::Raw(raw) => {
                out.out.extend_from_slice(raw.as_str().as_bytes());
                Ok(())
            }
            Self::Empty => out.object(&serde_json::Map::new(), None, None),
            Self::Closing(meta) => out.object(&serde_json::Map::new(), None, Some(meta)),
            Self::Tool(result) => {
                let mut result = result.downlevel(revision);
                let meta = result.meta.take();
                out.tool(&result, meta)
            }
            Self::Prompt(result) => {
                let mut result = result.downlevel(revision);
                let meta = result.meta.take();
                out.object(&result, None, meta)
            }
            Self::Read(result) => {
                let mut result = result.downlevel(revision);
                let (meta, cache) = (result.meta.take(), result.cache.unwrap_or_default());
                out.object(&result, Some(cache), meta)
            }
            Self::Completion(completion) => {
                #[derive(Serialize)]
                struct Completion<T> {
                    completion: T,
                }
                out.object(&Completion { completion }, None, None)
            }
            Self::Initialize(mut result) => {
                result.capabilities = result.capabilities.downlevel(revision);
                result.server_info = result.server_info.downlevel(revision);
                out.object(&result, None, None)
            }
            Self::InputRequired(required) => out.input_required(&required),
            Self::Discover(result, cache) => out.object(&result, Some(cache), None),
            Self::List(page) => out.page(&page),
        }
    }
}

/// Writes one result object.
struct ResultWriter<'a> {
    out: Vec<u8>,
    revision: Revision,
    identity: &'a Identity,
    empty: bool,
}

impl ResultWriter<'_> {
    fn is_modern(&self) -> bool {
        self.revision.has(Feature::ResultType)
    }

    fn object<T: Serialize + ?Sized>(
        &mut self,
        members: &T,
        cache: Option<CacheHint>,
        meta: Option<Meta>,
    ) -> Result<(), serde_json::Error> {
        self.open("complete")?;
        self.members(members)?;
        self.close(cache, meta)
    }

    /// What most answers are, without the detours of a general serializer.
    fn tool(&mut self, result: &ToolResult, meta: Option<Meta>) -> Result<(), serde_json::Error> {
        self.open("complete")?;
        self.name("content");
        self.out.push(b'[');
        for (position, block) in result.content.iter().enumerate() {
            if position > 0 {
                self.out.push(b',');
            }
            match block {
                ContentBlock::Text {
                    text,
                    annotations: None,
                    meta: None,
                } => {
                    self.out.extend_from_slice(b"{\"type\":\"text\",\"text\":");
                    text::write(&mut self.out, text);
                    self.out.push(b'}');
                }
                block => serde_json::to_writer(&mut self.out, block)?,
            }
        }
        self.out.push(b']');
        if let Some(value) = &result.structured_content {
            self.name("structuredContent");
            self.out.extend_from_slice(value.as_bytes());
        }
        if result.is_error {
            self.name("isError");
            self.out.extend_from_slice(b"true");
        }
        self.close(None, meta)
    }

    fn input_required(&mut self, required: &InputRequired) -> Result<(), serde_json::Error> {
        #[derive(Serialize)]
        struct Request<'a> {
            method: &'a str,
            params: &'a RawJson,
        }
        let requests: BTreeMap<_, _> = required
            .questions
            .iter()
            .map(|question| {
                let (method, params) = (&*question.method, &question.params);
                (&question.key, Request { method, params })
            })
            .collect();
        self.open("input_required")?;
        self.member("inputRequests", &requests)?;
        self.member("requestState", &required.state)?;
        self.close(None, None)
    }

    fn page(&mut self, page: &Page) -> Result<(), serde_json::Error> {
        self.open("complete")?;
        self.name(page.member);
        self.out.push(b'[');
        self.out.extend_from_slice(&page.items);
        self.out.push(b']');
        if let Some(cursor) = &page.next_cursor {
            self.member("nextCursor", cursor)?;
        }
        self.close(Some(page.cache), None)
    }

    fn open(&mut self, result_type: &'static str) -> Result<(), serde_json::Error> {
        self.out.push(b'{');
        if self.is_modern() {
            self.member("resultType", result_type)?;
        }
        Ok(())
    }

    fn close(
        &mut self,
        cache: Option<CacheHint>,
        meta: Option<Meta>,
    ) -> Result<(), serde_json::Error> {
        if self.is_modern() {
            if let Some(cache) = cache {
                self.members(&cache)?;
            }
            self.separator();
            self.out.extend_from_slice(b"\"_meta\":{");
            self.out.extend_from_slice(self.identity.member.as_bytes());
            if let Some(meta) = meta {
                self.empty = false;
                self.members(&meta)?;
            }
            self.out.push(b'}');
        } else if let Some(meta) = meta {
            self.member("_meta", &meta)?;
        }
        self.out.push(b'}');
        Ok(())
    }

    fn member<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), serde_json::Error> {
        self.name(name);
        serde_json::to_writer(&mut self.out, value)
    }

    /// The name of the next member, which needs no escaping.
    fn name(&mut self, name: &'static str) {
        self.separator();
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    /// The members of something that serializes to an object, without its braces.
    fn members<T: Serialize + ?Sized>(&mut self, members: &T) -> Result<(), serde_json::Error> {
        if self.empty {
            // The first members bring the opening brace with them.
            self.out.pop();
        }
        let start = self.out.len();
        serde_json::to_writer(&mut self.out, members)?;
        if self.out.get(start) != Some(&b'{') {
            return Err(serde::ser::Error::custom("a result must be an object"));
        }
        self.out.pop();
        let added = self.out.len() > start + 1;
        if !self.empty {
            if added {
                self.out[start] = b',';
            } else {
                self.out.pop();
            }
        }
        self.empty &= !added;
        Ok(())
    }

    fn separator(&mut self) {
        if !std::mem::replace(&mut self.empty, false) {
            self.out.push(b',');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{ReadResult, ResourceContents};

    fn encode(payload: Payload, revision: Revision) -> String {
        let identity = Identity::new(&Implementation::new("s", "1"));
        let bytes = Response::from(payload).encode(&7.into(), revision, &identity);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn legacy_results_are_plain() {
        assert_eq!(
            encode(Payload::Empty, Revision::V2025_11_25),
            r#"{"jsonrpc":"2.0","id":7,"result":{}}"#
        );
        assert_eq!(
            encode(Payload::Tool(ToolResult::text("3")), Revision::V2024_11_05),
            r#"{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"3"}]}}"#
        );
    }

    #[test]
    fn modern_results_say_what_they_are() {
        assert_eq!(
            encode(Payload::Empty, Revision::V2026_07_28),
            r#"{"jsonrpc":"2.0","id":7,"result":{"resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s","version":"1"}}}}"#
        );
        let read = ReadResult::new([ResourceContents::text("a:b", "x")]);
        assert_eq!(
            encode(Payload::Read(read), Revision::V2026_07_28),
            r#"{"jsonrpc":"2.0","id":7,"result":{"resultType":"complete","contents":[{"uri":"a:b","text":"x"}],"ttlMs":0,"cacheScope":"private","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s","version":"1"}}}}"#
        );
        let mut meta = Meta::new();
        meta.insert("k".into(), 1.into());
        let text = encode(
            Payload::Tool(ToolResult::text("3").with_meta(meta)),
            Revision::V2026_07_28,
        );
        assert!(text.ends_with(r#""version":"1"},"k":1}}}"#), "{text}");
    }

    #[test]
    fn a_tool_s_result_is_written_as_serde_would() {
        let raw = || RawJson::from_text(r#"{"a":[1]}"#.to_owned()).unwrap();
        let image = ContentBlock::image(b"x", "image/png");
        let hinted = ContentBlock::text("a").with_annotations(crate::protocol::Annotations::new());
        let results = [
            ToolResult::new(),
            ToolResult::text("a\"b"),
            ToolResult::error("no"),
            ToolResult::structured(raw()),
            ToolResult::text("1").with_content(image).with_content("2"),
            ToolResult::new().with_content(hinted),
        ];
        for result in results {
            let expected = serde_json::to_string(&result).unwrap();
            assert_eq!(
                encode(Payload::Tool(result), Revision::V2025_11_25),
                format!(r#"{{"jsonrpc":"2.0","id":7,"result":{expected}}}"#)
            );
        }
    }

    #[test]
    fn raw_results_pass_untouched() {
        let raw = RawJson::from_text(r#"{"b":[1, 2],"resultType":"x"}"#.to_owned()).unwrap();
        assert_eq!(
            encode(Payload::Raw(raw), Revision::V2026_07_28),
            r#"{"jsonrpc":"2.0","id":7,"result":{"b":[1, 2],"resultType":"x"}}"#
        );
    }
}
