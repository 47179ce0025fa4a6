//! Tools and a prompt that ask the client something in mid-call. The same code serves both eras.

use mcp_tower::{
    Capability, Context, Elicited, RequestError, SamplingMessage, SamplingRequest, Together,
    ToolError, mcp_prompt, mcp_tool,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, JsonSchema)]
struct Account {
    username: String,
    email: String,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Name {
    name: String,
}

#[derive(Deserialize, JsonSchema)]
struct Colour {
    color: String,
}

#[derive(Deserialize, JsonSchema)]
struct Confirmation {
    ok: bool,
}

#[derive(Deserialize, JsonSchema)]
struct PromptContext {
    context: String,
}

fn ask_model(text: String, max_tokens: u32) -> SamplingRequest {
    SamplingRequest::new(max_tokens, [SamplingMessage::user(text)])
}

fn json<T: Serialize>(value: &T) -> Result<String, ToolError> {
    Ok(serde_json::to_string(value)?)
}

fn describe<T: Serialize>(outcome: &Elicited<T>) -> Result<String, ToolError> {
    let (action, content) = match outcome {
        Elicited::Accepted(content) => ("accept", json(content)?),
        Elicited::Declined => ("decline", "null".to_owned()),
        Elicited::Cancelled => ("cancel", "null".to_owned()),
    };
    Ok(format!(
        "Elicitation completed: action={action}, content={content}"
    ))
}

/// Ask the client's model.
#[mcp_tool]
pub(crate) async fn test_sampling(prompt: String, cx: Context) -> Result<String, ToolError> {
    let answer = cx.sample("answer", ask_model(prompt, 100)).await?;
    Ok(format!("LLM response: {}", answer.text()))
}

/// Ask the user for an account.
#[mcp_tool]
pub(crate) async fn test_elicitation(message: String, cx: Context) -> Result<String, ToolError> {
    let outcome = cx.elicit::<Account>("account", message).outcome().await?;
    Ok(match outcome {
        Elicited::Accepted(account) => format!("User response: {}", json(&account)?),
        Elicited::Declined => "User response: declined".to_owned(),
        Elicited::Cancelled => "User response: cancelled".to_owned(),
    })
}

/// Ask while the answer may be a stream.
#[mcp_tool]
pub(crate) async fn test_streaming_elicitation(cx: Context) -> Result<String, ToolError> {
    let name: Name = cx.elicit("user_name", "What is your name?").await?;
    Ok(format!("Hello, {}!", name.name))
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    Active,
    Inactive,
    Pending,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct Defaults {
    name: String,
    age: i64,
    score: f64,
    status: Status,
    verified: bool,
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            name: "John Doe".to_owned(),
            age: 30,
            score: 95.5,
            status: Status::Active,
            verified: true,
        }
    }
}

