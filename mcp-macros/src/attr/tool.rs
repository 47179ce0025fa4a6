//! The keys that only `#[mcp_tool]` has.

use syn::{Result, parse::ParseStream};

use super::flag;

/// What a client is told about the effects of a tool, and how its arguments are read.
#[derive(Default)]
pub(crate) struct ToolKeys {
    pub(crate) read_only: Option<bool>,
    pub(crate) destructive: Option<bool>,
    pub(crate) idempotent: Option<bool>,
    pub(crate) open_world: Option<bool>,
    pub(crate) ignore_unknown: bool,
}

impl ToolKeys {
    pub(super) const KNOWN: &[&str] = &[
        "read_only",
        "destructive",
        "idempotent",
        "open_world",
        "ignore_unknown",
    ];

    /// Whether `key` is one of these.
    pub(super) fn parse(&mut self, key: &str, input: ParseStream<'_>) -> Result<bool> {
        match key {
            "read_only" => self.read_only = Some(flag(input)?),
            "destructive" => self.destructive = Some(flag(input)?),
            "idempotent" => self.idempotent = Some(flag(input)?),
            "open_world" => self.open_world = Some(flag(input)?),
            "ignore_unknown" => self.ignore_unknown = flag(input)?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}
