//! Starts the platform with what the command line says.
//!
//! ```sh
//! cargo run -p mock-platform
//! curl http://localhost:8080/api/platform/abc123/mcp -H 'Content-Type: application/json' \
//!     -d '{"jsonrpc":"2.0","id":2,"method":"tools/list"}'
//! ```

mod arguments;

use arguments::{KEY_VARIABLE, Place};
use mcp_tower::serve::{serve, stop_requested};
use mock_platform::{
    app::{AppOptions, app},
    demo,
    platform::{Platform, PlatformError},
    store::Directory,
};
use std::{env, io, path::Path, process::ExitCode, time::Duration};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

/// Where the copy of the shipped designs is.
const DEMO: &str = "target/mock-platform/designs";

/// How often the store is looked at.
const WATCHED_EVERY: Duration = Duration::from_secs(1);

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            say(&problem);
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let Some(arguments) = arguments::read(env::args().skip(1))? else {
        print(arguments::USAGE);
        return Ok(());
    };
    let admin_key = arguments.admin_key(env::var(KEY_VARIABLE).ok())?;
    let bind = &arguments.bind;
    let listener = TcpListener::bind(bind).await;
    let listener = listener.map_err(|error| format!("cannot listen on {bind}: {error}"))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let public_url = arguments.public_url(address)?;
    let platform = open(arguments.place).await;
    let platform = platform.map_err(|error| error.to_string())?;
    let mut options = AppOptions::new(admin_key.unwrap_or_else(|| {
        let made_up = uuid::Uuid::new_v4().simple().to_string();
        say(&format!("the key of administrators is {made_up}"));
        made_up
    }));
    options.public_url = public_url;
    let app = app(&platform, &options);
    let watching = tokio::spawn(platform.clone().watch(WATCHED_EVERY));
    let stop = stop_requested();
    let stopped = async move {
        stop.await;
        watching.abort();
        platform.close_listeners();
    };
    print(&format!("listening on http://{address}"));
    let served = serve(listener, app).graceful(stopped).await;
    served.map_err(|error| error.to_string())
}

async fn open(place: Place) -> Result<Platform, PlatformError> {
    match place {
        Place::Demo => Platform::open(demo::directory(Path::new(DEMO))?).await,
        Place::Directory(path) => Platform::open(Directory::open(path)?).await,
        #[cfg(feature = "sqlite")]
        Place::Sqlite(path) => Platform::open(mock_platform::store::Sqlite::open(path)?).await,
        #[cfg(not(feature = "sqlite"))]
        Place::Sqlite(_) => Err(PlatformError::Conflict(
            "this program was built without SQLite".to_owned(),
        )),
    }
}

#[expect(clippy::print_stdout, reason = "scripts read where it listens")]
fn print(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stderr, reason = "for whoever started the program")]
fn say(text: &str) {
    eprintln!("{text}");
}
