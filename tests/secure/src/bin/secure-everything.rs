//! The secure example with the catalog of `everything` beside its notes, held to the letter of the
//! protocol: what the official conformance suite is run against.
//!
//! ```sh
//! cargo run -p secure-tests --bin secure-everything -- DIRECTORY
//! ```

use secure::{Consent, Options, Rates};
use std::{env, io};

#[tokio::main]
async fn main() -> io::Result<()> {
    let directory = env::args_os().nth(1);
    let directory =
        directory.ok_or_else(|| io::Error::other("usage: secure-everything DIRECTORY"))?;
    let mut options = Options::new(std::path::PathBuf::from(directory));
    options.bind = ([127, 0, 0, 1], 0).into();
    options.redirect = None;
    options.consent = Consent::Automatic;
    options.rates = Rates::default().times(1_000);
    options.strict = true;
    options.catalog = Some(everything::server());
    let running = secure::start(options).await?;
    println!("listening on {}", running.resource());
    // Until its caller has had enough of it.
    std::future::pending().await
}
