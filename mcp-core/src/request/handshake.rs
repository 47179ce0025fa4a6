//! What `initialize` agrees on.

use super::Client;
use crate::{
    protocol::{
        ClientCapabilities, ErrorObject, RawJson, RequestMessage, Revision, compat::Downlevel,
    },
    quirks::Quirks,
};
use serde::{Deserialize, Deserializer};

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
    /// −32602 when a member is missing that no quirk lets be absent, or malformed.
    pub fn read(message: &RequestMessage, quirks: Option<&Quirks>) -> Result<Self, ErrorObject> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Params {
            protocol_version: String,
            #[serde(default, deserialize_with = "given")]
            capabilities: Option<RawJson>,
            #[serde(default, deserialize_with = "given")]
            client_info: Option<RawJson>,
        }
        let params = message.raw_params().and_then(|params| params.parse().ok());
        let may_be_absent = quirks.is_some_and(Quirks::is_without_handshake);
        let params = params.filter(|params: &Params| {
            let capabilities = params.capabilities.as_ref();
            let has_all = capabilities.is_some() && params.client_info.is_some();
            capabilities.is_none_or(RawJson::is_object) && (has_all || may_be_absent)
        });
        let params = params.ok_or_else(|| {
            let required = "`protocolVersion`, `capabilities` and `clientInfo` are required";
            ErrorObject::invalid_params(required)
        })?;
        let forced = quirks.and_then(Quirks::forced_revision);
        let revision = forced.unwrap_or_else(|| Revision::negotiate(&params.protocol_version));
        // Clients declare the same whatever they ask for, and may get an older revision.
        let declared = params.capabilities.as_ref();
        let declared: Option<ClientCapabilities> = declared.and_then(|raw| raw.parse().ok());
        let known = declared.map(|declared| declared.downlevel(revision));
        let capabilities = known.and_then(|known| RawJson::from_serialize(&known).ok());
        // One member that cannot be read takes none of the others away.
        let capabilities = capabilities.or(params.capabilities);
        Ok(Self {
            revision,
            client: Client::new(capabilities, params.client_info),
        })
    }
}

/// A member that is there, whatever it is: `null` is not absent.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<RawJson>, D::Error> {
    RawJson::deserialize(deserializer).map(Some)
}
