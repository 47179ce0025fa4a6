//! What `initialize` agrees on.

use super::Client;
use crate::{
    protocol::{
        ClientCapabilities, ErrorObject, Known, RawJson, RequestMessage, Revision,
        compat::Downlevel,
    },
    quirks::Quirks,
};

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
        let may_be_absent = quirks.is_some_and(Quirks::is_without_handshake);
        let is_good = |member: &Known<RawJson>| {
            member.get().is_some() || may_be_absent && !member.is_present()
        };
        let params = message.params().handshake.as_deref();
        let params =
            params.filter(|params| is_good(&params.capabilities) && is_good(&params.client_info));
        let version = params.and_then(|params| params.protocol_version.get());
        let (Some(params), Some(version)) = (params, version) else {
            let required = "`protocolVersion`, `capabilities` and `clientInfo` are required";
            return Err(ErrorObject::invalid_params(required));
        };
        let forced = quirks.and_then(Quirks::forced_revision);
        let revision = forced.unwrap_or_else(|| Revision::negotiate(version));
        // Clients declare the same whatever they ask for, and may get an older revision.
        let declared = params.capabilities.get();
        let declared: Option<ClientCapabilities> = declared.and_then(|raw| raw.parse().ok());
        let known = declared.map(|declared| declared.downlevel(revision));
        let known = known.and_then(|known| RawJson::from_serialize(&known).ok());
        // One member that cannot be read takes none of the others away.
        let capabilities = known.or_else(|| copy(&params.capabilities));
        let info = copy(&params.client_info);
        Ok(Self {
            revision,
            client: Client::new(capabilities, info),
        })
    }
}

/// A text of its own: what is kept of a handshake is not to keep all of the message.
fn copy(member: &Known<RawJson>) -> Option<RawJson> {
    let text = member.get()?.as_str().to_owned();
    Some(RawJson::trusted(text))
}
