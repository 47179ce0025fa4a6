//! The client's file-system roots.

use super::AskError;
use crate::{
    context::Context,
    peer::BoxFuture,
    protocol::{Capability, RawJson},
};
use serde::{Deserialize, Serialize};
use std::future::IntoFuture;

/// A place that the client suggests to work in. A hint, not a permission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Root {
    /// A `file:` URI.
    pub uri: String,
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A request for the roots; await it to ask. See [`Context::roots`].
#[derive(Debug)]
#[must_use = "a question is asked when it is awaited"]
pub struct Roots<'a> {
    context: &'a Context,
    key: String,
}

impl<'a> Roots<'a> {
    pub(super) fn new(context: &'a Context, key: String) -> Self {
        Self { context, key }
    }
}

impl<'a> IntoFuture for Roots<'a> {
    type Output = Result<Vec<Root>, AskError>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        #[derive(Deserialize)]
        struct Answer {
            roots: Vec<Root>,
        }
        Box::pin(async move {
            // Some clients cannot read the request without its empty parameters.
            let params = serde_json::Map::new();
            let read = |answer: &RawJson| {
                let answer = answer.parse::<Answer>();
                answer.map_err(|_| "the client's roots are malformed".to_owned())
            };
            let (method, requires) = ("roots/list", Capability::Roots);
            let asked = self.context.ask(self.key, method, &params, requires, read);
            Ok(asked.await?.roots)
        })
    }
}
