//! What a call has learnt and done, and what ties it to that call.

use crate::{ask::AskError, protocol::RawJson, request::Facts, seal};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::BTreeMap, fmt::Write};

/// The journal of a call. Short names: it travels.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Journal {
    #[serde(rename = "r")]
    pub(super) round: u32,
    #[serde(rename = "e")]
    expires: u64,
    /// Names the chain of rounds, for idempotency keys.
    #[serde(rename = "c")]
    chain: String,
    #[serde(rename = "a", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) answers: BTreeMap<String, RawJson>,
    #[serde(rename = "s", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) steps: BTreeMap<String, RawJson>,
}

impl Journal {
    pub(super) fn read(plain: &[u8], now: u64) -> Option<Self> {
        let journal: Self = serde_json::from_slice(plain).ok()?;
        (journal.expires > now).then_some(journal)
    }

    pub(super) fn write(&mut self, expires: u64) -> Vec<u8> {
        self.expires = expires;
        // Text and raw JSON: it always serializes.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Names this round of this chain.
    pub(super) fn name(&self) -> String {
        format!("{}/{}", self.chain, self.round)
    }

    pub(super) fn expires(&self) -> u64 {
        self.expires
    }

    /// The name of the chain, made in the round that first needs it.
    pub(super) fn chain(&mut self) -> Result<&str, AskError> {
        if self.chain.is_empty() {
            let bytes: [u8; 16] =
                seal::random().map_err(|error| AskError::misused(error.to_string()))?;
            for byte in bytes {
                // Writing to a string cannot fail.
                let _ = write!(self.chain, "{byte:02x}");
            }
        }
        Ok(&self.chain)
    }
}

/// Principal, mount, method, target and arguments: with any other of these the state is worthless.
///
/// Arguments are compared by value: a client may write the same ones differently.
pub(super) fn binding(facts: &Facts) -> Vec<u8> {
    #[derive(Serialize)]
    struct Binding<'a> {
        principal: &'a crate::principal::Principal,
        mount: &'a crate::principal::Mount,
        method: &'a str,
        name: Option<&'a str>,
        uri: Option<&'a str>,
        arguments: Value,
    }
    let params = facts.message.params();
    let arguments = params.arguments.get();
    let binding = Binding {
        principal: &facts.principal,
        mount: &facts.mount,
        method: facts.message.method(),
        name: params.name.get().map(|name| name.as_str()),
        uri: params.uri.get().map(|uri| uri.as_str()),
        arguments: arguments.map_or(Value::Null, |arguments| {
            // What serde_json cannot hold is compared as it was written.
            let as_written = || Value::String(arguments.as_str().to_owned());
            arguments.parse().map_or_else(|_| as_written(), sorted)
        }),
    };
    serde_json::to_vec(&binding).unwrap_or_default()
}

/// The same value with the members of its objects in the order of their names, whatever features
/// of `serde_json` are switched on elsewhere.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<_, _> = members.into_iter().collect();
            let members = members
                .into_iter()
                .map(|(name, value)| (name, sorted(value)));
            Value::Object(members.collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
