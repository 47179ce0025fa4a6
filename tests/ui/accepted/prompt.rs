//! A prompt, its keys and its arguments.

use mcp_core::{Server, mcp_prompt};
use serde_json::json;

/// Ask for a code review.
///
/// In so many words.
#[mcp_prompt(title = "Review", icon(src = "https://example.com/review.png"))]
async fn review(
    /// The code.
    code: String,
    /// How many remarks to make.
    remarks: Option<u8>,
    #[serde(default = "english", alias = "lang")] language: String,
) -> String {
    format!(
        "Make {} remarks in {language} on {code}",
        remarks.unwrap_or(3)
    )
}

fn english() -> String {
    "English".to_owned()
}

fn main() {
    let server = Server::builder("ui", "1.0").prompt(review).build();
    let listed = ui_tests::listed(&server, "prompts");
    assert_eq!(
        listed["description"],
        "Ask for a code review.\n\nIn so many words."
    );
    assert_eq!(listed["title"], "Review");
    assert_eq!(listed["icons"][0]["src"], "https://example.com/review.png");
    assert_eq!(
        listed["arguments"],
        json!([
            { "name": "code", "description": "The code.", "required": true },
            { "name": "remarks", "description": "How many remarks to make." },
            { "name": "language" },
        ])
    );
    for (arguments, text) in [
        (json!({ "code": "x" }), "Make 3 remarks in English on x"),
        (
            json!({ "code": "x", "remarks": "5" }),
            "Make 5 remarks in English on x",
        ),
        (
            json!({ "code": "x", "lang": "Welsh" }),
            "Make 3 remarks in Welsh on x",
        ),
    ] {
        let params = json!({ "name": "review", "arguments": arguments });
        let answer = ui_tests::ask(&server, "prompts/get", &params);
        assert_eq!(
            answer["result"]["messages"][0]["content"]["text"], text,
            "{answer}"
        );
    }
}
