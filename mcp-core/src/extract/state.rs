//! The application's state.

use super::FromContext;
use crate::{context::Context, error::RequestError};

/// A part of the server's state, cloned for the call.
///
/// `T` is the whole state given to `.state(..)`, or anything made from it by [`FromRef`].
///
/// ```
/// use mcp_core::{FromRef, Server, State, mcp_tool};
///
/// #[derive(Clone)]
/// struct Db;
/// #[derive(Clone)]
/// struct App {
///     db: Db,
/// }
/// impl FromRef<App> for Db {
///     fn from_ref(app: &App) -> Self {
///         app.db.clone()
///     }
/// }
///
/// #[mcp_tool]
/// async fn count(State(db): State<Db>) -> String {
///     let _ = db;
///     "0".to_owned()
/// }
///
/// Server::builder("library", "1.0").state(App { db: Db }).tool(count).build();
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct State<T>(pub T);

/// Making one value from a reference to another: a part from the state.
pub trait FromRef<T> {
    /// Makes the value.
    fn from_ref(input: &T) -> Self;
}

impl<T: Clone> FromRef<T> for T {
    fn from_ref(input: &T) -> T {
        input.clone()
    }
}

impl<S: Sync, T: FromRef<S> + Send> FromContext<S> for State<T> {
    async fn from_context(_: &Context, state: &S) -> Result<Self, RequestError> {
        Ok(Self(T::from_ref(state)))
    }
}
