//! Functions that suggest values for arguments.

use mcp_core::{
    Context, RequestError, Server, mcp_prompt, mcp_resource, protocol::CompletionContext,
};
use serde_json::json;

#[mcp_prompt]
async fn review(
    code: String,
    #[mcp(complete = languages)]
    #[serde(rename = "in")]
    language: String,
) -> String {
    code + &language
}

#[mcp_resource("notes://{year}/{completers}")]
async fn note(
    year: u16,
    #[mcp(complete = |_, _, _| async { Ok::<_, RequestError>(vec!["todo".to_owned()]) })]
    completers: String,
) -> String {
    format!("{year} {completers}")
}

async fn languages(
    typed: String,
    _: CompletionContext,
    _: Context,
) -> Result<Vec<String>, RequestError> {
    Ok(vec![typed + "nglish"])
}

fn main() {
    let server = Server::builder("ui", "1.0")
        .prompt(review)
        .resource(note)
        .build();
    for (reference, argument, value) in [
        (
            json!({ "type": "ref/prompt", "name": "review" }),
            "in",
            "English",
        ),
        (
            json!({ "type": "ref/resource", "uri": "notes://{year}/{completers}" }),
            "completers",
            "todo",
        ),
    ] {
        let params = json!({ "ref": reference, "argument": { "name": argument, "value": "E" } });
        let answer = ui_tests::ask(&server, "completion/complete", &params);
        assert_eq!(
            answer["result"]["completion"]["values"],
            json!([value]),
            "{answer}"
        );
    }
}
