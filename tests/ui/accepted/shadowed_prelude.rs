//! The output does not depend on what the names of the prelude mean.

#![allow(dead_code)]

/// Everything that could be mistaken for something else.
mod shadow {
    pub struct Result;
    pub struct Option;
    pub struct String;
    pub struct Vec;
    pub struct Box;
    pub struct Arc;
    pub struct Context;
    pub struct Param;
    pub trait Send {}
    pub trait Sync {}
    pub trait Into {}
    pub trait Iterator {}
    pub trait Future {}
    pub mod std {}
    pub mod core {}
    pub mod serde {}
    pub mod schemars {}
    pub mod mcp_core {}
}

mod plain {
    #[allow(unused_imports)]
    use super::shadow::*;
    use ::mcp_core::{State, mcp_prompt, mcp_resource, mcp_tool};

    pub struct Ok;
    pub struct Err;
    pub struct Some;
    pub struct None;

    /// Called like the type parameters that most people would choose.
    #[derive(Clone)]
    pub struct S;
    pub type V0 = u8;

    #[mcp_tool(read_only, ignore_unknown, requires(sampling), icon(src = "data:,"))]
    pub async fn tool(
        State(S): State<S>,
        number: V0,
    ) -> ::std::result::Result<::std::string::String, ::mcp_core::ToolError> {
        ::std::result::Result::Ok(number.to_string())
    }

    #[mcp_prompt]
    pub async fn prompt(number: V0) -> ::std::string::String {
        number.to_string()
    }

    #[mcp_resource("notes://{number}", priority = 0.5, audience(user))]
    pub async fn resource(number: V0) -> ::std::string::String {
        number.to_string()
    }
}

mod attributed {
    #[allow(unused_imports)]
    use super::shadow::*;
    use ::mcp_core::mcp_tool;

    #[mcp_tool]
    pub async fn attributed(
        #[schemars(length(min = 1))] list: ::std::vec::Vec<u8>,
        #[serde(default)] text: ::std::option::Option<::std::string::String>,
        #[schemars(range(min = 1), extend("x-mcp-header" = "Number"))] number: u8,
    ) -> ::std::string::String {
        ::std::format!("{list:?} {text:?} {number}")
    }
}

fn main() {
    let server = ::mcp_core::Server::builder("ui", "1.0").state(plain::S);
    let server = server
        .tool(plain::tool)
        .prompt(plain::prompt)
        .resource(plain::resource);
    let _ = server.tool(attributed::attributed).build();
}
