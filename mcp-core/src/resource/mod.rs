//! Resources: from an annotated function, or from data and a closure, to a [`Route`].

mod output;
mod template;

pub use output::IntoReadResult;
pub use template::{Template, TemplateError, Variables};

use crate::{
    context::Context,
    error::{Failure, RequestError},
    param::{Arguments, Input, InputSchema},
    peer::BoxFuture,
    protocol::{ReadResult, ResourceItem},
    request::Request,
    response::Payload,
    route::{Guarded, Handle, Route, RouteFuture},
    server::{Completers, Entry, Options},
};
use std::{borrow::Cow, future::Future, marker::PhantomData, sync::Arc};

/// The hidden type of a function that carries `#[mcp_resource]`.
pub trait ResourceMarker: 'static {
    /// What the function returns.
    type Output: IntoReadResult;
    /// What the attribute says.
    fn resource() -> ResourceItem;
    /// What the attribute says about how it is run.
    fn options() -> Options;
    /// Wraps the handler in the layer of the attribute.
    fn layer(route: Route) -> Route {
        route
    }
    /// What the attributes of the parameters say about completing them.
    fn completers(_: &mut Completers) {}
}

/// A resource that works with state `S`. Implemented by `#[mcp_resource]`.
#[diagnostic::on_unimplemented(
    message = "this function is not an MCP resource",
    label = "not a resource",
    note = "annotate the function with `#[mcp_resource(\"scheme://path\")]`"
)]
pub trait ResourceHandler<S, Via>: ResourceMarker {
    /// Describes the variables.
    fn input(schema: &mut InputSchema);
    /// Reads the parameters and runs the function.
    fn call(input: Input, state: Arc<S>) -> BoxFuture<'static, Result<ReadResult, Failure>>;
}

struct TypedResource<T, S, Via> {
    state: Arc<S>,
    mime_type: Option<Cow<'static, str>>,
    marker: PhantomData<fn() -> (T, Via)>,
}

impl<T, S, Via> Handle for TypedResource<T, S, Via>
where
    T: ResourceHandler<S, Via>,
    S: Send + Sync + 'static,
    Via: 'static,
{
    fn handle(&self, request: Request) -> RouteFuture {
        let state = self.state.clone();
        run(request, self.mime_type.clone(), |cx, _, variables| {
            T::call(
                Input::new(cx, Arguments::Variables(variables.0), false),
                state,
            )
        })
    }
}

/// A resource that is data.
struct DataResource<F> {
    handler: F,
    mime_type: Option<Cow<'static, str>>,
}

impl<F, Fut, E> Handle for DataResource<F>
where
    F: Fn(String, Variables, Context) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<ReadResult, E>> + Send + 'static,
    E: Into<RequestError>,
{
    fn handle(&self, request: Request) -> RouteFuture {
        run(request, self.mime_type.clone(), |cx, uri, variables| {
            let answer = (self.handler)(uri, variables, cx);
            Box::pin(async move { answer.await.map_err(|error| error.into().into()) })
        })
    }
}

fn run(
    mut request: Request,
    mime_type: Option<Cow<'static, str>>,
    start: impl FnOnce(Context, String, Variables) -> BoxFuture<'static, Result<ReadResult, Failure>>,
) -> RouteFuture {
    let uri = request.facts().message.params().uri.get();
    let uri = uri.map(|uri| uri.to_string()).unwrap_or_default();
    let variables = request.take_variables().unwrap_or_default();
    let start = |cx| start(cx, uri.clone(), variables);
    let guarded = Guarded::new(Context::new(request), start, {
        let uri = uri.clone();
        move |_, answer| {
            let payload = answer.and_then(|result| complete(result, &uri, mime_type));
            payload.map_err(|failure| failure.into_refusal(&uri))
        }
    });
    Box::pin(guarded)
}

/// Fills in what the definition and the request know.
fn complete(
    mut result: ReadResult,
    uri: &str,
    mime_type: Option<Cow<'static, str>>,
) -> Result<Payload, Failure> {
    // An empty answer is forbidden: nothing there is an error.
    if result.contents.is_empty() {
        return Err(RequestError::not_found().into());
    }
    for contents in &mut result.contents {
        if contents.uri.is_empty() {
            uri.clone_into(&mut contents.uri);
        }
        if contents.mime_type.is_none() {
            contents.mime_type = mime_type.as_deref().map(str::to_owned);
        }
    }
    Ok(Payload::Read(result))
}

impl Entry<ResourceItem> {
    /// A resource or template from data: its definition, and a closure over the concrete URI and
    /// the variables of the template.
    ///
    /// ```
    /// use mcp_core::{Entry, RequestError, protocol::{ReadResult, ResourceContents, ResourceItem}};
    ///
    /// let item = ResourceItem::new("words://{word}", "word").with_mime_type("text/plain");
    /// let entry = Entry::resource(item, |uri: String, variables, _cx| async move {
    ///     let word = variables.get("word").unwrap_or_default().to_owned();
    ///     Ok::<_, RequestError>(ReadResult::new([ResourceContents::text(uri, word)]))
    /// });
    /// ```
    pub fn resource<F, Fut, E>(item: ResourceItem, handler: F) -> Self
    where
        F: Fn(String, Variables, Context) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<ReadResult, E>> + Send + 'static,
        E: Into<RequestError>,
    {
        let route = Route::direct(DataResource {
            handler,
            mime_type: item.about.mime_type.clone(),
        });
        Self::new(item, route, Options::new())
    }

    /// The entry of an annotated function.
    pub(crate) fn typed_resource<T, S, Via>(state: Arc<S>) -> Self
    where
        T: ResourceHandler<S, Via>,
        S: Send + Sync + 'static,
        Via: 'static,
    {
        let item = T::resource();
        let mut schema = InputSchema::new(false);
        T::input(&mut schema);
        let variables = Template::parse(&item.uri).map(|template| template.variables());
        let variables = variables.unwrap_or_default();
        let mut problems: Vec<_> = schema
            .names()
            .filter(|name| !variables.iter().any(|variable| variable == name))
            .map(|name| format!("the argument `{name}` is not a variable of `{}`", item.uri))
            .collect();
        let mut completers = Completers::for_choices(&schema);
        T::completers(&mut completers);
        problems.extend(schema.finish().err().unwrap_or_default());
        let route = Route::direct(TypedResource::<T, S, Via> {
            state,
            mime_type: item.about.mime_type.clone(),
            marker: PhantomData,
        });
        Self::new(item, T::layer(route), T::options())
            .with_problems(problems)
            .with_completers(completers)
    }
}
