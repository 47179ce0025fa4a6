//! What a client asks for, by name.

use super::{Call, TestClient, answer::texts, call::parse, failure::Failure, transport::Outgoing};
use http::{HeaderMap, StatusCode};
use mcp_core::BoxFuture;
use mcp_core::protocol::{
    CompletionValues, Era, LogLevel, Prompt, PromptResult, ReadResult, Resource, ResourceTemplate,
    ServerCapabilities, Tool, ToolResult,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use std::panic::Location;

/// How many pages a list may have: a cursor that leads in circles fails a test.
const MOST_PAGES: usize = 1_000;

impl TestClient {
    /// Calls a tool. The arguments are anything that serializes to an object: `json!({..})`, a
    /// struct, or `()` for none.
    ///
    /// # Panics
    /// When the arguments are no object.
    #[track_caller]
    pub fn call_tool(&self, name: &str, arguments: impl Serialize) -> Call<ToolResult> {
        let params = named(name, arguments);
        self.call("tools/call", params, read_tool, Location::caller())
    }

    /// Gets a prompt. Its arguments are strings.
    ///
    /// # Panics
    /// When the arguments are no object.
    #[track_caller]
    pub fn get_prompt(&self, name: &str, arguments: impl Serialize) -> Call<PromptResult> {
        let params = named(name, arguments);
        self.call("prompts/get", params, parse, Location::caller())
    }

    /// Reads a resource.
    #[track_caller]
    pub fn read_resource(&self, uri: &str) -> Call<ReadResult> {
        let params = object(json!({"uri": uri}));
        self.call("resources/read", params, parse, Location::caller())
    }

    /// Asks for values of an argument of a prompt. What is known of other arguments goes into
    /// `context`: `.param("context", json!({"arguments": {..}}))`.
    #[track_caller]
    pub fn complete_prompt(
        &self,
        name: &str,
        argument: &str,
        typed: &str,
    ) -> Call<CompletionValues> {
        let reference = json!({"type": "ref/prompt", "name": name});
        self.complete(reference, argument, typed, Location::caller())
    }

    /// Asks for values of a variable of a resource template.
    #[track_caller]
    pub fn complete_resource(
        &self,
        template: &str,
        variable: &str,
        typed: &str,
    ) -> Call<CompletionValues> {
        let reference = json!({"type": "ref/resource", "uri": template});
        self.complete(reference, variable, typed, Location::caller())
    }

    fn complete(
        &self,
        reference: Value,
        argument: &str,
        typed: &str,
        caller: &'static Location<'static>,
    ) -> Call<CompletionValues> {
        let argument = json!({"name": argument, "value": typed});
        let params = object(json!({"ref": reference, "argument": argument}));
        let read = |mut result: Value| parse(result["completion"].take());
        self.call("completion/complete", params, read, caller)
    }

    /// Asks whether anybody is there: `ping`, or `server/discover` in 2026-07-28.
    #[track_caller]
    pub fn ping(&self) -> Call<Value> {
        let method = match self.config.revision.era() {
            Era::Legacy => "ping",
            Era::Modern => "server/discover",
        };
        self.call(method, Map::new(), Ok, Location::caller())
    }

    /// Any request, such as one of an extension. The metadata of the revision is added to its
    /// parameters.
    ///
    /// # Panics
    /// When the parameters are no object.
    #[track_caller]
    pub fn request(&self, method: &str, params: impl Serialize) -> Call<Value> {
        self.call(method, arguments_of(params), Ok, Location::caller())
    }

    /// Says from which level on log messages are wanted: with `logging/setLevel` in a session, with
    /// every further request in 2026-07-28.
    ///
    /// # Panics
    /// When the server refuses.
    #[track_caller]
    pub fn set_log_level(&self, level: LogLevel) -> BoxFuture<'_, ()> {
        let set = self.request("logging/setLevel", json!({"level": level}));
        Box::pin(async move {
            match self.config.revision.era() {
                Era::Legacy => {
                    set.await.result();
                }
                Era::Modern => *self.log_level() = Some(level),
            }
        })
    }

    /// All tools that the caller sees, in order.
    ///
    /// # Panics
    /// When the server refuses. `request("tools/list", ())` is for tests of that.
    #[track_caller]
    pub fn list_tools(&self) -> BoxFuture<'_, Vec<Tool>> {
        self.list("tools/list", "tools", Location::caller())
    }

    /// All prompts that the caller sees, in order.
    ///
    /// # Panics
    /// When the server refuses.
    #[track_caller]
    pub fn list_prompts(&self) -> BoxFuture<'_, Vec<Prompt>> {
        self.list("prompts/list", "prompts", Location::caller())
    }

    /// All resources that the caller sees, in order, without templates.
    ///
    /// # Panics
    /// When the server refuses.
    #[track_caller]
    pub fn list_resources(&self) -> BoxFuture<'_, Vec<Resource>> {
        self.list("resources/list", "resources", Location::caller())
    }

    /// All templates of resources that the caller sees, in order.
    ///
    /// # Panics
    /// When the server refuses.
    #[track_caller]
    pub fn list_resource_templates(&self) -> BoxFuture<'_, Vec<ResourceTemplate>> {
        let (method, member) = ("resources/templates/list", "resourceTemplates");
        self.list(method, member, Location::caller())
    }

    fn list<T: DeserializeOwned + Send>(
        &self,
        method: &'static str,
        member: &'static str,
        caller: &'static Location<'static>,
    ) -> BoxFuture<'_, Vec<T>> {
        Box::pin(async move {
            let items = self.list_raw(method, member, caller).await;
            let items = items.into_iter().map(|item| match parse(item) {
                Ok(item) => item,
                Err(failure) => self.fail(caller, method, &failure.report()),
            });
            items.collect()
        })
    }

    /// The items of all pages of a list.
    pub(super) async fn list_raw(
        &self,
        method: &str,
        member: &str,
        caller: &'static Location<'static>,
    ) -> Vec<Value> {
        let mut items = Vec::new();
        let mut params = Map::new();
        for _ in 0..MOST_PAGES {
            let page = self.call(method, params.clone(), Ok, caller).await;
            let mut page = match page.into_result() {
                Ok(page) => page,
                Err(failure) => self.fail(caller, method, &failure.report()),
            };
            if let Value::Array(more) = page[member].take() {
                items.extend(more);
            }
            match page.get("nextCursor") {
                Some(cursor) => params.insert("cursor".to_owned(), cursor.clone()),
                None => return items,
            };
        }
        self.fail(caller, method, "the list has no end")
    }

    /// What the server says that it offers.
    ///
    /// # Panics
    /// When it says nothing.
    #[track_caller]
    pub fn server_capabilities(&self) -> BoxFuture<'_, ServerCapabilities> {
        let caller = Location::caller();
        Box::pin(async move {
            let mut hello = self.hello(caller).await;
            match parse(hello["capabilities"].take()) {
                Ok(capabilities) => capabilities,
                Err(failure) => self.fail(caller, "capabilities", &failure.report()),
            }
        })
    }

    /// What the server says of how to use it.
    ///
    /// # Panics
    /// When the server refuses to say anything.
    #[track_caller]
    pub fn instructions(&self) -> BoxFuture<'_, Option<String>> {
        let caller = Location::caller();
        Box::pin(async move {
            let hello = self.hello(caller).await;
            hello["instructions"].as_str().map(str::to_owned)
        })
    }

    /// How the server has introduced itself.
    async fn hello(&self, caller: &'static Location<'static>) -> Value {
        let hello = match self.open().await {
            Ok(Some(hello)) => return hello.clone(),
            Ok(None) => self
                .call("server/discover", Map::new(), Ok, caller)
                .await
                .into_result(),
            Err(failure) => Err(failure),
        };
        match hello {
            Ok(hello) => hello,
            Err(failure) => self.fail(caller, "introduction", &failure.report()),
        }
    }

    /// Ends the session, as few clients do. Answers with the status of the response.
    ///
    /// # Panics
    /// When there is no response.
    #[track_caller]
    pub fn end_session(&self) -> BoxFuture<'_, StatusCode> {
        let caller = Location::caller();
        Box::pin(async move {
            match self.send(Outgoing::End, &HeaderMap::new()).await {
                Ok(arrived) => arrived.status,
                Err(failure) => self.fail(caller, "DELETE", &failure.report()),
            }
        })
    }

    /// All lists of the server as one JSON text that stays the same as long as they do: members of
    /// objects are sorted, items are in the server's order. Compare it with a file to notice what
    /// a change does to clients.
    ///
    /// ```
    /// use mcp_tower::{Server, mcp_tool, testing::TestClient};
    ///
    /// #[mcp_tool]
    /// async fn greet() -> &'static str {
    ///     "hello"
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let client = TestClient::new(Server::builder("s", "1").tool(greet).build());
    /// // assert_eq!(client.snapshot().await, include_str!("tools.json"));
    /// assert!(client.snapshot().await.contains(r#""name": "greet""#));
    /// # }
    /// ```
    ///
    /// # Panics
    /// When the server refuses.
    #[track_caller]
    pub fn snapshot(&self) -> BoxFuture<'_, String> {
        let caller = Location::caller();
        Box::pin(async move {
            let offered = self.server_capabilities().await;
            let (tools, prompts) = (offered.tools.is_some(), offered.prompts.is_some());
            let resources = offered.resources.is_some();
            let lists = [
                (tools, "tools/list", "tools"),
                (prompts, "prompts/list", "prompts"),
                (resources, "resources/list", "resources"),
                (resources, "resources/templates/list", "resourceTemplates"),
            ];
            let mut all = Map::new();
            for (_, method, member) in lists.into_iter().filter(|list| list.0) {
                let items = self.list_raw(method, member, caller).await;
                all.insert(member.to_owned(), Value::Array(items));
            }
            format!("{:#}\n", sorted(Value::Object(all)))
        })
    }
}

/// The parameters of a request about something that has a name.
#[track_caller]
fn named(name: &str, arguments: impl Serialize) -> Map<String, Value> {
    object(json!({"name": name, "arguments": arguments_of(arguments)}))
}

#[track_caller]
fn arguments_of(arguments: impl Serialize) -> Map<String, Value> {
    let arguments = serde_json::to_value(arguments).expect("arguments have to serialize");
    match arguments {
        Value::Object(arguments) => arguments,
        Value::Null => Map::new(),
        other => panic!("arguments are an object, `json!({{..}})`, or `()` for none, not {other}"),
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// A result of a tool, which may say that it failed.
fn read_tool(result: Value) -> Result<ToolResult, Failure> {
    let result: ToolResult = parse(result)?;
    if !result.is_error {
        return Ok(result);
    }
    Err(Failure::tool(texts(result.content.iter())))
}

/// The same value with the members of all objects in order.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.into_iter().collect();
            members.sort_by(|one, other| one.0.cmp(&other.0));
            let members = members.into_iter();
            Value::Object(members.map(|(name, value)| (name, sorted(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
