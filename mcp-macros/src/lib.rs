//! Attributes that turn an `async fn` into a tool, a prompt or a resource of an MCP server.
//!
//! Use them through `mcp_core` or `mcp_tower`, which re-export them.
//!
//! # What becomes of a function
//!
//! It stays a function: it can be called, tested and documented as before. Its future is tagged
//! with a hidden type, and that type is what `.tool(..)`, `.prompt(..)` and `.resource(..)` of a
//! server read. The body and every other attribute, `#[tracing::instrument]` for one, are left as
//! they are.
//!
//! ```
//! use mcp_core::{Server, mcp_tool};
//!
//! /// Add two numbers.
//! #[mcp_tool]
//! async fn add(a: i64, b: i64) -> i64 {
//!     a + b
//! }
//!
//! let server = Server::builder("calculator", "1.0").tool(add).build();
//! let sum = add(2, 3); // still a future of `i64`
//! # let _ = (server, sum);
//! ```
//!
//! The function is free, `async`, not generic, and owns its parameters, of which there are up to
//! 16. A private function that is not registered is reported as unused.
//!
//! # Parameters
//!
//! The type of a parameter decides what it is, whatever its name and wherever it was imported:
//!
//! * a type that is `Deserialize` and `JsonSchema` is an **argument**, read by the name of the
//!   parameter; its doc comment is the argument's description, and an `Option` may be left out;
//! * a type that is `FromContext` is an **extractor**, such as `Context` or `State<T>`;
//! * `Args<T>` takes all arguments as one struct.
//!
//! A parameter with one of these attributes is an argument:
//!
//! * `#[serde(..)]`, as on the field of a struct: `default`, `rename`, `alias`, `with` and so on;
//! * `#[schemars(..)]`, likewise. `range(..)`, `length(..)` and `regex(pattern = "..")` are both
//!   published and enforced;
//! * `#[mcp(header = "Region")]`, for tools: clients of 2026-07-28 repeat the argument in the
//!   header `Mcp-Param-Region`, so that proxies can route by it;
//! * `#[mcp(complete = path)]`, for prompts and resources: the function at `path` suggests values
//!   while a person types one.
//!
//! ```
//! use mcp_core::{Context, Json, State, mcp_tool};
//! # #[derive(Clone)]
//! # struct Library;
//!
//! /// Find books by words of their titles.
//! #[mcp_tool(title = "Search the library", read_only)]
//! async fn search(
//!     /// Words that the title contains.
//!     words: Vec<String>,
//!     /// How many books to list.
//!     #[serde(default = "ten")]
//!     #[schemars(range(min = 1, max = 50))]
//!     limit: usize,
//!     State(library): State<Library>,
//!     cx: Context,
//! ) -> Json<Vec<String>> {
//!     # let _ = (library, cx);
//!     Json(words.into_iter().take(limit).collect())
//! }
//!
//! fn ten() -> usize {
//!     10
//! }
//! ```
//!
//! # Keys of all three attributes
//!
//! | key | meaning |
//! |---|---|
//! | `name = ".."` | the name for clients; else that of the function |
//! | `title = ".."` | a name for people |
//! | `description = ".."` | what it does; else the doc comment |
//! | `icon(src = "..", mime_type = "..", sizes("48x48"), theme = "dark")` | an icon; only `src` is required, and there may be several icons |
//! | `meta = expr` | free metadata: an object, of type `serde_json::Value` |
//! | `requires(..)` | what the client must support: `sampling`, `sampling_tools`, `elicitation`, `elicitation_url`, `roots` |
//! | `timeout = "30s"` | how long a call may take, in `ms`, `s`, `m` or `h` |
//! | `run_to_completion` | a call that has begun goes on when its client has gone |
//! | `scopes("a", "b")` | what the caller must be granted, all of it; see `Options::scopes` |
//! | `layer = expr` | a Tower layer around the function, inside of those of `tool_with` and its kin; several are a tuple, the outermost first |
//! | `crate = path` | the crate that the output names |
//!
//! `title` and `description` also take an expression, such as `include_str!("search.md")`.

mod annotated;
mod attr;
mod check;
mod doc;
mod errors;
mod expand;
mod fallback;
mod function;
mod kind;
mod root;
mod template;

use proc_macro::TokenStream;
use syn::{Path, parse_quote};

use crate::{annotated::Annotated, errors::Errors, kind::Kind};

