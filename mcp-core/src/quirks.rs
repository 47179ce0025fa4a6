//! Where a mount departs from the protocol, on purpose and by name.

use crate::{
    error::{Failure, InvalidArgument},
    protocol::{Era, Revision},
};
use http::Extensions;
use std::{
    error, fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

/// What a mount, or one server of it, does in another way than the protocol says, for clients that
/// were made for a server which did. Nothing, unless it is named. Cheap to clone.
///
/// A mount puts its quirks into the extensions of its requests, over standard input and output
/// `ServeStdio::quirks` does. Elsewhere a layer of the server can put them there.
///
/// ```
/// use mcp_core::{Quirks, protocol::Revision};
///
/// let quirks = Quirks::new()
///     .force_revision(Revision::V2024_11_05)?
///     .unknown_tool_as_method();
/// assert_eq!(quirks.forced_revision(), Some(Revision::V2024_11_05));
///
/// // What each request claims for itself is not agreed on, and cannot be forced.
/// assert!(Quirks::new().force_revision(Revision::V2026_07_28).is_err());
/// # Ok::<(), mcp_core::NoHandshake>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Quirks(Arc<Named>);

#[derive(Clone, Debug, Default)]
struct Named {
    revision: Option<Revision>,
    without_handshake: bool,
    unknown_tool_as_method: bool,
    argument_errors_until: Option<Revision>,
    wording: Option<Wording>,
    unnamed_events: bool,
}

#[derive(Clone)]
struct Wording(Arc<Words>);

type Words = dyn Fn(&[InvalidArgument]) -> String + Send + Sync;

impl fmt::Debug for Wording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wording").finish_non_exhaustive()
    }
}

impl Quirks {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// The quirks of a request, where there are any.
    pub fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get()
    }

    /// Answers every `initialize` with this revision, whatever the client asks for, and speaks it
    /// with requests that have neither a session nor a version. A request without a session that
    /// names a version in its header is answered in that one, and self-contained requests of the
    /// modern era are served as ever: `server/discover` names their revisions and this one.
    ///
    /// # Errors
    /// The revision has no handshake that could agree on it.
    pub fn force_revision(self, revision: Revision) -> Result<Self, NoHandshake> {
        match revision.era() {
            Era::Legacy => Ok(self.with(|named| named.revision = Some(revision))),
            Era::Modern => Err(NoHandshake(revision)),
        }
    }

    /// Serves legacy requests without a handshake: over HTTP, one without `Mcp-Session-Id` stands for
    /// itself, as all do where a mount has no sessions, and so does one on a connection whose
    /// session has not begun. It speaks the version that its header names, else the forced one,
    /// else [`Revision::ASSUMED`], and its handler can ask the client nothing. `initialize` begins
    /// a session as ever, and may come without `capabilities` and `clientInfo`.
    #[must_use]
    pub fn without_handshake(self) -> Self {
        self.with(|named| named.without_handshake = true)
    }

    /// Refuses a call of a tool that is unknown with −32601 and `Tool not found: NAME`, as if it
    /// were a method, instead of −32602. In both eras, with the HTTP status 200.
    #[must_use]
    pub fn unknown_tool_as_method(self) -> Self {
        self.with(|named| named.unknown_tool_as_method = true)
    }

    /// Refuses a call whose arguments are not what its tool expects with −32602, in this revision
    /// and in older ones, instead of a result that the model sees.
    #[must_use]
    pub fn argument_errors_until(self, revision: Revision) -> Self {
        self.with(|named| named.argument_errors_until = Some(revision))
    }

    /// Says in words of one's own what is wrong with the arguments of a tool, whether that is a
    /// result or an error. There is at least one fault; none holds a value that was sent. When it
    /// panics the call is an internal error, as when its tool does.
    ///
    /// ```
    /// use mcp_core::{InvalidArgument, InvalidArgumentKind, Quirks, protocol::Revision};
    ///
    /// fn first(faults: &[InvalidArgument]) -> String {
    ///     let fault = &faults[0];
    ///     match fault.kind() {
    ///         InvalidArgumentKind::Missing { field } => {
    ///             format!("Invalid params: missing required field '{field}'")
    ///         }
    ///         _ => format!("Invalid params: {}: {}", fault.pointer(), fault.expectation()),
    ///     }
    /// }
    ///
    /// let quirks = Quirks::new()
    ///     .argument_errors_until(Revision::V2025_06_18)
    ///     .word_arguments(first);
    /// # let _ = quirks;
    /// ```
    #[must_use]
    pub fn word_arguments(
        self,
        wording: impl Fn(&[InvalidArgument]) -> String + Send + Sync + 'static,
    ) -> Self {
        self.with(|named| named.wording = Some(Wording(Arc::new(wording))))
    }

    /// Writes no `event: message` line over HTTP: an event without a name is a message (the section on
    /// server-sent events of the HTML standard), and a reader that knows lines that begin with `data:`
    /// alone finds nothing else. Clients that look for the name, as some do, miss everything then.
    /// The event that tells where messages go over HTTP+SSE keeps its name.
    #[must_use]
    pub fn unnamed_events(self) -> Self {
        self.with(|named| named.unnamed_events = true)
    }

    /// The revision that every `initialize` is answered with, where it is always the same.
    pub fn forced_revision(&self) -> Option<Revision> {
        self.0.revision
    }

    /// Whether requests need no handshake.
    pub fn is_without_handshake(&self) -> bool {
        self.0.without_handshake
    }

    /// Whether messages are events without a name.
    pub fn has_unnamed_events(&self) -> bool {
        self.0.unnamed_events
    }

    pub(crate) fn has_unknown_tool_as_method(&self) -> bool {
        self.0.unknown_tool_as_method
    }

    /// Whether faults in arguments are errors in a revision. What is compared is an option of the
    /// mount, and no feature of the protocol.
    pub(crate) fn has_argument_errors(&self, revision: Revision) -> bool {
        let until = self.0.argument_errors_until;
        until.is_some_and(|until| revision <= until)
    }

    /// What is said of faults, where that is not left to the framework. A function that panics is a
    /// fault of the server.
    pub(crate) fn in_own_words(
        &self,
        faults: &[InvalidArgument],
    ) -> Option<Result<String, Failure>> {
        let Wording(wording) = self.0.wording.as_ref()?;
        let worded = catch_unwind(AssertUnwindSafe(|| wording(faults)));
        Some(worded.map_err(|panic| Failure::panicked("the wording of arguments", &*panic)))
    }

    fn with(mut self, change: impl FnOnce(&mut Named)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }
}

/// No handshake agrees on this revision: each request claims it for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoHandshake(Revision);

impl fmt::Display for NoHandshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no `initialize` agrees on the revision {}", self.0)
    }
}

impl error::Error for NoHandshake {}
