//! Sessions and streams beside a simple model of them: whatever two callers do, in whatever order, each
//! hears what is theirs, once, and nothing is left in the end. Time is paused, so that every run of
//! the same steps is the same.

mod call;
mod connection;
mod handlers;
mod session;
mod step;
mod wire;
mod world;

pub use step::{Step, Time, Version, Who};
pub use wire::{Ask, Event, MODERN, events};

use std::time::Duration;
use tokio::{runtime, time::timeout};

/// Takes the steps and ends everything; panics where the model and the service differ.
pub fn run(steps: &[Step]) {
    let mut builder = runtime::Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        // The clock moves on its own when everything waits, so who waits for ever is found out.
        let year = Duration::from_secs(365 * 24 * 3600);
        let ended = timeout(year, async {
            let mut world = world::World::new();
            for step in steps {
                world.take(step).await;
            }
            world.end().await;
        });
        ended.await.expect("somebody waits for ever");
    });
}
