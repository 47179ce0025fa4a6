//! One tool over HTTP, as documented: what is compiled for the cost of a build.

use turbomcp::{
    http::{HttpConfig, serve_http},
    prelude::*,
};

#[derive(Clone)]
struct Calculator;

#[server(name = "calculator", version = "1.0")]
impl Calculator {
    #[tool(description = "Add two integers.")]
    async fn add(&self, a: i64, b: i64) -> String {
        (a + b).to_string()
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), turbomcp::ProtocolError> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:8080".into());
    let address = address.parse().expect("an address");
    let service = Calculator.into_server().build();
    Ok(serve_http(address, service, HttpConfig::new()).await?)
}
