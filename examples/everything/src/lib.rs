//! One of each: a catalog for testing clients, and for the official conformance suite.
//!
//! The program serves it over HTTP; tests serve it elsewhere.

mod cancellation;
mod changes;
mod content;
mod prompts;
mod questions;
mod resources;
mod schemas;
mod tools;

use mcp_tower::{Server, core::ServerBuilder};

/// A server with all of it. Its first tool takes no arguments: the conformance suite calls the
/// first one.
pub fn server() -> ServerBuilder {
    Server::builder("everything", env!("CARGO_PKG_VERSION"))
        .title("Everything")
        .instructions("A server for testing clients: it has one of each.")
        .state(cancellation::Waits::default())
        .tool(tools::test_simple_text)
        .tool(tools::add)
        .tool(tools::structured)
        .tool(tools::test_error_handling)
        .tool(tools::test_stray_output)
        .tool(tools::test_missing_capability)
        .tool(tools::test_tool_with_progress)
        .tool(tools::test_reconnection)
        .tool(tools::test_x_mcp_header)
        .tool(changes::test_trigger_tool_change)
        .tool(changes::test_trigger_prompt_change)
        .tool(changes::test_trigger_resource_update)
        .tool(changes::test_tool_with_logging)
        .tool(changes::test_logging_tool)
        .tool(content::test_image_content)
        .tool(content::test_audio_content)
        .tool(content::test_embedded_resource)
        .tool(content::test_multiple_content_types)
        .tool(cancellation::test_wait_for_cancellation)
        .tool(cancellation::test_cancellation_outcome)
        .tool(questions::test_sampling)
        .tool(questions::test_elicitation)
        .tool(questions::test_streaming_elicitation)
        .tool(questions::test_elicitation_sep1034_defaults)
        .tool(questions::test_elicitation_sep1330_enums)
        .tool(questions::test_input_required_result_elicitation)
        .tool(questions::test_input_required_result_sampling)
        .tool(questions::test_input_required_result_list_roots)
        .tool(questions::test_input_required_result_request_state)
        .tool(questions::test_input_required_result_multiple_inputs)
        .tool(questions::test_input_required_result_multi_round)
        .tool(questions::test_input_required_result_tampered_state)
        .tool(questions::test_input_required_result_capabilities)
        .entry(schemas::json_schema_2020_12_tool())
        .prompt(prompts::test_simple_prompt)
        .prompt(prompts::test_prompt_with_arguments)
        .prompt(prompts::test_prompt_with_embedded_resource)
        .prompt(prompts::test_prompt_with_image)
        .prompt(questions::test_input_required_result_prompt)
        .complete("test_prompt_with_arguments", "arg1", prompts::suggest)
        .resource(resources::static_text)
        .resource(resources::static_binary)
        .resource(resources::watched)
        .resource(resources::template)
        .state(())
}
