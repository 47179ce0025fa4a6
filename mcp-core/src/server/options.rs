//! How an operation is run, apart from what it is.

use crate::{protocol::Capability, scopes::Scopes};
use std::time::Duration;

/// How an operation is run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    requires: Vec<Capability>,
    ignore_unknown: bool,
    unlisted: bool,
    timeout: Option<Duration>,
    run_to_completion: bool,
    scopes: Scopes,
    has_invalid_scopes: bool,
}

impl Options {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// A client capability that every call needs. A call without it is refused before it starts.
    #[must_use]
    pub fn requires(mut self, capability: Capability) -> Self {
        self.requires.push(capability);
        self
    }

    /// Ignores arguments that nothing reads, instead of refusing them.
    #[must_use]
    pub fn ignore_unknown(mut self) -> Self {
        self.ignore_unknown = true;
        self
    }

    /// Leaves the operation out of lists. It can still be called.
    #[must_use]
    pub fn unlisted(mut self) -> Self {
        self.unlisted = true;
        self
    }

    /// How long a call may take, layers and streaming included, in place of the server's own
    /// limit. It may be longer.
    ///
    /// A tool that takes longer answers with an error that the model sees; a prompt or resource
    /// with a JSON-RPC error. In both cases the handler is dropped where it waits.
    ///
    /// ```
    /// use mcp_core::{Entry, Options, ToolError, protocol::{Tool, ToolResult}};
    /// use std::time::Duration;
    ///
    /// let entry = Entry::tool(Tool::new("crawl"), |_, _| async {
    ///     Ok::<_, ToolError>(ToolResult::text("crawled"))
    /// });
    /// let entry = entry.with_options(Options::new().timeout(Duration::from_secs(30)));
    /// ```
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// Lets a call that has begun run to its end when the client cancels it or goes away.
    ///
    /// The client is done with the call at once; the handler goes on as a task, sees
    /// [`Context::is_cancelled`](crate::Context::is_cancelled), and its answer is dropped. What
    /// the server's author says still counts: a time limit ends the handler, and so does the end
    /// of the process. [`Context::finish`](crate::Context::finish) does the same for one part of
    /// a handler.
    #[must_use]
    pub fn run_to_completion(mut self) -> Self {
        self.run_to_completion = true;
        self
    }

    /// Scopes that a caller needs, with spaces between them; all that were ever named count.
    ///
    /// They are compared with the [`Scopes`](crate::Scopes) that an outer layer found the caller
    /// to hold, before arguments are looked at and before anything is sent. Who lacks one is
    /// refused with 403 and a challenge that names all of them. Where scopes imply others, the
    /// layer that reads the token adds what they imply.
    ///
    /// Text that holds no scope names is reported when the server is built.
    #[must_use]
    pub fn scopes(mut self, scopes: &str) -> Self {
        match Scopes::parse(scopes) {
            Ok(more) => self.scopes = self.scopes.with(&more),
            Err(_) => self.has_invalid_scopes = true,
        }
        self
    }

    /// Adds the scopes of the options that these take the place of: what was closed stays closed.
    pub(super) fn keep_scopes_of(mut self, replaced: &Self) -> Self {
        self.scopes = self.scopes.with(&replaced.scopes);
        self.has_invalid_scopes |= replaced.has_invalid_scopes;
        self
    }

    pub(crate) fn needed(&self) -> &Scopes {
        &self.scopes
    }

    /// What is wrong with the options.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        let problem = "its scopes are not scope names with spaces between them";
        self.has_invalid_scopes.then_some(problem)
    }

    pub(crate) fn time_limit(&self) -> Option<Duration> {
        self.timeout
    }

    pub(crate) fn runs_to_completion(&self) -> bool {
        self.run_to_completion
    }

    pub(crate) fn required(&self) -> &[Capability] {
        &self.requires
    }

    pub(crate) fn ignores_unknown(&self) -> bool {
        self.ignore_unknown
    }

    pub(crate) fn is_unlisted(&self) -> bool {
        self.unlisted
    }
}
