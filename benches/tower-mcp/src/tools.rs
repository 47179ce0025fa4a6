//! The fifty tools, by tower-mcp's builder.

use schemars::JsonSchema;
use serde::Deserialize;
use tower_mcp::{
    CallToolResult, McpRouter, Tool, ToolBuilder,
    extract::{Context, Json},
};

#[derive(Deserialize, JsonSchema)]
struct Add {
    a: i64,
    b: i64,
}

#[derive(Deserialize, JsonSchema)]
struct Echo {
    text: String,
}

#[derive(Deserialize, JsonSchema)]
struct More {
    number: i64,
    text: String,
}

#[derive(Deserialize, JsonSchema)]
struct Nothing {}

pub(crate) fn router() -> McpRouter {
    let add = ToolBuilder::new("add")
        .description("Add two integers.")
        .handler(|Add { a, b }: Add| async move { Ok(CallToolResult::text((a + b).to_string())) })
        .build();
    let echo = ToolBuilder::new("echo")
        .description("Say the same.")
        .handler(|Echo { text }: Echo| async move { Ok(CallToolResult::text(text)) })
        .build();
    let progress = ToolBuilder::new("progress")
        .description("Report progress ten times.")
        .extractor_handler(
            (),
            |cx: Context, Json(Nothing {}): Json<Nothing>| async move {
                for step in 1..=10 {
                    cx.report_progress(f64::from(step), Some(10.0), Some("working"))
                        .await;
                }
                Ok(CallToolResult::text("done"))
            },
        )
        .build();
    let router = McpRouter::new()
        .server_info("bench", "1.0")
        .tool(add)
        .tool(echo)
        .tool(progress);
    (3..50).fold(router, |router, number| router.tool(more(number)))
}

fn more(number: usize) -> Tool {
    ToolBuilder::new(format!("tool_{number:02}"))
        .description("One of many tools.")
        .handler(|More { number, text }: More| async move {
            Ok(CallToolResult::text(format!("{text} {number}")))
        })
        .build()
}
