//! Completion of prompt arguments and template variables.

use crate::{
    context::Context,
    error::{Failure, RequestError},
    param::InputSchema,
    peer::BoxFuture,
    protocol::{
        CompleteParams, CompletionContext, CompletionReference, CompletionValues, ErrorObject,
    },
    refusal::Refusal,
    request::Request,
    resource::Template,
    response::Payload,
    route::{Guarded, Handle, Route, RouteFuture, answered},
    server::{Catalog, access::Access},
};
use std::{fmt, future::Future, sync::Arc};

type Suggest = dyn Fn(
        String,
        CompletionContext,
        Context,
    ) -> BoxFuture<'static, Result<CompletionValues, RequestError>>
    + Send
    + Sync;

/// What suggests values for one argument.
#[derive(Clone)]
pub(crate) enum Completer {
    /// The values of an enum.
    Fixed(Arc<[String]>),
    /// A function.
    Function(Arc<Suggest>),
}

impl Completer {
    pub(super) fn function<F, Fut, V, E>(suggest: F) -> Self
    where
        F: Fn(String, CompletionContext, Context) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<V, E>> + Send + 'static,
        V: IntoIterator<Item = String>,
        E: Into<RequestError>,
    {
        Self::Function(Arc::new(move |typed, known, cx| {
            let suggested = suggest(typed, known, cx);
            Box::pin(async move {
                let values = suggested.await.map_err(Into::into)?;
                Ok(CompletionValues::new(values))
            })
        }))
    }
}

/// What suggests values, by argument. The last one added for an argument counts.
#[derive(Debug, Default)]
pub struct Completers(Vec<(String, Completer)>);

impl Completers {
    /// The arguments whose types list their values.
    pub(crate) fn for_choices(schema: &InputSchema) -> Self {
        let mut completers = Self::default();
        for (argument, values) in schema.choices() {
            completers.insert(argument, Completer::Fixed(values.into()));
        }
        completers
    }

    /// Adds a function of what was typed and what is known already.
    pub fn add<F, Fut, V, E>(&mut self, argument: &str, suggest: F)
    where
        F: Fn(String, CompletionContext, Context) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<V, E>> + Send + 'static,
        V: IntoIterator<Item = String>,
        E: Into<RequestError>,
    {
        self.insert(argument, Completer::function(suggest));
    }

    pub(super) fn insert(&mut self, argument: &str, completer: Completer) {
        self.0.retain(|(known, _)| known != argument);
        self.0.push((argument.to_owned(), completer));
    }

    pub(super) fn get(&self, argument: &str) -> Option<Completer> {
        let found = self.0.iter().find(|(known, _)| known == argument);
        found.map(|(_, completer)| completer.clone())
    }
}

impl fmt::Debug for Completer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Completer")
    }
}

/// The values that start with what was typed, then those that contain it; letter case is ignored.
fn matching(values: &[String], typed: &str) -> CompletionValues {
    let typed = typed.to_lowercase();
    let rank = |value: &&String| match value.to_lowercase().find(&typed) {
        Some(0) => 0,
        Some(_) => 1,
        None => 2,
    };
    let mut found: Vec<_> = values.iter().filter(|value| rank(value) < 2).collect();
    found.sort_by_key(rank);
    CompletionValues::new(found)
}

/// Finds what completes the argument that a request names.
pub(super) fn route(
    catalog: &Catalog,
    request: &Request,
    access: &Access<'_>,
) -> Result<Route, Refusal> {
    let invalid = |message| Refusal::answer(ErrorObject::invalid_params(message));
    let params = request.facts().message.raw_params();
    let params: CompleteParams = params
        .and_then(|params| params.parse().ok())
        .ok_or_else(|| invalid("`ref` and `argument` are required"))?;
    let argument = &params.argument.name;
    let (known, completer) = match &params.reference {
        CompletionReference::Prompt { name } => {
            let entry = catalog.prompts.find(name, access);
            let entry = entry.ok_or_else(|| invalid("unknown prompt"))?;
            access.check(entry)?;
            let arguments = &entry.definition.arguments;
            let known = arguments.iter().any(|known| known.name == *argument);
            (known, entry.completer(argument))
        }
        CompletionReference::Resource { uri } => {
            let entry = catalog.templates.find(uri, access);
            let entry = entry.ok_or_else(|| invalid("unknown resource template"))?;
            access.check(entry)?;
            let template =
                Template::parse(uri).map_err(|_| invalid("unknown resource template"))?;
            (
                template.variables().contains(argument),
                entry.completer(argument),
            )
        }
    };
    if !known {
        return Err(invalid("unknown argument"));
    }
    Ok(Route::direct(Completing { params, completer }))
}

/// Answers one completion.
struct Completing {
    params: CompleteParams,
    completer: Option<Completer>,
}

impl Handle for Completing {
    fn handle(&self, request: Request) -> RouteFuture {
        let typed = self.params.argument.value.clone();
        let known = self.params.context.clone();
        let suggest = match &self.completer {
            None => return ready(CompletionValues::default()),
            Some(Completer::Fixed(values)) => return ready(matching(values, &typed)),
            Some(Completer::Function(suggest)) => suggest.clone(),
        };
        let start = move |cx: Context| -> BoxFuture<'static, _> {
            let suggested = suggest(typed, known, cx);
            Box::pin(async move { suggested.await.map_err(Failure::from) })
        };
        Box::pin(Guarded::new(Context::new(request), start, |_, answer| {
            answer
                .map(Payload::Completion)
                .map_err(|failure| failure.into_refusal(""))
        }))
    }
}

fn ready(values: CompletionValues) -> RouteFuture {
    answered(Payload::Completion(values))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_come_first() {
        let values = ["alpha", "Beta", "gamma-be", "delta"].map(str::to_owned);
        assert_eq!(matching(&values, "be").values, ["Beta", "gamma-be"]);
        assert_eq!(matching(&values, "").values.len(), 4);
        assert!(matching(&values, "x").values.is_empty());
    }
}
