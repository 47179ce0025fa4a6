//! The fifty tools, by turbomcp's macros.

use turbomcp::prelude::*;

#[derive(Clone)]
pub(crate) struct Tools;

macro_rules! tools {
    ($($name:ident)*) => {
        #[server(name = "bench", version = "1.0")]
        impl Tools {
            #[tool(description = "Add two integers.")]
            async fn add(&self, a: i64, b: i64) -> String {
                (a + b).to_string()
            }

            #[tool(description = "Say the same.")]
            async fn echo(&self, text: String) -> String {
                text
            }

            #[tool(description = "Report progress ten times.")]
            async fn progress(&self, cx: &CallToolContext) -> String {
                for step in 1..=10 {
                    cx.progress.report(f64::from(step), Some(10.0), Some("working")).await;
                }
                "done".to_owned()
            }

            $(
                #[tool(description = "One of many tools.")]
                async fn $name(&self, number: i64, text: String) -> String {
                    format!("{text} {number}")
                }
            )*
        }
    };
}

tools! {
    tool_03 tool_04 tool_05 tool_06 tool_07 tool_08 tool_09
    tool_10 tool_11 tool_12 tool_13 tool_14 tool_15 tool_16 tool_17 tool_18 tool_19
    tool_20 tool_21 tool_22 tool_23 tool_24 tool_25 tool_26 tool_27 tool_28 tool_29
    tool_30 tool_31 tool_32 tool_33 tool_34 tool_35 tool_36 tool_37 tool_38 tool_39
    tool_40 tool_41 tool_42 tool_43 tool_44 tool_45 tool_46 tool_47 tool_48 tool_49
}
