//! The time as text.

use std::time::SystemTime;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// RFC 3339, in UTC.
pub(crate) fn rfc3339(at: SystemTime) -> String {
    // Only years of more than four digits have no such form.
    OffsetDateTime::from(at)
        .format(&Rfc3339)
        .unwrap_or_default()
}
