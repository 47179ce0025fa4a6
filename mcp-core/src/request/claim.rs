//! What a self-contained request says of itself.

use crate::{
    protocol::{Era, ErrorCode, ErrorObject, Known, RequestMessage, Revision},
    refusal::Refusal,
};
use serde::Serialize;

/// What a request of the modern era claims in `_meta`: the revision it is spoken in, and what goes
/// with it. A transport may look at the version before [the rest is checked](Self::check).
///
/// ```
/// use mcp_core::{Claim, protocol::{Message, Revision}};
///
/// let body = br#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{
///     "io.modelcontextprotocol/protocolVersion":"2026-07-28",
///     "io.modelcontextprotocol/clientCapabilities":{}}}}"#;
/// let Message::Request(request) = Message::parse(body.as_slice().into(), 64)? else { panic!() };
/// assert!(Claim::is_made_by(&request));
/// assert_eq!(Claim::read(&request)?.check()?, Revision::V2026_07_28);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    version: &'a str,
    message: &'a RequestMessage,
}

impl<'a> Claim<'a> {
    /// Whether a message claims to be modern, well or badly.
    pub fn is_made_by(message: &RequestMessage) -> bool {
        let meta = &message.params().meta;
        meta.protocol_version.is_present() || meta.client_capabilities.is_present()
    }

    /// The claim of a message.
    ///
    /// # Errors
    /// When it does not name a version.
    pub fn read(message: &'a RequestMessage) -> Result<Self, Refusal> {
        match &message.params().meta.protocol_version {
            Known::Is(version) => Ok(Self { version, message }),
            Known::Absent | Known::Malformed => Err(invalid(
                "`_meta` must name the protocol version of the request",
            )),
        }
    }

    /// The version, as it is written.
    pub fn version(&self) -> &'a str {
        self.version
    }

    /// The revision, when it is served and everything that goes with it is well-formed.
    ///
    /// # Errors
    /// −32022 with the versions that are served; −32602 when something is malformed.
    pub fn check(&self) -> Result<Revision, Refusal> {
        let revision = self.served()?;
        let meta = &self.message.params().meta;
        if meta.client_capabilities.get().is_none() {
            return Err(invalid(
                "`_meta` must declare the capabilities of the client",
            ));
        }
        if meta.client_info.is_present() && meta.client_info.get().is_none() {
            return Err(invalid("`clientInfo` needs a name and a version"));
        }
        if meta.log_level.is_present() && meta.log_level.get().is_none() {
            return Err(invalid("`logLevel` is not a known level"));
        }
        Ok(revision)
    }

    fn served(&self) -> Result<Revision, Refusal> {
        #[derive(Serialize)]
        struct Data<'a> {
            supported: &'a [Revision],
            requested: &'a str,
        }
        match self.version.parse::<Revision>() {
            Ok(revision) if revision.era() == Era::Modern => Ok(revision),
            _ => {
                let data = Data {
                    supported: &Revision::MODERN,
                    requested: self.version,
                };
                let error = ErrorObject::new(
                    ErrorCode::UNSUPPORTED_VERSION,
                    "the protocol version is not served",
                );
                Err(Refusal::envelope(error.with_data(&data)))
            }
        }
    }
}

fn invalid(message: &'static str) -> Refusal {
    Refusal::envelope(ErrorObject::invalid_params(message))
}
