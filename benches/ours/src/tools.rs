//! The fifty tools, and more where more are asked for.

use mcp_tower::{
    Context, Entry, Server, ToolError, ToolResult, core::ServerBuilder, mcp_tool, protocol::Tool,
};

/// Add two integers.
#[mcp_tool]
async fn add(a: i64, b: i64) -> String {
    (a + b).to_string()
}

/// Say the same.
#[mcp_tool]
async fn echo(text: String) -> String {
    text
}

/// Report progress ten times.
#[mcp_tool]
async fn progress(cx: Context) -> &'static str {
    for step in 1..=10 {
        cx.progress(f64::from(step))
            .total(10.0)
            .message("working")
            .await;
    }
    "done"
}

macro_rules! more {
    ($($name:ident)*) => {
        $(
            /// One of many tools.
            #[mcp_tool]
            async fn $name(number: i64, text: String) -> String {
                format!("{text} {number}")
            }
        )*

        fn many(builder: ServerBuilder) -> ServerBuilder {
            builder$(.tool($name))*
        }
    };
}

more! {
    tool_03 tool_04 tool_05 tool_06 tool_07 tool_08 tool_09
    tool_10 tool_11 tool_12 tool_13 tool_14 tool_15 tool_16 tool_17 tool_18 tool_19
    tool_20 tool_21 tool_22 tool_23 tool_24 tool_25 tool_26 tool_27 tool_28 tool_29
    tool_30 tool_31 tool_32 tool_33 tool_34 tool_35 tool_36 tool_37 tool_38 tool_39
    tool_40 tool_41 tool_42 tool_43 tool_44 tool_45 tool_46 tool_47 tool_48 tool_49
}

/// A server with so many tools: three, those of the macro up to fifty, and then made of data.
pub(crate) fn server(tools: usize) -> Server {
    let mut builder = Server::builder("bench", "1.0")
        .tool(add)
        .tool(echo)
        .tool(progress);
    let mut have = 3;
    if tools >= 50 {
        builder = many(builder);
        have = 50;
    }
    for number in have..tools {
        let tool = Tool::new(format!("more_{number}")).with_description("One of many tools.");
        builder = builder.entry(Entry::tool(tool, |_, _| async {
            Ok::<_, ToolError>(ToolResult::text(""))
        }));
    }
    builder.build()
}
