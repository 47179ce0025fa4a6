//! The program as clients start it.
#![cfg(unix)]

mod stdio;
mod unix_socket;
