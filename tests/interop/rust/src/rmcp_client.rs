//! The client of the official Rust SDK.

#![allow(
    deprecated,
    reason = "what a revision has lost is tested in the others"
)]

use crate::{
    case::{Case, Heard, Peer},
    session::{Fault, List, Outcome, Session},
};
use rmcp::{
    ClientHandler, ClientLifecycleMode, ClientServiceExt, ErrorData, RoleClient,
    model::{
        ClientConfig, CreateMessageRequestParams, CreateMessageResult, ElicitRequestParams,
        ElicitResult, LoggingMessageNotificationParam, ProgressNotificationParam, ProtocolVersion,
        ResourceUpdatedNotificationParam, ServerNotification,
    },
    service::{
        ClientInitializeError, NotificationContext, RequestContext, RunningService, ServiceError,
    },
    transport::{StreamableHttpClientTransport, TokioChildProcess},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

pub(crate) struct Rmcp {
    running: RunningService<RoleClient, Handler>,
    peer: Peer,
}

struct Handler(Peer);

impl ClientHandler for Handler {
    async fn create_message(
        &self,
        _: CreateMessageRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<CreateMessageResult, ErrorData> {
        Ok(typed(self.0.sample()).expect("rmcp reads the answer"))
    }

    async fn create_elicitation(
        &self,
        request: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let request = serde_json::to_value(request).expect("what was read can be written");
        Ok(typed(self.0.fill(&request["requestedSchema"])).expect("rmcp reads the answer"))
    }

    async fn on_progress(
        &self,
        params: ProgressNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        self.0.hear(Heard::Progress(params.progress, params.total));
    }

    async fn on_logging_message(
        &self,
        params: LoggingMessageNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        self.0.hear(Heard::Log(params.data));
    }

    async fn on_resource_updated(
        &self,
        params: ResourceUpdatedNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        self.0.hear(Heard::Updated(params.uri));
    }

    async fn on_tool_list_changed(&self, _: NotificationContext<RoleClient>) {
        self.0.hear(Heard::ToolsChanged);
    }

    fn get_info(&self) -> ClientConfig {
        typed(json!({
            "protocolVersion": ProtocolVersion::LATEST,
            "capabilities": {"sampling": {}, "elicitation": {}},
            "clientInfo": {"name": "interop-rmcp", "version": "1"},
        }))
        .expect("rmcp reads its own parameters")
    }
}

fn typed<T: DeserializeOwned>(value: Value) -> Outcome<T> {
    Ok(serde_json::from_value(value)?)
}

fn value<T: Serialize>(result: Result<T, ServiceError>) -> Outcome<Value> {
    Ok(serde_json::to_value(result?)?)
}

impl From<ServiceError> for Fault {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::McpError(error) => Self::Refused(error.code.0.into(), error.to_string()),
            other => Self::Other(other.to_string()),
        }
    }
}

impl From<ClientInitializeError> for Fault {
    fn from(error: ClientInitializeError) -> Self {
        Self::Other(error.to_string())
    }
}

impl Session for Rmcp {
    const NAME: &str = "rmcp";

    async fn open(case: &Case, peer: Peer) -> Outcome<Self> {
        let preferred_versions = vec![ProtocolVersion::V_2026_07_28];
        let lifecycle = match (case.modern(), case.asking) {
            (true, true) => ClientLifecycleMode::Auto {
                preferred_versions,
                legacy_version: None,
            },
            (true, false) => ClientLifecycleMode::Discover { preferred_versions },
            (false, _) => ClientLifecycleMode::Initialize,
        };
        let handler = Handler(peer.clone());
        let running = match case.command() {
            Some(command) => {
                let child = TokioChildProcess::new(command).map_err(|error| error.to_string())?;
                handler.serve_with_lifecycle(child, lifecycle).await?
            }
            None => {
                let transport = StreamableHttpClientTransport::from_uri(case.url());
                handler.serve_with_lifecycle(transport, lifecycle).await?
            }
        };
        Ok(Self { running, peer })
    }

    async fn revision(&self) -> String {
        let agreed = self.running.peer_info();
        agreed.map_or_else(String::new, |info| info.protocol_version.to_string())
    }

    async fn offered(&self) -> Outcome<Value> {
        let info = self.running.peer_info().ok_or("no peer info")?;
        Ok(json!({"serverInfo": info.server_info, "capabilities": info.capabilities}))
    }

    async fn list(&self, list: List) -> Outcome<Value> {
        match list {
            List::Tools => value(self.running.list_tools(None).await),
            List::Resources => value(self.running.list_resources(None).await),
            List::Templates => value(self.running.list_resource_templates(None).await),
            List::Prompts => value(self.running.list_prompts(None).await),
        }
    }

    async fn call(&self, tool: &str, arguments: Value) -> Outcome<Value> {
        let params = typed(json!({"name": tool, "arguments": arguments}))?;
        value(self.running.call_tool(params).await)
    }

    async fn call_with_logs(&self, tool: &str) -> Outcome<Value> {
        let meta = json!({"io.modelcontextprotocol/logLevel": "debug"});
        value(
            self.running
                .call_tool(typed(json!({"name": tool, "_meta": meta}))?)
                .await,
        )
    }

    async fn read(&self, uri: &str) -> Outcome<Value> {
        value(
            self.running
                .read_resource(typed(json!({"uri": uri}))?)
                .await,
        )
    }

    async fn prompt(&self, name: &str, arguments: Value) -> Outcome<Value> {
        let params = typed(json!({"name": name, "arguments": arguments}))?;
        value(self.running.get_prompt(params).await)
    }

    async fn complete(&self, prompt: &str, argument: &str, value: &str) -> Outcome<Value> {
        let values = self
            .running
            .complete_prompt_simple(prompt, argument, value)
            .await?;
        Ok(json!({"completion": {"values": values}}))
    }

    async fn log_level(&self, level: &str) -> Outcome<()> {
        Ok(self
            .running
            .set_level(typed(json!({"level": level}))?)
            .await?)
    }

    async fn subscribe(&self, uri: &str) -> Outcome<()> {
        Ok(self.running.subscribe(typed(json!({"uri": uri}))?).await?)
    }

    async fn unsubscribe(&self, uri: &str) -> Outcome<()> {
        Ok(self
            .running
            .unsubscribe(typed(json!({"uri": uri}))?)
            .await?)
    }

    async fn listen(&self, filter: Value) -> Outcome<()> {
        let mut subscription = self.running.listen(typed(filter)?).await?;
        let peer = self.peer.clone();
        tokio::spawn(async move {
            while let Ok(Some(heard)) = subscription.next().await {
                match heard {
                    ServerNotification::ToolListChangedNotification(_) => {
                        peer.hear(Heard::ToolsChanged)
                    }
                    ServerNotification::ResourceUpdatedNotification(update) => {
                        peer.hear(Heard::Updated(update.params.uri));
                    }
                    _ => {}
                }
            }
        });
        Ok(())
    }

    async fn close(mut self) {
        let _ = self.running.close().await;
    }
}
