//! Requests and answers as types.

use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::value::RawValue;
use std::borrow::Cow;

#[derive(Deserialize)]
pub(crate) struct Envelope<'a> {
    #[serde(rename = "jsonrpc")]
    pub(crate) version: &'a str,
    #[serde(borrow)]
    pub(crate) id: Option<&'a RawValue>,
    pub(crate) method: &'a str,
    #[serde(borrow)]
    pub(crate) params: &'a RawValue,
}

/// Of every self-contained request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Meta<'a> {
    #[serde(rename = "io.modelcontextprotocol/protocolVersion")]
    pub(crate) protocol_version: Option<&'a str>,
    #[serde(rename = "io.modelcontextprotocol/clientCapabilities")]
    pub(crate) capabilities: Option<IgnoredAny>,
}

#[derive(Deserialize)]
pub(crate) struct ListParams<'a> {
    #[serde(borrow, rename = "_meta")]
    pub(crate) meta: Option<Meta<'a>>,
}

#[derive(Deserialize)]
pub(crate) struct CallParams<'a> {
    pub(crate) name: &'a str,
    #[serde(borrow)]
    pub(crate) arguments: &'a RawValue,
    #[serde(borrow, rename = "_meta")]
    pub(crate) meta: Option<Meta<'a>>,
}

#[derive(Deserialize)]
pub(crate) struct Add {
    pub(crate) a: i64,
    pub(crate) b: i64,
}

#[derive(Deserialize)]
pub(crate) struct Echo {
    pub(crate) text: String,
}

/// A whole request for `echo`, read in one pass.
#[derive(Deserialize)]
pub(crate) struct EchoRequest<'a> {
    #[serde(borrow)]
    pub(crate) id: &'a RawValue,
    #[serde(borrow)]
    pub(crate) params: EchoParams<'a>,
}

#[derive(Deserialize)]
pub(crate) struct EchoParams<'a> {
    #[serde(borrow)]
    pub(crate) arguments: EchoBorrowed<'a>,
    #[serde(borrow, rename = "_meta")]
    pub(crate) meta: Option<Meta<'a>>,
}

#[derive(Deserialize)]
pub(crate) struct EchoBorrowed<'a> {
    #[serde(borrow)]
    pub(crate) text: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InitializeParams<'a> {
    pub(crate) protocol_version: &'a str,
    #[serde(rename = "capabilities")]
    pub(crate) _capabilities: IgnoredAny,
    #[serde(borrow)]
    pub(crate) client_info: Info<'a>,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct Info<'a> {
    pub(crate) name: &'a str,
    pub(crate) version: &'a str,
}

#[derive(Serialize)]
pub(crate) struct Reply<'a, R> {
    #[serde(rename = "jsonrpc")]
    version: &'static str,
    id: &'a RawValue,
    result: R,
}

impl<'a, R> Reply<'a, R> {
    pub(crate) fn new(id: &'a RawValue, result: R) -> Self {
        Self {
            version: "2.0",
            id,
            result,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CallResult<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    result_type: Option<&'static str>,
    content: [Text<'a>; 1],
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    meta: Option<ResultMeta>,
}

impl<'a> CallResult<'a> {
    /// Text, as self-contained requests want it or as those of sessions do.
    pub(crate) fn new(text: &'a str, modern: bool) -> Self {
        let info = SERVER;
        Self {
            result_type: modern.then_some("complete"),
            content: [Text { kind: "text", text }],
            meta: modern.then_some(ResultMeta { info }),
        }
    }
}

#[derive(Serialize)]
struct Text<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    text: &'a str,
}

#[derive(Serialize)]
struct ResultMeta {
    #[serde(rename = "io.modelcontextprotocol/serverInfo")]
    info: Info<'static>,
}

const SERVER: Info<'static> = Info {
    name: "bench",
    version: "1.0",
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InitializeResult<'a> {
    protocol_version: &'a str,
    capabilities: Capabilities,
    server_info: Info<'static>,
}

impl<'a> InitializeResult<'a> {
    pub(crate) fn new(protocol_version: &'a str) -> Self {
        Self {
            protocol_version,
            capabilities: Capabilities {
                tools: Tools { list_changed: true },
                logging: Logging {},
            },
            server_info: SERVER,
        }
    }
}

#[derive(Serialize)]
struct Capabilities {
    tools: Tools,
    logging: Logging,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tools {
    list_changed: bool,
}

#[derive(Serialize)]
struct Logging {}
