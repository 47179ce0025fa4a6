//! What `initialize` agrees on.

use super::Client;
use crate::{
    protocol::{
        ClientCapabilities, ErrorObject, RawJson, RequestMessage, Revision, compat::Downlevel,
    },
    quirks::Quirks,
};
use serde::Deserialize;

/// What an `initialize` comes to: the revision of its session, and who the client says it is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Handshake {
    /// The revision that will be spoken.
    pub revision: Revision,
    /// Capabilities, as far as the revision knows them, and identity.
    pub client: Client,
}

impl Handshake {
    /// Reads the parameters of an `initialize` and settles on a revision, as far as no
    /// quirk has.
    ///
    /// # Errors
    /// −32602 when a member is missing or malformed.
    pub fn read(message: &RequestMessage, quirks: Option<&Quirks>) -> Result<Self, ErrorObject> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Params {
            protocol_version: String,
            capabilities: RawJson,
            client_info: RawJson,
        }
        let params = message.raw_params().and_then(|params| params.parse().ok());
        let params = params.filter(|params: &Params| params.capabilities.is_object());
        let params = params.ok_or_else(|| {
            let required = "`protocolVersion`, `capabilities` and `clientInfo` are required";
            ErrorObject::invalid_params(required)
        })?;
        let forced = quirks.and_then(Quirks::forced_revision);
        let revision = forced.unwrap_or_else(|| Revision::negotiate(&params.protocol_version));
        // Clients declare the same whatever they ask for, and may get an older revision.
        let declared: Option<ClientCapabilities> = params.capabilities.parse().ok();
        let known = declared.map(|declared| declared.downlevel(revision));
        let capabilities = known.and_then(|known| RawJson::from_serialize(&known).ok());
        // One member that cannot be read takes none of the others away.
        let capabilities = capabilities.unwrap_or(params.capabilities);
        Ok(Self {
            revision,
            client: Client::new(Some(capabilities), Some(params.client_info)),
        })
    }
}
