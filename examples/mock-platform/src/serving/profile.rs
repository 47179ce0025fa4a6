//! Where servers depart from the protocol, so that clients of the product find what they know.

use crate::design::Profile;
use mcp_tower::{
    Quirks,
    core::{InvalidArgument, InvalidArgumentKind},
    protocol::Revision,
};
use std::sync::LazyLock;

/// Arguments are errors where they were before results took their place.
static STANDARD: LazyLock<Quirks> =
    LazyLock::new(|| lenient().argument_errors_until(Revision::V2025_06_18));

/// As the product answers, whatever its clients ask for.
static STRICT: LazyLock<Quirks> = LazyLock::new(|| {
    let quirks = lenient()
        .unknown_tool_as_method()
        .argument_errors_until(Revision::NEWEST_MODERN);
    quirks
        .force_revision(Revision::V2024_11_05)
        .expect("a handshake agrees on it")
});

/// The quirks of a profile.
pub(super) fn quirks(profile: Profile) -> Quirks {
    match profile {
        Profile::Standard => STANDARD.clone(),
        Profile::Ma2dStrict => STRICT.clone(),
    }
}

/// The product's words, events of one line, and no need of a handshake.
fn lenient() -> Quirks {
    let quirks = Quirks::new().without_handshake().unnamed_events();
    quirks.word_arguments(first)
}

/// The first fault, as the product would put it.
fn first(faults: &[InvalidArgument]) -> String {
    let Some(fault) = faults.first() else {
        return "Invalid params".to_owned();
    };
    match fault.kind() {
        InvalidArgumentKind::Missing { field } => {
            format!("Invalid params: missing required field '{field}'")
        }
        // What is wrong with all of them has no path.
        _ if fault.pointer().is_empty() => format!("Invalid params: {}", fault.expectation()),
        _ => format!(
            "Invalid params: {}: {}",
            fault.pointer(),
            fault.expectation()
        ),
    }
}
