//! The fifty tools, by rmcp's macros.

use rmcp::{
    Peer, RoleServer, ServerHandler,
    handler::server::{router::tool::ToolRouter, wrapper::Parameters},
    model::{ProgressNotificationParam, RequestMetaObject, ServerCapabilities, ServerConfig},
    tool, tool_handler, tool_router,
};
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

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

#[derive(Clone)]
pub(crate) struct Tools {
    // Shared: otherwise each request without a session makes or clones the whole of it.
    router: Arc<ToolRouter<Self>>,
}

impl Tools {
    pub(crate) fn new() -> Self {
        Self {
            router: Arc::new(Self::tool_router()),
        }
    }
}

#[tool_handler(router = self.router)]
impl ServerHandler for Tools {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }
}

macro_rules! tools {
    ($($name:ident)*) => {
        #[tool_router]
        impl Tools {
            #[tool(description = "Add two integers.")]
            async fn add(&self, Parameters(Add { a, b }): Parameters<Add>) -> String {
                (a + b).to_string()
            }

            #[tool(description = "Say the same.")]
            async fn echo(&self, Parameters(Echo { text }): Parameters<Echo>) -> String {
                text
            }

            #[tool(description = "Report progress ten times.")]
            async fn progress(&self, meta: RequestMetaObject, client: Peer<RoleServer>) -> String {
                let Some(token) = meta.get_progress_token() else {
                    return "nobody asked".to_owned();
                };
                for step in 1..=10 {
                    let update = ProgressNotificationParam::new(token.clone(), f64::from(step))
                        .with_total(10.0)
                        .with_message("working");
                    if client.notify_progress(update).await.is_err() {
                        return "nobody listens".to_owned();
                    }
                }
                "done".to_owned()
            }

            $(
                #[tool(description = "One of many tools.")]
                async fn $name(&self, Parameters(More { number, text }): Parameters<More>) -> String {
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
