//! What the program is told on its command line.

use mcp_tower::KeyRing;
use std::{net::SocketAddr, path::PathBuf};

const USAGE: &str = "usage: everything [--bind ADDRESS:PORT | --bind unix:PATH | --stdio] [--redis URL] [--keys HEX]";

/// What the program is told on its command line.
pub(crate) struct Arguments {
    /// Where clients come from.
    pub(crate) place: Place,
    /// Where the other replicas are found.
    pub(crate) redis: Option<String>,
    /// The keys that replicas share.
    pub(crate) keys: Option<KeyRing>,
}

/// Where clients come from.
pub(crate) enum Place {
    Address(SocketAddr),
    UnixSocket(PathBuf),
    Stdio,
}

impl Arguments {
    /// Reads names, and the values of those that have one; the message of an error is for people.
    pub(crate) fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut read = Self {
            place: Place::Address(([127, 0, 0, 1], 8080).into()),
            redis: None,
            keys: None,
        };
        while let Some(name) = arguments.next() {
            let mut value = || arguments.next().ok_or(USAGE);
            match &*name {
                "--stdio" => read.place = Place::Stdio,
                "--bind" => read.place = Place::read(&value()?)?,
                "--redis" => read.redis = Some(value()?),
                "--keys" => {
                    // Says nothing of the key.
                    let key = key(&value()?).ok_or("--keys takes 64 hexadecimal digits")?;
                    read.keys = Some(KeyRing::new(key));
                }
                _ => return Err(USAGE.to_owned()),
            }
        }
        Ok(read)
    }
}

impl Place {
    fn read(value: &str) -> Result<Self, String> {
        if let Some(path) = value.strip_prefix("unix:") {
            return Ok(Self::UnixSocket(path.into()));
        }
        let address = value.parse();
        let fault =
            |_| format!("`{value}` is neither an address such as 127.0.0.1:8080 nor unix:PATH");
        address.map(Self::Address).map_err(fault)
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
