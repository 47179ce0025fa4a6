//! What kind of exchange a message opens: decided once, on the parsed body and its headers.

use http::{HeaderMap, HeaderName};
use mcp_core::{
    Claim, Refusal,
    protocol::{Era, ErrorObject, Message, Revision},
};

/// `MCP-Protocol-Version`.
pub(crate) const VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
/// `Mcp-Session-Id`.
pub(crate) const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");

/// A POST, classified. `Mcp-Method` and `Mcp-Name` take no part: legacy clients send them too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exchange {
    /// It carries its own metadata, or claims to.
    Modern,
    /// It opens a conversation.
    Initialize,
    /// It belongs to a conversation.
    Legacy,
}

/// What `MCP-Protocol-Version` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VersionHeader {
    Absent,
    Legacy(Revision),
    /// A modern version, or none that is known.
    Other,
}

impl VersionHeader {
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let Some(value) = headers.get(VERSION) else {
            return Self::Absent;
        };
        let revision = value
            .to_str()
            .ok()
            .and_then(|text| text.trim().parse().ok());
        match revision {
            Some(revision) if Revision::era(revision) == Era::Legacy => Self::Legacy(revision),
            _ => Self::Other,
        }
    }

    /// Whether the request can only be modern by its header.
    pub(crate) fn is_modern(self) -> bool {
        self == Self::Other
    }
}

/// Classifies a message. The rules are those of the checklist, in order; the handshake goes before
/// the header because some clients name a modern version in both.
pub(crate) fn classify(message: &Message, headers: &HeaderMap) -> Result<Exchange, Refusal> {
    let has_modern_header = || VersionHeader::read(headers).is_modern();
    let request = match message {
        Message::Request(request) => request,
        Message::Response(_) if has_modern_header() => {
            let error = "a response needs a session, which this revision does not have";
            return Err(Refusal::envelope(ErrorObject::invalid_request(error)));
        }
        Message::Response(_) => return Ok(Exchange::Legacy),
    };
    Ok(if Claim::is_made_by(request) {
        Exchange::Modern
    } else if request.method() == "initialize" {
        Exchange::Initialize
    } else if has_modern_header() {
        Exchange::Modern
    } else {
        Exchange::Legacy
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(body: &str, version: Option<&str>) -> &'static str {
        let mut headers = HeaderMap::new();
        if let Some(version) = version {
            headers.insert(VERSION, version.parse().unwrap());
        }
        headers.insert("mcp-method", "initialize".parse().unwrap());
        let message = Message::parse(body.to_owned().into(), 64).unwrap();
        match classify(&message, &headers) {
            Ok(Exchange::Modern) => "modern",
            Ok(Exchange::Initialize) => "initialize",
            Ok(Exchange::Legacy) => "legacy",
            Err(_) => "refused",
        }
    }

    #[test]
    fn the_body_decides_and_the_header_helps() {
        let claim = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#;
        let odd_claim = r#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":5}}}"#;
        let capabilities = r#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"io.modelcontextprotocol/clientCapabilities":{}}}}"#;
        let token =
            r#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"progressToken":1}}}"#;
        let initialize = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2026-07-28"}}"#;
        let response = r#"{"jsonrpc":"2.0","id":1,"result":{}}"#;
        let table = [
            (claim, None, "modern"),
            (claim, Some("2025-11-25"), "modern"),
            (odd_claim, None, "modern"),
            (capabilities, None, "modern"),
            (token, None, "legacy"),
            (token, Some("2025-06-18"), "legacy"),
            (token, Some("2026-07-28"), "modern"),
            (token, Some("v999"), "modern"),
            (initialize, None, "initialize"),
            (initialize, Some("2026-07-28"), "initialize"),
            (response, None, "legacy"),
            (response, Some("2025-11-25"), "legacy"),
            (response, Some("2026-07-28"), "refused"),
        ];
        for (body, version, expected) in table {
            assert_eq!(kind(body, version), expected, "{body} {version:?}");
        }
    }
}
