//! A message on its way from the endpoint to its era, and what comes back.

use crate::{
    reply::Reply,
    resolve::Resolved,
    running::{Delivery, Running},
    session::Owner,
    sse::EventName,
};
use http::request::Parts;
use mcp_core::{
    BoxFuture, Principal, Scopes,
    call::Link,
    governor::{Payer, Permit},
};
use std::mem;

/// What both eras need of a request.
pub(crate) struct Incoming<'a> {
    pub(crate) parts: &'a mut Parts,
    pub(crate) caller: Caller,
    pub(crate) delivery: Delivery,
    /// What a request holds while it is answered.
    pub(crate) call: Option<Permit>,
    /// What its bytes hold.
    pub(crate) bytes: Option<Permit>,
}

/// Who calls whom.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) principal: Principal,
    /// Whose budgets are used.
    pub(crate) payer: Payer,
    pub(crate) resolved: Resolved,
    pub(crate) event_name: EventName,
}

impl Caller {
    /// Whose sessions these are.
    pub(crate) fn owner(&self) -> Owner {
        Owner::new(self.principal.clone(), self.resolved.mount.clone())
    }
}

impl Incoming<'_> {
    /// Charges a call to whoever pays for the request.
    pub(crate) fn charge(&mut self, link: Link) -> Link {
        match (self.call.take(), self.bytes.take()) {
            (Some(call), Some(bytes)) => link.charged(call, bytes),
            _ => link,
        }
    }

    /// What an outer layer says that the caller was granted; nothing, unless one does.
    pub(crate) fn scopes(&self) -> Scopes {
        self.parts.extensions.get().cloned().unwrap_or_default()
    }

    /// The head, for the request that handlers see.
    pub(crate) fn take_parts(&mut self) -> Parts {
        take(self.parts)
    }
}

/// Takes a head from where it is borrowed; nothing of it is left there.
pub(crate) fn take(parts: &mut Parts) -> Parts {
    let (nothing, ()) = http::Request::new(()).into_parts();
    mem::replace(parts, nothing)
}

/// What became of a message that was read.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all messages are calls; a box would cost each one"
)]
pub(crate) enum Begun<'a> {
    /// It runs.
    Running(Running),
    /// It is answered.
    Reply(Reply),
    /// It is no call, and something is waited for.
    Later(BoxFuture<'a, Reply>),
}

impl From<Reply> for Begun<'_> {
    fn from(reply: Reply) -> Self {
        Self::Reply(reply)
    }
}
