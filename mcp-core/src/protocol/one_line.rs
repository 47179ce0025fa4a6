//! JSON on one line, as streams of lines and of events need it.

use bytes::{BufMut, BytesMut};

/// Appends JSON without line breaks. JSON that was written by hand may hold some between its
/// tokens, and nowhere else: they are left out.
///
/// ```
/// use mcp_core::protocol::put_on_one_line;
///
/// let mut line = bytes::BytesMut::new();
/// put_on_one_line(&mut line, b"{\"a\":\r\n 1}\n");
/// assert_eq!(line, "{\"a\": 1}");
/// ```
pub fn put_on_one_line(out: &mut BytesMut, json: &[u8]) {
    out.reserve(json.len());
    let mut rest = json;
    while let Some(at) = memchr::memchr2(b'\n', b'\r', rest) {
        out.put_slice(&rest[..at]);
        rest = &rest[at + 1..];
    }
    out.put_slice(rest);
}
