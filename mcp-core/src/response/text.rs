//! Strings as JSON, a run at a time.

/// How many bytes are looked at at once: enough for the compiler to do so in few steps.
const RUN: usize = 32;

/// Writes `text` as a JSON string, byte for byte as `serde_json` does.
///
/// That looks at each byte in turn, and texts are what results are made of.
pub(super) fn write(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    out.reserve(rest.len() + 2);
    out.push(b'"');
    while let Some((escaped, after)) = rest.get(plain(rest)..).and_then(<[u8]>::split_first) {
        out.extend_from_slice(&rest[..rest.len() - after.len() - 1]);
        write_escaped(out, *escaped);
        rest = after;
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

/// The length of the part that is written as it is.
fn plain(bytes: &[u8]) -> usize {
    let mut at = 0;
    for run in bytes.chunks_exact(RUN) {
        if run.iter().fold(false, |any, byte| any | is_escaped(*byte)) {
            break;
        }
        at += RUN;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    let found = rest.iter().position(|byte| is_escaped(*byte));
    at + found.unwrap_or(rest.len())
}

#[inline]
fn is_escaped(byte: u8) -> bool {
    (byte < b' ') | (byte == b'"') | (byte == b'\\')
}

fn write_escaped(out: &mut Vec<u8>, byte: u8) {
    const HEX: [u8; 16] = *b"0123456789abcdef";
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => {
            let (high, low) = (usize::from(byte >> 4), usize::from(byte & 15));
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', HEX[high], HEX[low]]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_written_as_serde_does() {
        let all: String = (0..=0x250_u32).filter_map(char::from_u32).collect();
        let long = "x".repeat(100);
        let mut texts = vec![String::new(), all.clone(), long.clone(), all.repeat(3)];
        for at in [0, 1, 30, 31, 32, 33, 63, 64, 99] {
            for escaped in ["\"", "\\", "\n", "\u{1}", "\u{7f}", "ü", "\n\n", "😀"] {
                let mut text = long.clone();
                text.insert_str(at, escaped);
                texts.push(text);
            }
        }
        for text in texts {
            let mut out = b"before".to_vec();
            write(&mut out, &text);
            let expected = format!("before{}", serde_json::to_string(&text).unwrap());
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
