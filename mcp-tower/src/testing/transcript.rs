//! What went over the wire, in order, for people.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use std::{
    collections::VecDeque,
    fmt::{self, Write},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// How many entries are kept; older ones are counted only.
const MOST: usize = 400;
/// The longest message that is shown whole, in bytes.
const LONGEST: usize = 4 * 1024;
/// The longest header value that is shown whole.
const LONGEST_VALUE: usize = 48;

/// Headers that are in every request or say nothing, so that they only hide the others.
const DULL: [HeaderName; 8] = [
    header::HOST,
    header::ACCEPT,
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::CACHE_CONTROL,
    header::DATE,
    header::VARY,
    HeaderName::from_static("x-accel-buffering"),
];

/// Headers whose values nobody may read in a log.
const SECRET: [HeaderName; 5] = [
    header::AUTHORIZATION,
    header::PROXY_AUTHORIZATION,
    header::COOKIE,
    header::SET_COOKIE,
    HeaderName::from_static("x-api-key"),
];

/// What a client has sent and received. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Transcript(Arc<Mutex<Log>>);

#[derive(Default)]
struct Log {
    exchanges: usize,
    entries: VecDeque<String>,
    dropped: usize,
    shown: bool,
}

impl Transcript {
    /// A request; its number names whatever comes back for it.
    pub(super) fn sent(&self, method: &str, path: &str, headers: &HeaderMap, body: &str) -> usize {
        let mut entry = format!("--> {method} {path}");
        write_headers(&mut entry, headers);
        if !body.is_empty() {
            write_body(&mut entry, body);
        }
        let mut log = self.lock();
        log.exchanges += 1;
        let number = log.exchanges;
        log.push(number, &entry);
        number
    }

    /// The head of a response.
    pub(super) fn answered(&self, number: usize, status: StatusCode, headers: &HeaderMap) {
        let mut entry = format!("<-- {status}");
        if let Some(kind) = headers.get(header::CONTENT_TYPE) {
            let _ = write!(entry, " {}", kind.to_str().unwrap_or("?"));
        }
        write_headers(&mut entry, headers);
        self.lock().push(number, &entry);
    }

    /// A part of its body: a message, or an event without one.
    pub(super) fn received(&self, number: usize, event: Option<&str>, text: &str) {
        let mut entry = "<--".to_owned();
        if let Some(event) = event {
            let _ = write!(entry, " event {event}");
        }
        if text.is_empty() {
            entry.push_str(" (no data)");
        } else {
            write_body(&mut entry, text);
        }
        self.lock().push(number, &entry);
    }

    /// Something that happened to the connection.
    pub(super) fn note(&self, number: usize, what: &str) {
        self.lock().push(number, &format!("... {what}"));
    }

    /// Whether it was shown to nobody yet; from now on it was.
    pub(super) fn show_once(&self) -> bool {
        !std::mem::replace(&mut self.lock().shown, true)
    }

    fn lock(&self) -> MutexGuard<'_, Log> {
        // Nothing panics while the lock is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    fn push(&mut self, number: usize, entry: &str) {
        if self.entries.len() == MOST {
            self.entries.pop_front();
            self.dropped += 1;
        }
        self.entries.push_back(format!("#{number:<3} {entry}"));
    }
}

fn write_headers(entry: &mut String, headers: &HeaderMap) {
    for (name, value) in headers {
        if !DULL.contains(name) {
            let _ = write!(entry, "  {name}: {}", shown(name, value));
        }
    }
}

fn shown(name: &HeaderName, value: &HeaderValue) -> String {
    if value.is_sensitive() || SECRET.contains(name) {
        return "***".to_owned();
    }
    let text = String::from_utf8_lossy(value.as_bytes());
    // Session ids and the like: enough to tell them apart.
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) if name.as_str().starts_with("mcp-session") => {
            format!("{}…", &text[..end.min(12)])
        }
        _ => text.into_owned(),
    }
}

fn write_body(entry: &mut String, body: &str) {
    let end = (0..=LONGEST.min(body.len())).rev();
    let end = end.into_iter().find(|&end| body.is_char_boundary(end));
    let kept = &body[..end.unwrap_or_default()];
    for line in kept.lines() {
        let _ = write!(entry, "\n       {line}");
    }
    if kept.len() < body.len() {
        let _ = write!(entry, "… ({} bytes)", body.len());
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let log = self.lock();
        if log.entries.is_empty() {
            return f.write_str("(nothing was sent)");
        }
        if log.dropped > 0 {
            writeln!(f, "({} earlier entries are left out)", log.dropped)?;
        }
        for (index, entry) in log.entries.iter().enumerate() {
            let line = if index == 0 { "" } else { "\n" };
            write!(f, "{line}{entry}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_and_long_texts_cut() {
        let transcript = Transcript::default();
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_static("Bearer hunter2"));
        headers.insert("mcp-method", HeaderValue::from_static("tools/call"));
        let mut key = HeaderValue::from_static("hunter3");
        key.set_sensitive(true);
        headers.insert("x-mine", key);
        headers.insert(
            "mcp-session-id",
            HeaderValue::from_str(&"s".repeat(200)).unwrap(),
        );
        let long = "é".repeat(LONGEST);
        let number = transcript.sent("POST", "/mcp", &headers, &long);
        transcript.received(number, Some("7.1"), "");
        let text = transcript.to_string();
        assert!(!text.contains("hunter"), "{text}");
        assert!(text.contains("mcp-method: tools/call"), "{text}");
        assert!(text.contains("mcp-session-id: ssssssssssss…"), "{text}");
        assert!(text.contains("é… (8192 bytes)"), "{text}");
        assert!(text.ends_with("#1   <-- event 7.1 (no data)"), "{text}");
    }

    #[test]
    fn old_entries_are_counted_only() {
        let transcript = Transcript::default();
        for _ in 0..MOST + 5 {
            transcript.note(1, "again");
        }
        let text = transcript.to_string();
        assert!(
            text.starts_with("(5 earlier entries are left out)\n"),
            "{text}"
        );
        assert_eq!(text.lines().count(), MOST + 1);
    }
}
