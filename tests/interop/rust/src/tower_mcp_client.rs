//! The client of tower-mcp.

use crate::{
    case::{Case, Heard, Peer},
    session::{Fault, List, Outcome, Session},
};
use async_trait::async_trait;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use tokio::sync::Mutex;
use tower_mcp::{
    JsonRpcError,
    client::{
        ClientHandler, HttpClientTransport, McpClient, McpClientBuilder, ServerNotification,
        StdioClientTransport, SubscriptionHandle,
    },
    protocol::{CreateMessageParams, CreateMessageResult, ElicitRequestParams, ElicitResult},
};

pub(crate) struct TowerMcp {
    client: McpClient,
    listening: Mutex<Vec<SubscriptionHandle>>,
}

struct Handler(Peer);

fn answer<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, JsonRpcError> {
    serde_json::from_value(value).map_err(|error| JsonRpcError::internal_error(error.to_string()))
}

#[async_trait]
impl ClientHandler for Handler {
    async fn handle_create_message(
        &self,
        _: CreateMessageParams,
    ) -> Result<CreateMessageResult, JsonRpcError> {
        answer(self.0.sample())
    }

    async fn handle_elicit(
        &self,
        params: ElicitRequestParams,
    ) -> Result<ElicitResult, JsonRpcError> {
        let request = serde_json::to_value(params).unwrap_or_default();
        answer(self.0.fill(&request["requestedSchema"]))
    }

    async fn on_notification(&self, notification: ServerNotification) {
        match notification {
            ServerNotification::Progress(params) => {
                self.0.hear(Heard::Progress(params.progress, params.total));
            }
            ServerNotification::LogMessage(params) => self.0.hear(Heard::Log(params.data)),
            ServerNotification::ToolsListChanged => self.0.hear(Heard::ToolsChanged),
            ServerNotification::ResourceUpdated { uri } => self.0.hear(Heard::Updated(uri)),
            ServerNotification::Subscription { notification, .. } => {
                self.on_notification(*notification).await;
            }
            _ => {}
        }
    }
}

fn value<T: Serialize>(result: tower_mcp::Result<T>) -> Outcome<Value> {
    Ok(serde_json::to_value(result?)?)
}

impl From<tower_mcp::Error> for Fault {
    fn from(error: tower_mcp::Error) -> Self {
        match error {
            tower_mcp::Error::JsonRpc(error) => Self::Refused(error.code.into(), error.to_string()),
            other => Self::Other(other.to_string()),
        }
    }
}

impl Session for TowerMcp {
    const NAME: &str = "tower-mcp";

    async fn open(case: &Case, peer: Peer) -> Outcome<Self> {
        let builder = McpClientBuilder::new()
            .with_sampling()
            .with_elicitation()
            .request_progress();
        let handler = Handler(peer);
        let client = match case.command() {
            Some(mut command) => {
                let transport = StdioClientTransport::spawn_command(&mut command).await?;
                builder.connect(transport, handler).await?
            }
            None => {
                builder
                    .connect(HttpClientTransport::new(case.url()), handler)
                    .await?
            }
        };
        if case.modern() {
            client.discover("interop-tower-mcp", "1").await?;
        } else {
            client.initialize("interop-tower-mcp", "1").await?;
        }
        Ok(Self {
            client,
            listening: Mutex::default(),
        })
    }

    async fn revision(&self) -> String {
        if let Some(info) = self.client.server_info().await {
            return info.protocol_version;
        }
        self.client
            .selected_protocol_version()
            .await
            .unwrap_or_default()
    }

    async fn offered(&self) -> Outcome<Value> {
        if let Some(discovery) = self.client.discovery().await {
            let found = serde_json::to_value(discovery)?;
            let info = &found["_meta"]["io.modelcontextprotocol/serverInfo"];
            return Ok(json!({"serverInfo": info, "capabilities": found["capabilities"]}));
        }
        Ok(serde_json::to_value(self.client.server_info().await)?)
    }

    async fn list(&self, list: List) -> Outcome<Value> {
        match list {
            List::Tools => value(self.client.list_tools().await),
            List::Resources => value(self.client.list_resources().await),
            List::Templates => value(self.client.list_resource_templates().await),
            List::Prompts => value(self.client.list_prompts().await),
        }
    }

    async fn call(&self, tool: &str, arguments: Value) -> Outcome<Value> {
        value(self.client.call_tool(tool, arguments).await)
    }

    async fn call_with_logs(&self, tool: &str) -> Outcome<Value> {
        let level = serde_json::from_value(json!("debug"))?;
        self.client.set_request_log_level(Some(level)).await;
        self.call(tool, json!({})).await
    }

    async fn read(&self, uri: &str) -> Outcome<Value> {
        value(self.client.read_resource(uri).await)
    }

    async fn prompt(&self, name: &str, arguments: Value) -> Outcome<Value> {
        let arguments: HashMap<String, String> = serde_json::from_value(arguments)?;
        value(self.client.get_prompt(name, Some(arguments)).await)
    }

    async fn complete(&self, prompt: &str, argument: &str, typed: &str) -> Outcome<Value> {
        value(
            self.client
                .complete_prompt_arg(prompt, argument, typed)
                .await,
        )
    }

    async fn log_level(&self, level: &str) -> Outcome<()> {
        let _: Value = self
            .client
            .request("logging/setLevel", &json!({"level": level}))
            .await?;
        Ok(())
    }

    async fn subscribe(&self, uri: &str) -> Outcome<()> {
        Ok(self.client.subscribe_resource(uri).await?)
    }

    async fn unsubscribe(&self, uri: &str) -> Outcome<()> {
        Ok(self.client.unsubscribe_resource(uri).await?)
    }

    async fn listen(&self, filter: Value) -> Outcome<()> {
        let filter = serde_json::from_value(filter)?;
        let mut subscription = self.client.listen_subscriptions(filter).await?;
        subscription.acknowledged().await?;
        self.listening.lock().await.push(subscription);
        Ok(())
    }

    async fn close(self) {
        for subscription in self.listening.into_inner() {
            let _ = subscription.cancel().await;
        }
        let _ = self.client.shutdown().await;
    }
}
