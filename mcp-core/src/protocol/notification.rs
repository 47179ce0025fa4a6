//! What a server tells while a call runs.

use super::{ProgressToken, RawJson, RequestId, RequestMessage, put_on_one_line};
use bytes::BytesMut;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A notification: a method and its parameters, ready for any transport.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Notification {
    /// The method.
    pub method: Cow<'static, str>,
    /// The parameters: an object.
    pub params: RawJson,
}

impl Notification {
    /// A notification with parameters that serialize to an object.
    ///
    /// # Errors
    /// When they do not serialize.
    pub fn new<T: Serialize>(
        method: impl Into<Cow<'static, str>>,
        params: &T,
    ) -> Result<Self, serde_json::Error> {
        Ok(Self {
            method: method.into(),
            params: RawJson::from_serialize(params)?,
        })
    }

    /// Appends the JSON-RPC notification, on one line.
    pub fn write(&self, out: &mut BytesMut) {
        // Method names come from this program and need no escaping.
        out.extend_from_slice(b"{\"jsonrpc\":\"2.0\",\"method\":\"");
        out.extend_from_slice(self.method.as_bytes());
        out.extend_from_slice(b"\",\"params\":");
        put_on_one_line(out, self.params.as_str().as_bytes());
        out.extend_from_slice(b"}");
    }
}

/// The parameters of `notifications/cancelled`: either side stops one of its own requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Cancelled {
    /// The request.
    pub request_id: RequestId,
    /// Why, for logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Cancelled {
    /// The method.
    pub const METHOD: &str = "notifications/cancelled";

    /// The end of one request.
    pub fn new(request_id: RequestId) -> Self {
        Self {
            request_id,
            reason: None,
        }
    }

    /// What a message cancels; nothing, when it is another message or malformed.
    pub fn read(message: &RequestMessage) -> Option<Self> {
        if message.method() != Self::METHOD {
            return None;
        }
        message.raw_params()?.parse().ok()
    }
}

/// The parameters of `notifications/progress`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Progress {
    /// The token of the request.
    pub progress_token: ProgressToken,
    /// How far; grows with every notification.
    pub progress: f64,
    /// How far it goes, when that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<f64>,
    /// What is being done (from 2025-03-26).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl Progress {
    /// The progress of one request.
    pub fn new(progress_token: ProgressToken, progress: f64) -> Self {
        Self {
            progress_token,
            progress,
            total: None,
            message: None,
        }
    }
}

/// How severe a log message is (RFC 5424), least severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Details for debugging.
    Debug,
    /// General information.
    Info,
    /// Normal but significant.
    Notice,
    /// Something may be wrong.
    Warning,
    /// Something is wrong.
    Error,
    /// A part failed.
    Critical,
    /// Act at once.
    Alert,
    /// The system is unusable.
    Emergency,
}

/// The parameters of `notifications/message`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LogMessage {
    /// How severe.
    pub level: LogLevel,
    /// Who says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logger: Option<Cow<'static, str>>,
    /// What is said. Never put secrets here.
    pub data: RawJson,
}

impl LogMessage {
    /// A message.
    pub fn new(level: LogLevel, data: RawJson) -> Self {
        Self {
            level,
            logger: None,
            data,
        }
    }
}
