//! The load: real connections, prepared requests, and every answer checked.
//!
//! ```sh
//! bench-load run '{"address": "127.0.0.1:8080", "kinds": ["call"], "connections": 32, "seconds": 1}'
//! ```
//!
//! Each command takes one JSON object, and prints one. `benches/run` calls it.

mod answer;
mod begin;
mod memory;
mod process;
mod request;
mod run;
mod samples;

use serde::{Serialize, de::DeserializeOwned};
use std::{error::Error, io};

/// What goes wrong ends the program: a figure with errors in it is none.
pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let spec = arguments.next().unwrap_or_default();
    runtime.block_on(async {
        match command.as_str() {
            "run" => print(&run::run(read(&spec)?).await?),
            "fetch" => {
                println!("{}", run::fetch(read(&spec)?).await?);
                Ok(())
            }
            "memory" => print(&memory::memory(read(&spec)?).await?),
            "begin" => print(&begin::begin(read(&spec)?).await?),
            _ => Err("commands: run, fetch, memory, begin; each with a JSON object".into()),
        }
    })
}

fn read<T: DeserializeOwned>(spec: &str) -> Outcome<T> {
    Ok(serde_json::from_str(spec)?)
}

fn print(figures: &impl Serialize) -> Outcome<()> {
    serde_json::to_writer(io::stdout(), figures)?;
    println!();
    Ok(())
}
