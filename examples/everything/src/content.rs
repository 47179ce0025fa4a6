//! Every kind of content.

use mcp_tower::{ContentBlock, ResourceContents, ToolResult, mcp_tool};

/// A PNG of one red pixel.
pub(crate) const PIXEL: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, b'I', b'H', b'D', b'R',
    0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x02, 0x00, 0x00, 0x00, 0x90, 0x77, 0x53,
    0xde, 0x00, 0x00, 0x00, 0x0c, b'I', b'D', b'A', b'T', 0x08, 0xd7, 0x63, 0xf8, 0xcf, 0xc0, 0x00,
    0x00, 0x03, 0x01, 0x01, 0x00, 0x18, 0xdd, 0x8d, 0xb0, 0x00, 0x00, 0x00, 0x00, b'I', b'E', b'N',
    b'D', 0xae, 0x42, 0x60, 0x82,
];

/// A WAV file without samples.
const SILENCE: &[u8] =
    b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\0\0\0";

/// Answer with an image.
#[mcp_tool(read_only)]
pub(crate) async fn test_image_content() -> ContentBlock {
    ContentBlock::image(PIXEL, "image/png")
}

/// Answer with sound.
#[mcp_tool(read_only)]
pub(crate) async fn test_audio_content() -> ContentBlock {
    ContentBlock::audio(SILENCE, "audio/wav")
}

/// Answer with an embedded resource.
#[mcp_tool(read_only)]
pub(crate) async fn test_embedded_resource() -> ResourceContents {
    ResourceContents::text(
        "test://embedded-resource",
        "This is an embedded resource content.",
    )
    .with_mime_type("text/plain")
}

/// Answer with several kinds of content.
#[mcp_tool(read_only)]
pub(crate) async fn test_multiple_content_types() -> ToolResult {
    let resource = ResourceContents::text(
        "test://mixed-content-resource",
        r#"{"test":"data","value":123}"#,
    );
    ToolResult::text("Multiple content types test:")
        .with_content(ContentBlock::image(PIXEL, "image/png"))
        .with_content(ContentBlock::resource(
            resource.with_mime_type("application/json"),
        ))
}
