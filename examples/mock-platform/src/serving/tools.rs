//! Tools.

use super::hosted::ServerState;
use crate::{
    design::{ServerDesign, ToolDesign},
    engine::Trace,
    platform::TestReport,
};
use mcp_tower::{
    Context, Entry, ToolError, ToolResult,
    protocol::{RawJson, Tool},
};
use serde_json::Value;
use std::sync::Arc;

/// The entry of a tool.
pub(super) fn entry(state: &Arc<ServerState>, design: &ToolDesign) -> Entry<Tool> {
    let tool = Tool::new(design.name.clone());
    let _ = state;
    Entry::tool(tool, |_: RawJson, _: Context| async {
        Ok::<_, ToolError>(ToolResult::text(""))
    })
}

/// What a tool would answer.
pub(super) fn test(_: &ServerDesign, _: &ToolDesign, _: &Value) -> TestReport {
    TestReport {
        outcome: String::new(),
        result: Value::Null,
        trace: Trace::default(),
    }
}
