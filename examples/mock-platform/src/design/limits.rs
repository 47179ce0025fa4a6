//! How large the parts of a design may be. What is past a limit is a fault, with the limit in it.

/// How many faults are told at once.
pub const MAX_FAULTS: usize = 100;
/// A document that is read at all, as compact JSON, in bytes; one that is stored is shorter.
pub const MAX_READ_BYTES: usize = 4 * 1024 * 1024;
/// How deep a document is nested.
pub const MAX_DOCUMENT_DEPTH: usize = 100;
/// Tools, resources and prompts of a server, each.
pub const MAX_ITEMS: usize = 1_000;
/// Scenarios of a tool or a resource.
pub const MAX_SCENARIOS: usize = 200;
/// Conditions of one list.
pub const MAX_CONDITIONS: usize = 64;
/// How deep conditions are nested, and sequences.
pub const MAX_NESTING: usize = 8;
/// Answers of a sequence, blocks of content, steps of progress, log messages, arguments and messages of a prompt, each.
pub const MAX_STEPS: usize = 100;
/// Values that one condition compares with, and suggestions for one argument.
pub const MAX_VALUES: usize = 1_000;
/// A delay in milliseconds, and all the delays of progress of one answer together.
pub const MAX_DELAY_MS: u64 = 60_000;
/// Names, titles, paths of fields, messages: in bytes.
pub const MAX_NAME_BYTES: usize = 256;
/// Descriptions and messages, in bytes.
pub const MAX_DESCRIPTION_BYTES: usize = 16 * 1024;
/// Texts and Base64 that are answered, in bytes.
pub const MAX_TEXT_BYTES: usize = 1024 * 1024;
/// A URI or a pattern, in bytes.
pub const MAX_URI_BYTES: usize = 2 * 1024;
/// A compiled pattern, in bytes.
pub const MAX_PATTERN_BYTES: usize = 1024 * 1024;
/// Items of a page.
pub const MAX_PAGE_SIZE: u64 = 1_000;
