//! An example as it is started by hand.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

/// A program that runs until this is dropped.
#[derive(Debug)]
pub struct Program {
    pub address: SocketAddr,
    child: Child,
}

impl Program {
    /// Starts a program that takes the address to listen at, and prints where it listens.
    pub fn start(path: &str) -> Self {
        let mut child = Command::new(path)
            .arg("127.0.0.1:0")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let output = child.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut line).unwrap();
        let address = line
            .trim_end()
            .strip_prefix("listening on http://")
            .and_then(|line| line.strip_suffix("/mcp"));
        let address = address.unwrap_or_else(|| panic!("{path} says {line:?}"));
        Self {
            address: address.parse().unwrap(),
            child,
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
