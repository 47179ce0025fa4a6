//! A tool that is data: its schema uses what no Rust type would derive.

use mcp_tower::{
    Entry, ToolError, ToolResult,
    protocol::{RawJson, Tool},
};

const SCHEMA: &str = r##"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "$defs": {
    "address": {
      "$anchor": "addressDef",
      "type": "object",
      "properties": { "street": { "type": "string" }, "city": { "type": "string" } }
    }
  },
  "properties": {
    "name": { "type": "string" },
    "address": { "$ref": "#/$defs/address" },
    "contactMethod": { "type": "string", "enum": ["phone", "email"] },
    "phone": { "type": "string" },
    "email": { "type": "string" }
  },
  "allOf": [ { "anyOf": [ { "required": ["phone"] }, { "required": ["email"] } ] } ],
  "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
  "then": { "required": ["phone"] },
  "else": { "required": ["email"] },
  "additionalProperties": false
}"##;

/// The tool with every keyword.
pub(crate) fn json_schema_2020_12_tool() -> Entry<Tool> {
    // The schema is a constant; were it not JSON, `build` would say so.
    let schema = RawJson::from_text(SCHEMA.to_owned()).unwrap_or(RawJson::EMPTY_OBJECT);
    let tool = Tool::new("json_schema_2020_12_tool")
        .with_description("A tool whose schema uses JSON Schema 2020-12.")
        .with_input_schema(schema);
    Entry::tool(tool, |_arguments, _cx| async {
        Ok::<_, ToolError>(ToolResult::text("JSON Schema 2020-12 tool called"))
    })
}
