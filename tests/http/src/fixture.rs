//! A server with one of each.

use http::HeaderMap;
use mcp_tower::{
    Args, ContentBlock, Context, Entry, Extension, Headers, Json, LogLevel, McpService, PeerAddr,
    Principal, PromptMessage, RequestError, ResourceContents, Scopes, Server, State, ToolError,
    ToolResult,
    core::ServerBuilder,
    mcp_prompt, mcp_resource, mcp_tool,
    protocol::{CompletionContext, Icon, RawJson, ResourceItem, Tool},
};
use serde::{Deserialize, Serialize};
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::{sync::Notify, time::timeout};

/// What the application around MCP knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tenant(pub &'static str);

/// Add two integers.
#[mcp_tool(read_only)]
async fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// Answer with a structured value that is no object.
#[mcp_tool]
async fn total(numbers: Vec<i64>) -> Json<i64> {
    Json(numbers.iter().sum())
}

#[derive(Serialize, schemars::JsonSchema)]
struct Weather {
    city: String,
    degrees: f64,
}

/// Answer with an object. The tool has everything that later revisions have added.
#[mcp_tool(
    title = "Forecast",
    read_only,
    icon(src = "https://example.com/sun.png")
)]
async fn forecast(city: String) -> Json<Weather> {
    Json(Weather {
        city,
        degrees: 21.5,
    })
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Find {
    query: String,
    filter: Option<Filter>,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Filter {
    years: Vec<u16>,
    order: Order,
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Order {
    Newest,
    Oldest,
}

/// Take nested arguments.
#[mcp_tool]
async fn find(Args(find): Args<Find>) -> String {
    let filter = find.filter.map(|filter| {
        let order = match filter.order {
            Order::Newest => "newest",
            Order::Oldest => "oldest",
        };
        format!(" {order} of {:?}", filter.years)
    });
    format!("{}{}", find.query, filter.unwrap_or_default())
}

/// Take a limit that has bounds.
#[mcp_tool]
async fn limited(#[schemars(range(min = 1, max = 50))] limit: u8) -> u8 {
    limit
}

/// Panic.
#[mcp_tool]
async fn boom() -> String {
    panic!("a secret in a panic")
}

/// Fail with an error that was not written for clients.
#[mcp_tool]
async fn leak() -> Result<String, ToolError> {
    Err(std::io::Error::other("a secret in an error"))?
}

/// Fail with an error that was.
#[mcp_tool]
async fn explain() -> Result<String, ToolError> {
    Err(ToolError::new("try a smaller number"))
}

/// Answer with every kind of content.
#[mcp_tool]
async fn media() -> ToolResult {
    let item = ResourceItem::new("doc://readme", "readme").with_title("Read me");
    ToolResult::text("words")
        .with_content(ContentBlock::image(b"png", "image/png"))
        .with_content(ContentBlock::audio(b"wav", "audio/wav"))
        .with_content(ContentBlock::resource(ResourceContents::text(
            "doc://x", "x",
        )))
        .with_content(ContentBlock::resource_link(item.to_resource()))
}

/// Need a capability of the client.
#[mcp_tool(requires(sampling))]
async fn sample() -> &'static str {
    "sampled"
}

/// Mirror three arguments in headers.
#[mcp_tool]
async fn route_to(
    #[mcp(header = "Region")] region: String,
    #[mcp(header = "Shard")] shard: Option<i64>,
    #[mcp(header = "Dry-Run")] dry_run: Option<bool>,
) -> String {
    format!("{region} {shard:?} {dry_run:?}")
}

/// Report progress, and log.
#[mcp_tool]
async fn talk(cx: Context) -> &'static str {
    cx.progress(1.0).total(2.0).message("half").await;
    cx.progress(1.0).message("not more than before").await;
    cx.log(LogLevel::Debug, "details").await;
    cx.log(LogLevel::Warning, "careful").await;
    cx.progress(2.0).total(2.0).await;
    "told"
}

#[derive(Serialize)]
struct Who {
    tenant: &'static str,
    subject: Option<String>,
    peer: Option<u16>,
    trace: Option<String>,
    scopes: String,
}

fn who(
    tenant: Tenant,
    headers: &HeaderMap,
    principal: &Principal,
    scopes: &Scopes,
    peer: Option<PeerAddr>,
) -> Who {
    let trace = headers.get("x-trace");
    Who {
        tenant: tenant.0,
        subject: principal.subject().map(str::to_owned),
        peer: peer.map(|peer| peer.0.port()),
        trace: trace.map(|trace| trace.to_str().unwrap().to_owned()),
        scopes: scopes.to_string(),
    }
}

/// Tell what is known of the caller.
#[mcp_tool]
async fn who_tool(
    Extension(tenant): Extension<Tenant>,
    Headers(headers): Headers,
    principal: Principal,
    scopes: Scopes,
    peer: Option<Extension<PeerAddr>>,
) -> String {
    let who = who(
        tenant,
        &headers,
        &principal,
        &scopes,
        peer.map(|peer| peer.0),
    );
    serde_json::to_string(&who).unwrap()
}

/// The same as a prompt.
#[mcp_prompt]
async fn who_prompt(
    Extension(tenant): Extension<Tenant>,
    Headers(headers): Headers,
    principal: Principal,
    scopes: Scopes,
    peer: Option<Extension<PeerAddr>>,
) -> String {
    let who = who(
        tenant,
        &headers,
        &principal,
        &scopes,
        peer.map(|peer| peer.0),
    );
    serde_json::to_string(&who).unwrap()
}

/// The same as a resource.
#[mcp_resource("who://am-i")]
async fn who_resource(
    Extension(tenant): Extension<Tenant>,
    Headers(headers): Headers,
    principal: Principal,
    scopes: Scopes,
    peer: Option<Extension<PeerAddr>>,
) -> Json<Who> {
    Json(who(
        tenant,
        &headers,
        &principal,
        &scopes,
        peer.map(|peer| peer.0),
    ))
}

/// The same as suggested values.
async fn who_completion(
    _: String,
    _: CompletionContext,
    cx: Context,
) -> Result<[String; 1], RequestError> {
    let tenant = *cx.extensions().get::<Tenant>().unwrap();
    let headers = &cx.http().unwrap().headers;
    let peer = cx.extensions().get().copied();
    let who = who(tenant, headers, cx.principal(), &cx.facts().scopes, peer);
    Ok([serde_json::to_string(&who).unwrap()])
}

/// Greet somebody.
#[mcp_prompt(title = "Greeting")]
async fn greet(name: String, mood: Option<String>) -> [PromptMessage; 2] {
    let mood = mood.unwrap_or_else(|| "kind".to_owned());
    [
        PromptMessage::user(format!("Greet {name} in a {mood} way.")),
        PromptMessage::assistant(ContentBlock::audio(b"wav", "audio/wav")),
    ]
}

/// A text.
#[mcp_resource("doc://readme", title = "Read me", mime_type = "text/plain")]
async fn readme() -> &'static str {
    "read me"
}

