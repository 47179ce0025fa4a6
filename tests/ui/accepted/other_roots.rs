//! The output names the crate that the attribute came from, or another one.

mod framework {
    pub use mcp_tower::private;
}

mod tower {
    use mcp_tower::{mcp_prompt, mcp_resource, mcp_tool};

    #[mcp_tool]
    pub async fn tool(a: i64, #[serde(default)] b: i64) -> i64 {
        a + b
    }

    #[mcp_prompt]
    pub async fn prompt(code: String) -> String {
        code
    }

    #[mcp_resource("notes://{id}")]
    pub async fn resource(id: u32) -> String {
        id.to_string()
    }
}

mod renamed {
    use mcp_tower::mcp_tool;

    #[mcp_tool(crate = crate::framework)]
    pub async fn by_path(a: i64, #[serde(default)] b: i64) -> i64 {
        a + b
    }

    #[mcp_tool(crate = ::mcp_core)]
    pub async fn absolute(a: i64, #[serde(default)] b: i64) -> i64 {
        a + b
    }
}

fn main() {
    let server = mcp_tower::Server::builder("ui", "1.0");
    let server = server
        .tool(tower::tool)
        .prompt(tower::prompt)
        .resource(tower::resource);
    let _ = server
        .tool(renamed::by_path)
        .tool(renamed::absolute)
        .build();
}
