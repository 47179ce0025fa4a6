//! Tools: from an annotated function, or from data and a closure, to a [`Route`].

mod json;
mod output;

pub use json::Json;
pub use output::IntoToolResult;

use crate::{
    context::Context,
    error::Failure,
    param::{Arguments, Input, InputSchema},
    peer::BoxFuture,
    protocol::{RawJson, Tool, ToolResult, compat},
    request::Request,
    response::Payload,
    route::{Guarded, Handle, Route, RouteFuture, answered},
    server::{Entry, Options},
};
use std::{future::Future, marker::PhantomData, sync::Arc};

/// The hidden type of a function that carries `#[mcp_tool]`.
pub trait ToolMarker: 'static {
    /// What the function returns.
    type Output: IntoToolResult;
    /// What the attribute says.
    fn tool() -> Tool;
    /// What the attribute says about how it is run.
    fn options() -> Options;
    /// Wraps the handler in the layer of the attribute.
    fn layer(route: Route) -> Route {
        route
    }
}

/// A tool that works with state `S`; `Via` tells for each parameter how it gets its value.
///
/// Implemented by `#[mcp_tool]`.
#[diagnostic::on_unimplemented(
    message = "this function is not an MCP tool",
    label = "not a tool",
    note = "annotate the function with `#[mcp_tool]`"
)]
pub trait ToolHandler<S, Via>: ToolMarker {
    /// Describes the arguments.
    fn input(schema: &mut InputSchema);
    /// Reads the parameters and runs the function.
    fn call(input: Input, state: Arc<S>) -> BoxFuture<'static, Result<ToolResult, Failure>>;
}

struct TypedTool<T, S, Via> {
    state: Arc<S>,
    ignore_unknown: bool,
    bare_output: bool,
    marker: PhantomData<fn() -> (T, Via)>,
}

impl<T, S, Via> Handle for TypedTool<T, S, Via>
where
    T: ToolHandler<S, Via>,
    S: Send + Sync + 'static,
    Via: 'static,
{
    fn handle(&self, request: Request) -> RouteFuture {
        let state = self.state.clone();
        run(request, self.bare_output, |cx, arguments| {
            T::call(
                Input::new(cx, Arguments::Json(arguments), self.ignore_unknown),
                state,
            )
        })
    }
}

/// A tool that is data: its handler is any async closure over raw arguments.
struct DataTool<F> {
    handler: F,
    bare_output: bool,
}

impl<F, Fut, E> Handle for DataTool<F>
where
    F: Fn(RawJson, Context) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<ToolResult, E>> + Send + 'static,
    E: Into<crate::error::ToolError>,
{
    fn handle(&self, request: Request) -> RouteFuture {
        run(request, self.bare_output, |cx, arguments| {
            let answer = (self.handler)(arguments, cx);
            Box::pin(async move { answer.await.map_err(|error| error.into().into()) })
        })
    }
}

fn run(
    request: Request,
    bare_output: bool,
    start: impl FnOnce(Context, RawJson) -> BoxFuture<'static, Result<ToolResult, Failure>>,
) -> RouteFuture {
    let arguments = match request.arguments() {
        Ok(arguments) => arguments,
        Err(refusal) => return answered(refusal),
    };
    let start = |cx| start(cx, arguments);
    let finish = move |cx: &Context, answer: Result<ToolResult, Failure>| {
        let told =
            |failure: Failure| failure.into_tool_result(cx.extensions(), cx.facts().revision);
        answer.or_else(told).map(|mut result| {
            result.bare_output = bare_output;
            Payload::Tool(result)
        })
    };
    Box::pin(Guarded::new(Context::new(request), start, finish))
}

impl Entry<Tool> {
    /// A tool from data: its definition, and a closure over raw arguments.
    ///
    /// The schema is shown as it is; checking arguments against it is the closure's business.
    ///
    /// ```
    /// use mcp_core::{Entry, Server, ToolError, protocol::{RawJson, Tool, ToolResult}};
    ///
    /// let schema = RawJson::from_text(r#"{"type":"object","properties":{"word":{"type":"string"}}}"#.into())?;
    /// let lookup = Tool::new("lookup").with_input_schema(schema);
    /// let entry = Entry::tool(lookup, |arguments: RawJson, _cx| async move {
    ///     Ok::<_, ToolError>(ToolResult::text(format!("looked up {}", arguments.as_str())))
    /// });
    /// let server = Server::builder("words", "1.0").entry(entry).build();
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn tool<F, Fut, E>(tool: Tool, handler: F) -> Self
    where
        F: Fn(RawJson, Context) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<ToolResult, E>> + Send + 'static,
        E: Into<crate::error::ToolError>,
    {
        let bare_output = has_bare_output(&tool);
        let route = Route::direct(DataTool {
            handler,
            bare_output,
        });
        Self::new(tool, route, Options::new())
    }

    /// The entry of an annotated function.
    pub(crate) fn typed_tool<T, S, Via>(state: Arc<S>) -> Self
    where
        T: ToolHandler<S, Via>,
        S: Send + Sync + 'static,
        Via: 'static,
    {
        let options = T::options();
        let mut tool = T::tool();
        let mut schema = InputSchema::new(options.ignores_unknown());
        T::input(&mut schema);
        let mut problems = Vec::new();
        match schema.finish() {
            Ok(schema) => tool.input_schema = schema,
            Err(faults) => problems = faults,
        }
        tool.output_schema = T::Output::output_schema().map(|schema| schema.0);
        let route = Route::direct(TypedTool::<T, S, Via> {
            state,
            ignore_unknown: options.ignores_unknown(),
            bare_output: has_bare_output(&tool),
            marker: PhantomData,
        });
        Self::new(tool, T::layer(route), options).with_problems(problems)
    }
}

fn has_bare_output(tool: &Tool) -> bool {
    let schema = tool.output_schema.as_ref();
    schema.is_some_and(|schema| !compat::is_object_schema(schema))
}
