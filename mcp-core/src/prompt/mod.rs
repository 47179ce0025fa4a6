//! Prompts: from an annotated function, or from data and a closure, to a [`Route`].

mod output;

pub use output::IntoPromptResult;

use crate::{
    context::Context,
    error::{Failure, RequestError},
    param::{Arguments, Input, InputSchema},
    peer::BoxFuture,
    protocol::{Prompt, PromptResult, RawJson},
    request::Request,
    response::Payload,
    route::{Guarded, Handle, Route, RouteFuture, answered},
    server::{Completers, Entry, Options},
};
use std::{collections::BTreeMap, future::Future, marker::PhantomData, sync::Arc};

/// The hidden type of a function that carries `#[mcp_prompt]`.
pub trait PromptMarker: 'static {
    /// What the function returns.
    type Output: IntoPromptResult;
    /// What the attribute says.
    fn prompt() -> Prompt;
    /// What the attribute says about how it is run.
    fn options() -> Options;
    /// Wraps the handler in the layer of the attribute.
    fn layer(route: Route) -> Route {
        route
    }
    /// What the attributes of the parameters say about completing them.
    fn completers(_: &mut Completers) {}
}

/// A prompt that works with state `S`. Implemented by `#[mcp_prompt]`.
#[diagnostic::on_unimplemented(
    message = "this function is not an MCP prompt",
    label = "not a prompt",
    note = "annotate the function with `#[mcp_prompt]`"
)]
pub trait PromptHandler<S, Via>: PromptMarker {
    /// Describes the arguments.
    fn input(schema: &mut InputSchema);
    /// Reads the parameters and runs the function.
    fn call(input: Input, state: Arc<S>) -> BoxFuture<'static, Result<PromptResult, Failure>>;
}

struct TypedPrompt<T, S, Via> {
    state: Arc<S>,
    marker: PhantomData<fn() -> (T, Via)>,
}

impl<T, S, Via> Handle for TypedPrompt<T, S, Via>
where
    T: PromptHandler<S, Via>,
    S: Send + Sync + 'static,
    Via: 'static,
{
    fn handle(&self, request: Request) -> RouteFuture {
        let state = self.state.clone();
        run(request, |cx, arguments| {
            T::call(Input::new(cx, Arguments::Strings(arguments), false), state)
        })
    }
}

/// A prompt that is data.
struct DataPrompt<F>(F);

impl<F, Fut, E> Handle for DataPrompt<F>
where
    F: Fn(BTreeMap<String, String>, Context) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<PromptResult, E>> + Send + 'static,
    E: Into<RequestError>,
{
    fn handle(&self, request: Request) -> RouteFuture {
        run(request, |cx, arguments| {
            let Ok(arguments) = arguments.parse() else {
                let error = RequestError::invalid_params("prompt arguments are strings");
                return Box::pin(std::future::ready(Err(error.into())));
            };
            let answer = (self.0)(arguments, cx);
            Box::pin(async move { answer.await.map_err(|error| error.into().into()) })
        })
    }
}

fn run(
    request: Request,
    start: impl FnOnce(Context, RawJson) -> BoxFuture<'static, Result<PromptResult, Failure>>,
) -> RouteFuture {
    let arguments = match request.arguments() {
        Ok(arguments) => arguments,
        Err(refusal) => return answered(refusal),
    };
    let start = |cx| start(cx, arguments);
    Box::pin(Guarded::new(Context::new(request), start, |_, answer| {
        answer
            .map(Payload::Prompt)
            .map_err(|failure| failure.into_refusal(""))
    }))
}

impl Entry<Prompt> {
    /// A prompt from data: its definition, and a closure over its arguments.
    ///
    /// ```
    /// use mcp_core::{Entry, RequestError, protocol::{Prompt, PromptMessage, PromptResult}};
    ///
    /// let entry = Entry::prompt(Prompt::new("greet"), |_arguments, _cx| async {
    ///     Ok::<_, RequestError>(PromptResult::new([PromptMessage::user("Hello!")]))
    /// });
    /// ```
    pub fn prompt<F, Fut, E>(prompt: Prompt, handler: F) -> Self
    where
        F: Fn(BTreeMap<String, String>, Context) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<PromptResult, E>> + Send + 'static,
        E: Into<RequestError>,
    {
        Self::new(prompt, Route::direct(DataPrompt(handler)), Options::new())
    }

    /// The entry of an annotated function.
    pub(crate) fn typed_prompt<T, S, Via>(state: Arc<S>) -> Self
    where
        T: PromptHandler<S, Via>,
        S: Send + Sync + 'static,
        Via: 'static,
    {
        let mut schema = InputSchema::new(false);
        T::input(&mut schema);
        let mut prompt = T::prompt();
        prompt.arguments = schema.prompt_arguments().collect();
        let mut completers = Completers::for_choices(&schema);
        T::completers(&mut completers);
        let problems = schema.finish().err().unwrap_or_default();
        let route = Route::direct(TypedPrompt::<T, S, Via> {
            state,
            marker: PhantomData,
        });
        Self::new(prompt, T::layer(route), T::options())
            .with_problems(problems)
            .with_completers(completers)
    }
}
