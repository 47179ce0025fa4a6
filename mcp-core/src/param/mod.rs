//! Parameters of handlers: arguments of the call, or extractors.
//!
//! A parameter's type decides what it is; no type name is ever matched. The marker types in
//! [`via`] let both blanket implementations of [`Param`] exist side by side, and are inferred.

mod check;
mod declared;
mod diagnose;
mod input;
mod schema;
mod text;

pub use check::{Bound, Length, Ranged, Text, length, pattern, range};
pub use declared::{describe_declared, read_declared};
pub(crate) use input::Arguments;
pub use input::{Input, Slot, Slots};
pub(crate) use schema::struct_schema;
pub use schema::{InputSchema, OutputSchema};

use crate::{
    context::Context,
    error::{Failure, InvalidArgument, RequestError},
    extract::FromContext,
};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use std::future::Future;

/// How a parameter gets its value; inferred by the compiler.
pub mod via {
    /// From one member of the arguments.
    #[derive(Debug)]
    pub enum Argument {}
    /// From the arguments as a whole.
    #[derive(Debug)]
    pub enum Arguments {}
    /// From the context.
    #[derive(Debug)]
    pub enum Extractor {}
}

/// Reads a value; the error names path and expectation and quotes nothing.
pub(crate) fn read_json<T: DeserializeOwned>(json: &str) -> Result<T, InvalidArgument> {
    Slot::Json(json).read("")
}

/// What a parameter reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One member of the arguments.
    Argument,
    /// All of the arguments.
    All,
    /// The context.
    Extractor,
}

/// What the macro knows of a parameter.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The member it is read from.
    pub name: &'static str,
    /// Other names that are accepted.
    pub aliases: &'static [&'static str],
    /// Its doc comment; empty for none.
    pub description: &'static str,
}

/// Why a parameter has no value.
#[derive(Debug)]
pub struct Fault(FaultKind);

#[derive(Debug)]
enum FaultKind {
    Arguments(Vec<InvalidArgument>),
    Extractor(RequestError),
}

impl From<InvalidArgument> for Fault {
    fn from(fault: InvalidArgument) -> Self {
        Self(FaultKind::Arguments(vec![fault]))
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match fault.0 {
            FaultKind::Arguments(faults) => Self::arguments(faults),
            FaultKind::Extractor(error) => error.into(),
        }
    }
}

impl Failure {
    /// All faults of one call: the first extractor's, or else every argument's.
    pub fn gather<const N: usize>(faults: [Option<Fault>; N]) -> Self {
        let mut arguments = Vec::new();
        for fault in faults.into_iter().flatten() {
            match fault.0 {
                FaultKind::Extractor(error) => return error.into(),
                FaultKind::Arguments(faults) => arguments.extend(faults),
            }
        }
        Self::arguments(arguments)
    }
}

/// Something that can be a parameter of a handler with state `S`.
///
/// Not to be implemented by hand: derive `Deserialize` and `JsonSchema` for an argument, implement
/// [`FromContext`] for an extractor.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a handler with state `{S}`",
    label = "neither an argument nor an extractor for this state",
    note = "an argument derives `serde::Deserialize` and `schemars::JsonSchema`",
    note = "an extractor implements `FromContext<{S}>`, for example `Context`; `State<T>` does where `.state(..)` gave a `T` or something that `FromRef` makes a `T` of"
)]
pub trait Param<S, Via>: Sized + Send {
    /// What it reads.
    const KIND: Kind;

    /// Adds what it reads to the schema.
    fn describe(field: &Field, schema: &mut InputSchema);

    /// Reads it.
    fn read(
        field: &Field,
        slot: Slot<'_>,
        cx: &Context,
        state: &S,
    ) -> impl Future<Output = Result<Self, Fault>> + Send;
}

#[diagnostic::do_not_recommend]
impl<S: Sync, T: DeserializeOwned + JsonSchema + Send> Param<S, via::Argument> for T {
    const KIND: Kind = Kind::Argument;

    fn describe(field: &Field, schema: &mut InputSchema) {
        schema.argument::<T>(field);
    }

    fn read(
        field: &Field,
        slot: Slot<'_>,
        _: &Context,
        _: &S,
    ) -> impl Future<Output = Result<Self, Fault>> + Send {
        std::future::ready(slot.read(field.name).map_err(Fault::from))
    }
}

#[diagnostic::do_not_recommend]
impl<S: Sync, T: FromContext<S> + Send> Param<S, via::Extractor> for T {
    const KIND: Kind = Kind::Extractor;

    fn describe(_: &Field, _: &mut InputSchema) {}

    async fn read(_: &Field, _: Slot<'_>, cx: &Context, state: &S) -> Result<Self, Fault> {
        T::from_context(cx, state)
            .await
            .map_err(|error| Fault(FaultKind::Extractor(error)))
    }
}

/// All arguments of a call as one struct, for those who prefer it to plain parameters.
///
/// The struct's schema becomes the input schema. It must be the only argument; extractors may
/// stand beside it.
///
/// ```
/// use mcp_core::{Args, mcp_tool};
///
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// struct Search {
///     /// Free text.
///     query: String,
///     limit: Option<u8>,
/// }
///
/// #[mcp_tool]
/// async fn search(Args(search): Args<Search>) -> String {
///     format!("{} × {:?}", search.query, search.limit)
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Args<T>(pub T);

#[diagnostic::do_not_recommend]
impl<S: Sync, T: DeserializeOwned + JsonSchema + Send> Param<S, via::Arguments> for Args<T> {
    const KIND: Kind = Kind::All;

    fn describe(_: &Field, schema: &mut InputSchema) {
        schema.all::<T>();
    }

    fn read(
        _: &Field,
        slot: Slot<'_>,
        _: &Context,
        _: &S,
    ) -> impl Future<Output = Result<Self, Fault>> + Send {
        std::future::ready(slot.read("").map(Args).map_err(Fault::from))
    }
}
