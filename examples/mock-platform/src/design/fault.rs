//! What is wrong with a design.

use std::fmt;

/// One thing that is wrong with a design, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesignFault {
    /// JSON Pointer into the document, such as `/tools/0/scenarios/2/condition/operator`.
    pub path: String,
    /// What was expected there.
    pub reason: String,
}

/// Everything that is wrong with a design.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesignFaults(pub Vec<DesignFault>);

impl fmt::Display for DesignFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, DesignFault { path, reason }) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{path}: {reason}")?;
        }
        Ok(())
    }
}

impl std::error::Error for DesignFaults {}
