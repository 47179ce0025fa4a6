//! Prompts.

use crate::content::PIXEL;
use mcp_tower::{
    ContentBlock, Context, PromptMessage, RequestError, ResourceContents, mcp_prompt,
    protocol::CompletionContext,
};

/// A prompt without arguments.
#[mcp_prompt]
pub(crate) async fn test_simple_prompt() -> &'static str {
    "This is a simple prompt for testing."
}

/// A prompt with two arguments.
#[mcp_prompt]
pub(crate) async fn test_prompt_with_arguments(
    /// The first argument.
    arg1: String,
    /// The second argument.
    arg2: String,
) -> String {
    format!("Prompt with arguments: arg1='{arg1}', arg2='{arg2}'")
}

/// Suggests values for the first argument.
pub(crate) async fn suggest(
    typed: String,
    _known: CompletionContext,
    _cx: Context,
) -> Result<Vec<String>, RequestError> {
    let values = ["test", "testing", "tested"].into_iter();
    Ok(values
        .filter(|value| value.starts_with(&typed))
        .map(str::to_owned)
        .collect())
}

/// A prompt that embeds a resource.
#[mcp_prompt]
pub(crate) async fn test_prompt_with_embedded_resource(
    /// The resource to embed.
    #[serde(rename = "resourceUri")]
    resource_uri: String,
) -> [PromptMessage; 2] {
    let resource = ResourceContents::text(resource_uri, "Embedded resource content for testing.");
    [
        PromptMessage::user(ContentBlock::resource(
            resource.with_mime_type("text/plain"),
        )),
        PromptMessage::user("Please process the embedded resource above."),
    ]
}

/// A prompt with an image.
#[mcp_prompt]
pub(crate) async fn test_prompt_with_image() -> [PromptMessage; 2] {
    [
        PromptMessage::user(ContentBlock::image(PIXEL, "image/png")),
        PromptMessage::user("Please analyze the image above."),
    ]
}
