//! What is wrong with a design.

use super::limits::MAX_FAULTS;
use serde::Serialize;
use std::fmt;

/// One thing that is wrong with a design, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DesignFault {
    /// JSON Pointer into the document, such as `/tools/0/scenarios/2/condition/operator`. A member
    /// that is missing is pointed to where it should be.
    pub path: String,
    /// What was expected there.
    pub reason: String,
}

/// Everything that is wrong with a design, up to [`MAX_FAULTS`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct DesignFaults(pub Vec<DesignFault>);

impl DesignFaults {
    pub(super) fn add(&mut self, path: &str, reason: impl Into<String>) {
        if self.0.len() < MAX_FAULTS {
            self.0.push(DesignFault {
                path: path.to_owned(),
                reason: reason.into(),
            });
        }
    }
}

impl fmt::Display for DesignFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, DesignFault { path, reason }) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            let path = if path.is_empty() { "the design" } else { path };
            write!(f, "{separator}{path}: {reason}")?;
        }
        Ok(())
    }
}

impl std::error::Error for DesignFaults {}
