//! What each revision may see: no peer is shown what its revision does not know, and none misses
//! what it needs.

use http_tests::{Client, LEGACY, MODERN, Post, Running, all, open, server};
use mcp_tower::McpService;
use serde_json::{Value, json};

/// One server, asked in the terms of any revision.
struct Asker {
    client: Client,
    version: &'static str,
    session: Option<String>,
}

impl Asker {
    async fn new(running: &Running, service: &McpService, version: &'static str) -> Self {
        let session = match version {
            MODERN => None,
            _ => Some(open(service, version).await),
        };
        let client = Client::connect(running.address).await;
        Self {
            client,
            version,
            session,
        }
    }

    async fn message(&mut self, method: &str, params: Value) -> Value {
        let post = match &self.session {
            None => Post::modern(method, params),
            Some(session) => Post::legacy(method, params)
                .session(session)
                .set("mcp-protocol-version", self.version),
        };
        let reply = self.client.send(&post).await;
        assert_eq!(reply.status, 200, "{} {method}", self.version);
        reply.message()
    }

    async fn result(&mut self, method: &str, params: Value) -> Value {
        let message = self.message(method, params).await;
        assert!(message["result"].is_object(), "{} {message}", self.version);
        message["result"].clone()
    }

    async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let params = json!({"name": tool, "arguments": arguments});
        self.result("tools/call", params).await
    }

    /// Whether the revision is at least this one.
    fn since(&self, version: &str) -> bool {
        self.version >= version
    }
}

async fn askers() -> Vec<Asker> {
    let service = server();
    let mut askers = Vec::new();
    for running in all(&service).await {
        for version in LEGACY.into_iter().chain([MODERN]) {
            askers.push(Asker::new(&running, &service, version).await);
        }
        // The mounts live as long as the test.
        std::mem::forget(running);
    }
    askers
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    keys
}

/// The item of a list with this name.
fn item<'a>(list: &'a Value, name: &str) -> &'a Value {
    let items = list.as_array().unwrap();
    items.iter().find(|item| item["name"] == name).unwrap()
}

fn keep<'a>(all: &[(&'a str, bool)]) -> Vec<&'a str> {
    all.iter()
        .filter(|(_, kept)| *kept)
        .map(|(key, _)| *key)
        .collect()
}

#[tokio::test]
async fn tools_show_what_the_revision_knows() {
    for mut asker in askers().await {
        let list = asker.result("tools/list", json!({})).await;
        let expected = keep(&[
            ("annotations", asker.since("2025-03-26")),
            ("description", true),
            ("icons", asker.since("2025-11-25")),
            ("inputSchema", true),
            ("name", true),
            ("outputSchema", asker.since("2025-06-18")),
            ("title", asker.since("2025-06-18")),
        ]);
        let forecast = item(&list["tools"], "forecast");
        assert_eq!(keys(forecast), expected, "{}", asker.version);
        let total = item(&list["tools"], "total").get("outputSchema");
        let kind = total.map(|schema| schema["type"].as_str().unwrap());
        let expected = match asker.version {
            MODERN => Some("integer"),
            "2025-11-25" | "2025-06-18" => Some("object"),
            _ => None,
        };
        assert_eq!(kind, expected, "{}", asker.version);
    }
}

#[tokio::test]
async fn structured_values_match_the_schema_that_was_shown() {
    for mut asker in askers().await {
        let result = asker.call("total", json!({"numbers": [2, 3]})).await;
        assert_eq!(result["content"][0]["text"], "5");
        let expected = match asker.version {
            MODERN => Some(json!(5)),
            "2025-11-25" | "2025-06-18" => Some(json!({"result": 5})),
            _ => None,
        };
        assert_eq!(
            result.get("structuredContent"),
            expected.as_ref(),
            "{}",
            asker.version
        );
        let result = asker.call("forecast", json!({"city": "Oslo"})).await;
        let weather = json!({"city": "Oslo", "degrees": 21.5});
        let expected = asker.since("2025-06-18").then_some(&weather);
        assert_eq!(
            result.get("structuredContent"),
            expected,
            "{}",
            asker.version
        );
        // The same value as text, for clients that read only that.
        let text = result["content"][0]["text"].as_str().unwrap();
        assert_eq!(serde_json::from_str::<Value>(text).unwrap(), weather);
    }
}

#[tokio::test]
async fn content_that_is_unknown_becomes_text() {
    for mut asker in askers().await {
        let result = asker.call("media", json!({})).await;
        let content = result["content"].as_array().unwrap();
        let kinds: Vec<_> = content
            .iter()
            .map(|block| block["type"].as_str().unwrap())
            .collect();
        let audio = if asker.since("2025-03-26") {
            "audio"
        } else {
            "text"
        };
        let link = if asker.since("2025-06-18") {
            "resource_link"
        } else {
            "text"
        };
        assert_eq!(
            kinds,
            ["text", "image", audio, "resource", link],
            "{}",
            asker.version
        );
        if link == "text" {
            assert_eq!(content[4]["text"], "doc://readme");
        }
        let params = json!({"name": "greet", "arguments": {"name": "Ada"}});
        let prompt = asker.result("prompts/get", params).await;
        assert_eq!(prompt["messages"][1]["content"]["type"], audio);
    }
}

