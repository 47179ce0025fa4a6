//! The output does not depend on what the names of the prelude mean.

#![allow(dead_code)]

use mcp_core::{Server, State, mcp_prompt, mcp_resource, mcp_tool};

mod shadow {
    pub struct Result;
    pub struct Option;
    pub struct String;
    pub struct Vec;
    pub struct Box;
    pub struct Ok;
    pub struct Err;
    pub struct Some;
    pub struct None;
    pub trait Send {}
    pub trait Sync {}
    pub trait Into {}
    pub trait Iterator {}
    pub mod std {}
    pub mod core {}
    pub mod serde {}
    pub mod schemars {}
    pub mod mcp_core {}
}
use shadow::*;

/// A type called like the type parameters that most people would choose.
#[derive(Clone)]
struct S;
type V0 = u8;

#[mcp_tool(read_only, ignore_unknown, requires(sampling))]
async fn tool(
    State(S): State<S>,
    number: V0,
    #[schemars(length(min = 1))] list: ::std::vec::Vec<u8>,
    #[serde(default)] text: ::std::option::Option<::std::string::String>,
) -> ::std::result::Result<::std::string::String, ::mcp_core::ToolError> {
    let _ = (number, list, text);
    ::std::result::Result::Ok(::std::string::String::new())
}

#[mcp_prompt]
async fn prompt(number: V0) -> ::std::string::String {
    number.to_string()
}

#[mcp_resource("notes://{number}")]
async fn resource(number: V0) -> ::std::string::String {
    number.to_string()
}

fn main() {
    let _ = Server::builder("ui", "1.0").state(S).tool(tool).prompt(prompt).resource(resource).build();
}
