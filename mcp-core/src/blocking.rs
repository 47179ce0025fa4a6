//! Work that blocks.

use crate::error::ToolError;

/// Runs blocking work on a thread of its own and waits for it.
///
/// Tools are `async`; a file system walk or a long computation would hold up everything else on
/// their thread. The work goes on when the call is cancelled: threads cannot be stopped.
///
/// ```
/// use mcp_core::{ToolError, blocking, mcp_tool};
///
/// #[mcp_tool]
/// async fn digest(path: String) -> Result<usize, ToolError> {
///     let bytes = blocking(move || std::fs::read(path)).await??;
///     Ok(bytes.len())
/// }
/// ```
///
/// # Errors
/// An internal error when the work panics.
///
/// # Panics
/// Outside a tokio runtime.
pub async fn blocking<T, F>(work: F) -> Result<T, ToolError>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    tokio::task::spawn_blocking(work)
        .await
        .map_err(ToolError::internal)
}