#[tokio::test]
async fn prompts_and_resources_show_what_the_revision_knows() {
    for mut asker in askers().await {
        let titled = asker.since("2025-06-18");
        let prompts = asker.result("prompts/list", json!({})).await;
        let greet = item(&prompts["prompts"], "greet");
        assert_eq!(
            keys(greet),
            keep(&[
                ("arguments", true),
                ("description", true),
                ("name", true),
                ("title", titled)
            ])
        );
        assert_eq!(
            greet["arguments"][0],
            json!({"name": "name", "required": true})
        );
        assert_eq!(greet["arguments"][1], json!({"name": "mood"}));
        let resources = asker.result("resources/list", json!({})).await;
        let readme = item(&resources["resources"], "readme");
        assert_eq!(
            keys(readme),
            keep(&[
                ("description", true),
                ("mimeType", true),
                ("name", true),
                ("title", titled),
                ("uri", true)
            ])
        );
        let templates = asker.result("resources/templates/list", json!({})).await;
        assert_eq!(
            templates["resourceTemplates"][0]["uriTemplate"],
            "page://{number}"
        );
        let all = resources["resources"].as_array().unwrap();
        assert!(
            all.iter()
                .all(|item| !item["uri"].as_str().unwrap().contains('{'))
        );
    }
}

#[tokio::test]
async fn servers_introduce_themselves_in_the_terms_of_the_revision() {
    let running = http_tests::hyper(server()).await;
    let mut client = Client::connect(running.address).await;
    for version in LEGACY {
        let result = client.send(&Post::initialize(version)).await.result();
        let later = version >= "2025-11-25";
        let expected = keep(&[
            ("description", later),
            ("name", true),
            ("title", version >= "2025-06-18"),
            ("version", true),
        ]);
        assert_eq!(keys(&result["serverInfo"]), expected, "{version}");
        for (capability, shown) in [
            ("completions", version >= "2025-03-26"),
            ("extensions", false),
            ("prompts", true),
            ("resources", true),
            ("tools", true),
        ] {
            let found = result["capabilities"].get(capability).is_some();
            assert_eq!(found, shown, "{version} {capability}");
        }
        assert_eq!(
            keys(&result),
            [
                "capabilities",
                "instructions",
                "protocolVersion",
                "serverInfo"
            ]
        );
    }
    let discovered = client
        .send(&Post::modern("server/discover", json!({})))
        .await
        .result();
    let expected = [
        "_meta",
        "cacheScope",
        "capabilities",
        "instructions",
        "resultType",
        "supportedVersions",
        "ttlMs",
    ];
    assert_eq!(keys(&discovered), expected);
}

#[tokio::test]
async fn modern_results_say_what_they_are_and_others_do_not() {
    let methods = [
        ("tools/list", json!({}), true),
        ("prompts/list", json!({}), true),
        ("resources/list", json!({}), true),
        ("resources/templates/list", json!({}), true),
        ("resources/read", json!({"uri": "doc://readme"}), true),
        (
            "tools/call",
            json!({"name": "add", "arguments": {"a": 1, "b": 2}}),
            false,
        ),
        (
            "prompts/get",
            json!({"name": "greet", "arguments": {"name": "Ada"}}),
            false,
        ),
        (
            "completion/complete",
            json!({"ref": {"type": "ref/prompt", "name": "greet"},
                   "argument": {"name": "mood", "value": ""}}),
            false,
        ),
    ];
    for mut asker in askers().await {
        for (method, params, cacheable) in &methods {
            let result = asker.result(method, params.clone()).await;
            let modern = asker.version == MODERN;
            let has = |key| result.get(key).is_some();
            assert_eq!(has("resultType"), modern, "{} {method}", asker.version);
            assert_eq!(
                has("ttlMs"),
                modern && *cacheable,
                "{} {method}",
                asker.version
            );
            assert_eq!(
                has("cacheScope"),
                modern && *cacheable,
                "{} {method}",
                asker.version
            );
            assert_eq!(has("_meta"), modern, "{} {method}", asker.version);
            if modern {
                let info = &result["_meta"]["io.modelcontextprotocol/serverInfo"];
                assert_eq!(info["name"], "one-of-each");
                assert_eq!(result["resultType"], "complete");
            }
        }
    }
}

#[tokio::test]
async fn what_does_not_exist_has_the_code_of_the_revision() {
    for mut asker in askers().await {
        for uri in ["doc://nowhere", "page://7"] {
            let params = json!({"uri": uri});
            let error = asker.message("resources/read", params).await["error"].clone();
            let code = if asker.version == MODERN {
                -32602
            } else {
                -32002
            };
            assert_eq!(error["code"], code, "{} {uri}", asker.version);
            assert_eq!(error["data"], json!({"uri": uri}));
        }
        for (method, params) in [
            ("tools/call", json!({"name": "nothing"})),
            ("prompts/get", json!({"name": "nothing"})),
            (
                "completion/complete",
                json!({"ref": {"type": "ref/prompt", "name": "nothing"},
                "argument": {"name": "x", "value": ""}}),
            ),
        ] {
            let error = asker.message(method, params).await["error"].clone();
            assert_eq!(error["code"], -32602, "{} {method}", asker.version);
        }
    }
}
