//! What a request is part of, and what it needs to run.

use super::{Arrival, Shared, session::Agreed};
use crate::{
    call::Link,
    error::Reference,
    protocol::{ErrorObject, RequestMessage, Revision},
    quirks::Quirks,
    refusal::Refusal,
    request::{Claim, Facts, Handshake, Request},
};
use std::sync::Arc;

/// A request that is about to run.
pub(super) struct Prepared {
    pub(super) request: Request,
    pub(super) link: Link,
    pub(super) revision: Revision,
    pub(super) is_handshake: bool,
}

impl Shared {
    /// Finds out what a request is part of.
    pub(super) fn prepare(
        self: &Arc<Self>,
        message: RequestMessage,
        arrival: Arrival,
    ) -> Result<Prepared, Refusal> {
        if Claim::is_made_by(&message) {
            return self.modern(message, arrival);
        }
        if message.method() == "initialize" {
            return self.initialize(message, arrival);
        }
        let agreed = self.agreed().clone();
        let Some(agreed) = agreed else {
            // A client may look whether anybody is there before it says who it is.
            if message.method() == "ping" {
                let revision = Revision::NEWEST_LEGACY;
                let request = self.request(message, revision, arrival, |facts| facts);
                return Ok(Prepared::new(request, Link::new(), revision));
            }
            let quirks = Quirks::of(arrival.extensions());
            if let Some(quirks) = quirks.filter(|quirks| quirks.is_without_handshake()) {
                let revision = quirks.forced_revision().unwrap_or(Revision::ASSUMED);
                let request = self.request(message, revision, arrival, |facts| facts);
                return Ok(Prepared::new(request, Link::new(), revision));
            }
            let error = "`initialize` comes first, or a request names its version in `_meta`";
            return Err(Refusal::envelope(ErrorObject::invalid_request(error)));
        };
        // Whoever asks for something is ready, whatever was said of it.
        agreed.set_ready();
        let revision = agreed.revision;
        let level = self.set.state().log_level();
        let request = self.request(message, revision, arrival, |facts| {
            facts
                .with_client(agreed.client.clone())
                .with_log_level(Some(level))
        });
        let request = request.with_session(self.set.clone());
        Ok(Prepared::new(request, Link::with_client(agreed), revision))
    }

    fn modern(&self, message: RequestMessage, arrival: Arrival) -> Result<Prepared, Refusal> {
        if self.options.sessions_only {
            let error = "this transport is for sessions: `initialize` comes first";
            return Err(Refusal::envelope(ErrorObject::invalid_request(error)));
        }
        let revision = Claim::read(&message)?.check()?;
        let link = self.server.link_with_rounds();
        let link = link.map_err(|_| Refusal::internal(Reference::new()))?;
        let request = self.request(message, revision, arrival, |facts| facts);
        Ok(Prepared::new(request, link, revision))
    }

    /// Begins the session of the connection. It ends again should the handshake be refused.
    fn initialize(&self, message: RequestMessage, arrival: Arrival) -> Result<Prepared, Refusal> {
        let quirks = Quirks::of(arrival.extensions());
        let handshake = Handshake::read(&message, quirks).map_err(Refusal::answer)?;
        let (revision, client) = (handshake.revision, handshake.client.clone());
        let queue = self.calls.weak_queue();
        let queue = queue.ok_or_else(Refusal::shutting_down)?;
        let options = &self.options;
        let (governor, payer) = (options.governor.clone(), options.payer.clone());
        {
            let mut agreed = self.agreed();
            if agreed.is_some() {
                let error = "the session of this connection has begun already";
                return Err(Refusal::envelope(ErrorObject::invalid_request(error)));
            }
            // Whoever listens is known before anything is told.
            self.server.admit(
                self.set.state(),
                &options.principal,
                &options.mount,
                &client,
                arrival.extensions(),
            );
            *agreed = Some(Arc::new(Agreed::new(handshake, governor, payer, queue)));
        }
        let request = self.request(message, revision, arrival, |facts| {
            facts.with_client(client)
        });
        let request = request.with_session(self.set.clone());
        let prepared = Prepared::new(request, Link::new(), revision);
        Ok(Prepared {
            is_handshake: true,
            ..prepared
        })
    }

    fn request(
        &self,
        message: RequestMessage,
        revision: Revision,
        arrival: Arrival,
        more: impl FnOnce(Facts) -> Facts,
    ) -> Request {
        let facts = Facts::new(message, revision)
            .with_principal(self.options.principal.clone())
            .with_mount(self.options.mount.clone())
            .with_scopes(arrival.scopes());
        arrival.dress(Request::new(more(facts)))
    }
}

impl Prepared {
    fn new(request: Request, link: Link, revision: Revision) -> Self {
        Self {
            request,
            link,
            revision,
            is_handshake: false,
        }
    }
}
