//! What a resource may return.

use crate::{
    error::{Failure, RequestError},
    protocol::{ReadResult, ResourceContents},
    tool::Json,
};
use bytes::Bytes;
use serde::Serialize;

/// A value that a resource can return: text, bytes, [`Json`], [`ResourceContents`], a list of
/// them, a [`ReadResult`]; an `Option`, whose `None` means that there is no such resource; or a
/// `Result` of those.
///
/// An empty URI and an absent media type are filled in from the request and the definition.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be returned from an MCP resource",
    label = "not the contents of a resource",
    note = "return text, bytes, `Json<T>`, `ResourceContents`, `ReadResult`, or an `Option` or `Result` of those"
)]
pub trait IntoReadResult: Sized {
    /// The contents.
    ///
    /// # Errors
    /// The handler's error, or that there is no such resource.
    fn into_read_result(self) -> Result<ReadResult, Failure>;
}

macro_rules! contents {
    ($($type:ty => $constructor:ident),*) => {$(
        impl IntoReadResult for $type {
            fn into_read_result(self) -> Result<ReadResult, Failure> {
                ResourceContents::$constructor("", self).into_read_result()
            }
        }
    )*};
}
contents!(String => text, &'static str => text, Vec<u8> => blob, Bytes => blob, &'static [u8] => blob);

impl IntoReadResult for ResourceContents {
    fn into_read_result(self) -> Result<ReadResult, Failure> {
        Ok(ReadResult::new([self]))
    }
}

impl IntoReadResult for Vec<ResourceContents> {
    fn into_read_result(self) -> Result<ReadResult, Failure> {
        Ok(ReadResult::new(self))
    }
}

impl IntoReadResult for ReadResult {
    fn into_read_result(self) -> Result<ReadResult, Failure> {
        Ok(self)
    }
}

impl<T: Serialize> IntoReadResult for Json<T> {
    fn into_read_result(self) -> Result<ReadResult, Failure> {
        let text = serde_json::to_string(&self.0).map_err(RequestError::from)?;
        ResourceContents::text("", text)
            .with_mime_type("application/json")
            .into_read_result()
    }
}

#[diagnostic::do_not_recommend]
impl<T: IntoReadResult> IntoReadResult for Option<T> {
    fn into_read_result(self) -> Result<ReadResult, Failure> {
        match self {
            Some(value) => value.into_read_result(),
            None => Err(RequestError::not_found().into()),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: IntoReadResult, E: Into<RequestError>> IntoReadResult for Result<T, E> {
    fn into_read_result(self) -> Result<ReadResult, Failure> {
        match self {
            Ok(value) => value.into_read_result(),
            Err(error) => Err(error.into().into()),
        }
    }
}
