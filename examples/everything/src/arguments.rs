//! What the program is told on its command line.

use mcp_tower::KeyRing;
use std::net::SocketAddr;

const USAGE: &str = "usage: everything [--bind ADDRESS:PORT] [--redis URL] [--keys HEX]";

/// What the program is told on its command line.
pub(crate) struct Arguments {
    /// Where to listen.
    pub(crate) address: SocketAddr,
    /// Where the other replicas are found.
    pub(crate) redis: Option<String>,
    /// The keys that replicas share.
    pub(crate) keys: Option<KeyRing>,
}

impl Arguments {
    /// Reads pairs of a name and a value; the message of an error is for people.
    pub(crate) fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut read = Self {
            address: ([127, 0, 0, 1], 8080).into(),
            redis: None,
            keys: None,
        };
        while let Some(name) = arguments.next() {
            let value = arguments.next().ok_or(USAGE)?;
            match &*name {
                "--bind" => {
                    let fault = |_| format!("`{value}` is not an address such as 127.0.0.1:8080");
                    read.address = value.parse().map_err(fault)?;
                }
                "--redis" => read.redis = Some(value),
                "--keys" => {
                    // Says nothing of the key.
                    let key = key(&value).ok_or("--keys takes 64 hexadecimal digits")?;
                    read.keys = Some(KeyRing::new(key));
                }
                _ => return Err(USAGE.to_owned()),
            }
        }
        Ok(read)
    }
}

fn key(hex: &str) -> Option<[u8; 32]> {
    let digit = |digit: u8| u8::try_from(char::from(digit).to_digit(16)?).ok();
    let bytes: Option<Vec<u8>> = hex
        .as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect();
    bytes?.try_into().ok()
}