/// Ask with a default for each type.
#[mcp_tool]
pub(crate) async fn test_elicitation_sep1034_defaults(cx: Context) -> Result<String, ToolError> {
    describe(
        &cx.elicit::<Defaults>("defaults", "Please review")
            .outcome()
            .await?,
    )
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Untitled {
    Option1,
    Option2,
    Option3,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum TitledOption {
    #[schemars(title = "First Option")]
    Value1,
    #[schemars(title = "Second Option")]
    Value2,
    #[schemars(title = "Third Option")]
    Value3,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum TitledChoice {
    #[schemars(title = "First Choice")]
    Value1,
    #[schemars(title = "Second Choice")]
    Value2,
    #[schemars(title = "Third Choice")]
    Value3,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Legacy {
    Opt1,
    Opt2,
    Opt3,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Choices {
    untitled_single: Untitled,
    titled_single: TitledOption,
    #[schemars(extend("enumNames" = ["Option One", "Option Two", "Option Three"]))]
    legacy_enum: Legacy,
    untitled_multi: Vec<Untitled>,
    titled_multi: Vec<TitledChoice>,
}

/// Ask with every form of choice.
#[mcp_tool]
pub(crate) async fn test_elicitation_sep1330_enums(cx: Context) -> Result<String, ToolError> {
    describe(
        &cx.elicit::<Choices>("choices", "Please choose")
            .outcome()
            .await?,
    )
}

/// Ask for a name.
#[mcp_tool]
pub(crate) async fn test_input_required_result_elicitation(
    cx: Context,
) -> Result<String, ToolError> {
    let name: Name = cx.elicit("user_name", "What is your name?").await?;
    Ok(format!("Hello, {}!", name.name))
}

/// Ask the model for a capital.
#[mcp_tool]
pub(crate) async fn test_input_required_result_sampling(cx: Context) -> Result<String, ToolError> {
    let question = ask_model("What is the capital of France?".to_owned(), 100);
    let answer = cx.sample("capital_question", question).await?;
    Ok(format!("The model says: {}", answer.text()))
}

/// Ask for the roots.
#[mcp_tool]
pub(crate) async fn test_input_required_result_list_roots(
    cx: Context,
) -> Result<String, ToolError> {
    let roots = cx.roots("client_roots").await?;
    let uris: Vec<_> = roots.into_iter().map(|root| root.uri).collect();
    Ok(format!("Roots: {}", uris.join(", ")))
}

/// Ask, and come back with the state.
#[mcp_tool]
pub(crate) async fn test_input_required_result_request_state(
    cx: Context,
) -> Result<String, ToolError> {
    let confirmed: Confirmation = cx.elicit("confirm", "Please confirm").await?;
    Ok(format!("state-ok, confirmed: {}", confirmed.ok))
}

/// Ask three things at once.
#[mcp_tool]
pub(crate) async fn test_input_required_result_multiple_inputs(
    cx: Context,
) -> Result<String, ToolError> {
    let name = cx.elicit::<Name>("user_name", "What is your name?");
    let greeting = cx.sample("greeting", ask_model("Generate a greeting".to_owned(), 50));
    let (name, greeting, roots) = (name, greeting, cx.roots("client_roots")).together().await;
    let (name, greeting, roots) = (name?.name, greeting?.text(), roots?.len());
    Ok(format!("{greeting}, {name}! You have {roots} roots."))
}

/// Ask twice, one after the other.
#[mcp_tool]
pub(crate) async fn test_input_required_result_multi_round(
    cx: Context,
) -> Result<String, ToolError> {
    let name: Name = cx.elicit("step1", "Step 1: What is your name?").await?;
    let message = "Step 2: What is your favorite color?";
    let colour: Colour = cx.elicit("step2", message).await?;
    Ok(format!(
        "{} likes {} (round {})",
        name.name,
        colour.color,
        cx.round()
    ))
}

/// Ask, and refuse a state that was changed on the way.
#[mcp_tool]
pub(crate) async fn test_input_required_result_tampered_state(
    cx: Context,
) -> Result<String, ToolError> {
    let confirmed: Confirmation = cx.elicit("confirm", "Please confirm").await?;
    Ok(format!("confirmed: {}", confirmed.ok))
}

/// Ask only what the client declares that it can answer.
#[mcp_tool]
pub(crate) async fn test_input_required_result_capabilities(
    cx: Context,
) -> Result<String, ToolError> {
    let mut known = Vec::new();
    if cx.client().supports(Capability::Sampling) {
        let question = ask_model("Say something.".to_owned(), 50);
        known.push(cx.sample("something", question).await?.text());
    }
    if cx.client().supports(Capability::Elicitation) {
        let name: Name = cx.elicit("user_name", "What is your name?").await?;
        known.push(name.name);
    }
    Ok(format!("Known: {}", known.join(", ")))
}

/// A prompt that asks for its context.
#[mcp_prompt]
pub(crate) async fn test_input_required_result_prompt(cx: Context) -> Result<String, RequestError> {
    let message = "What context should the prompt use?";
    let answer: PromptContext = cx.elicit("user_context", message).await?;
    Ok(format!("Use this context: {}", answer.context))
}