/// Makes a tool of an `async fn`.
///
/// The output of the function is text, `Json<T>`, other content, or a `Result` of those.
/// See the [crate](self) for parameters and for the keys that all attributes share.
///
/// | key | meaning |
/// |---|---|
/// | `read_only` | it changes nothing |
/// | `destructive` | it may undo what was there; clients assume so by default |
/// | `idempotent` | calling it again with the same arguments adds nothing |
/// | `open_world` | it reaches beyond the server; clients assume so by default |
/// | `ignore_unknown` | arguments that it does not know are ignored, and not refused |
///
/// The first four are hints to clients; each also takes a value, as in `destructive = false`.
///
/// ```
/// use mcp_core::{ToolError, mcp_tool};
///
/// /// Divide one number by another.
/// #[mcp_tool(read_only, open_world = false)]
/// async fn divide(dividend: f64, divisor: f64) -> Result<f64, ToolError> {
///     if divisor == 0.0 {
///         return Err(ToolError::new("cannot divide by zero"));
///     }
///     Ok(dividend / divisor)
/// }
/// ```
#[proc_macro_attribute]
pub fn mcp_tool(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(Kind::Tool, parse_quote!(::mcp_core), arguments, item)
}

#[doc(hidden)]
#[proc_macro_attribute]
pub fn mcp_tool_via_tower(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(Kind::Tool, parse_quote!(::mcp_tower), arguments, item)
}

/// Makes a prompt of an `async fn`.
///
/// The output of the function is text, one message or several, or a `Result` of those. Arguments
/// arrive as text and are parsed into the types of the parameters.
/// See the [crate](self) for parameters and keys.
///
/// ```
/// use mcp_core::{Context, RequestError, mcp_prompt, protocol::CompletionContext};
///
/// /// Ask for a code review.
/// #[mcp_prompt(title = "Review code")]
/// async fn review(
///     /// The code to review.
///     code: String,
///     /// How many remarks to make.
///     remarks: Option<u8>,
///     /// The language of the answer.
///     #[mcp(complete = languages)]
///     language: String,
/// ) -> String {
///     let remarks = remarks.unwrap_or(3);
///     format!("Make {remarks} remarks in {language} on this code:\n{code}")
/// }
///
/// async fn languages(
///     typed: String,
///     _known: CompletionContext,
///     _cx: Context,
/// ) -> Result<Vec<String>, RequestError> {
///     let languages = ["English", "Esperanto", "Welsh"].map(str::to_owned);
///     let matches = |language: &String| language.starts_with(&typed);
///     Ok(languages.into_iter().filter(matches).collect())
/// }
/// ```
#[proc_macro_attribute]
pub fn mcp_prompt(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(Kind::Prompt, parse_quote!(::mcp_core), arguments, item)
}

#[doc(hidden)]
#[proc_macro_attribute]
pub fn mcp_prompt_via_tower(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(Kind::Prompt, parse_quote!(::mcp_tower), arguments, item)
}

/// Makes a resource, or a template of resources, of an `async fn`.
///
/// The attribute begins with a URI, or with a template as in RFC 6570; each variable of a template
/// is a parameter of the function. The output is text, bytes, `Json<T>`, an `Option` or a `Result`
/// of those; `None` means that there is no such resource.
/// See the [crate](self) for parameters and for the keys that all attributes share.
///
/// | key | meaning |
/// |---|---|
/// | `mime_type = ".."` | the media type of the contents |
/// | `size = 1024` | their size in bytes |
/// | `audience(user, assistant)` | whom they are for |
/// | `priority = 0.5` | how important they are, from 0.0 to 1.0 |
/// | `last_modified = ".."` | when they changed, as in ISO 8601 |
///
/// ```
/// use mcp_core::mcp_resource;
///
/// /// The settings of the application.
/// #[mcp_resource("config://settings", mime_type = "application/json", audience(assistant))]
/// async fn settings() -> String {
///     "{}".to_owned()
/// }
///
/// /// One note.
/// #[mcp_resource("notes://{id}")]
/// async fn note(id: u32) -> Option<String> {
///     (id == 1).then(|| "Buy milk.".to_owned())
/// }
/// ```
#[proc_macro_attribute]
pub fn mcp_resource(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(Kind::Resource, parse_quote!(::mcp_core), arguments, item)
}

#[doc(hidden)]
#[proc_macro_attribute]
pub fn mcp_resource_via_tower(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(Kind::Resource, parse_quote!(::mcp_tower), arguments, item)
}

/// Reads, checks, expands; `root` is the crate that the output names unless `crate = ..` does.
fn expand(kind: Kind, root: Path, arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = item.into();
    let mut errors = Errors::default();
    let annotated = Annotated::parse(kind, root, arguments.into(), &item, &mut errors);
    if let Some(annotated) = &annotated {
        check::check(annotated, &mut errors);
    }
    let output = match (errors.finish(), &annotated) {
        (Ok(()), Some(annotated)) => expand::expand(annotated),
        (Ok(()), None) => unreachable!("an item that is no function is an error"),
        (Err(error), Some(annotated)) => fallback::expand(&error, annotated),
        (Err(error), None) => fallback::verbatim(&error, &item),
    };
    output.into()
}