/// A page by number.
#[mcp_resource("page://{number}", mime_type = "text/plain")]
async fn page(number: u8) -> Option<String> {
    (number < 3).then(|| format!("page {number}"))
}

/// Fail with an error that was not written for clients.
#[mcp_resource("leak://resource")]
async fn leak_resource() -> Result<String, std::io::Error> {
    Err(std::io::Error::other("a secret in an error"))
}

/// A tool whose schema was written by hand, over several lines.
fn handwritten() -> Entry<Tool> {
    let schema = "{\n  \"type\": \"object\",\r\n  \"properties\": {\n    \"n\": { \"type\": \"integer\" }\n  }\n}";
    let tool = Tool::new("handwritten")
        .with_input_schema(RawJson::from_text(schema.to_owned()).unwrap())
        .with_icon(Icon::new("data:,"));
    Entry::tool(tool, |_, cx: Context| async move {
        cx.progress(1.0).await;
        let value = RawJson::from_text("{\n\"a\":\r\n[1,\n2]\n}".to_owned())?;
        Ok::<_, ToolError>(ToolResult::structured(value))
    })
}

/// A builder that holds one of each.
pub fn builder() -> ServerBuilder<()> {
    Server::builder("one-of-each", "1.0")
        .title("One of each")
        .description("for tests")
        .instructions("Try everything.")
        .tool(add)
        .tool(total)
        .tool(forecast)
        .tool(find)
        .tool(limited)
        .tool(boom)
        .tool(leak)
        .tool(explain)
        .tool(media)
        .tool(sample)
        .tool(route_to)
        .tool(talk)
        .tool(who_tool)
        .entry(handwritten())
        .prompt(greet)
        .prompt(who_prompt)
        .resource(readme)
        .resource(page)
        .resource(leak_resource)
        .resource(who_resource)
        .complete("greet", "mood", who_completion)
}

/// The service of that server.
pub fn server() -> McpService {
    McpService::new(builder().build())
}

/// Watches a handler from outside.
#[derive(Clone, Debug, Default)]
pub struct Probe(Arc<Signals>);

#[derive(Debug, Default)]
struct Signals {
    entered: Notify,
    dropped: Notify,
    release: Notify,
    finished: Notify,
}

/// Tells when it is dropped.
struct Guard(Probe);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.0.dropped.notify_one();
    }
}

impl Probe {
    /// A server whose tools this probe watches, beside one of each: `hold` waits, `hold_loudly`
    /// speaks first, and `flood` never stops speaking and has entered when nobody
    /// reads any more.
    pub fn builder(&self) -> ServerBuilder<Self> {
        builder()
            .state(self.clone())
            .tool(hold)
            .tool(hold_loudly)
            .tool(flood)
    }

    pub fn service(&self) -> McpService {
        McpService::new(self.builder().build())
    }

    /// A handler has started.
    pub async fn entered(&self) {
        self.0.entered.notified().await;
    }

    /// A handler was dropped, or has returned.
    pub async fn dropped(&self) {
        self.0.dropped.notified().await;
    }

    /// Lets a handler return.
    pub fn release(&self) {
        self.0.release.notify_one();
    }

    /// A handler has returned.
    pub async fn finished(&self) {
        self.0.finished.notified().await;
    }

    /// What the tools that wait do.
    pub async fn hold(&self) {
        let _guard = Guard(self.clone());
        self.0.entered.notify_one();
        self.0.release.notified().await;
        self.0.finished.notify_one();
    }
}

/// Wait to be released.
#[mcp_tool]
async fn hold(State(probe): State<Probe>) -> &'static str {
    probe.hold().await;
    "held"
}

/// Speak, then wait to be released.
#[mcp_tool]
async fn hold_loudly(State(probe): State<Probe>, cx: Context) -> &'static str {
    cx.progress(1.0).await;
    probe.hold().await;
    "held"
}

/// Speak for ever.
#[mcp_tool]
async fn flood(State(probe): State<Probe>, cx: Context) -> &'static str {
    let _guard = Guard(probe.clone());
    let message = "x".repeat(16 * 1024);
    let mut stuck = false;
    loop {
        // Nothing is read any more: the socket is full, and everything before it.
        let mut told = pin!(cx.log(LogLevel::Error, &message));
        let patience = Duration::from_millis(100);
        if timeout(patience, &mut told).await.is_err() {
            if !stuck {
                probe.0.entered.notify_one();
            }
            stuck = true;
            told.await;
        }
    }
}
