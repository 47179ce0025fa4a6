//! A design as a server of the framework.

mod cut;
mod hosted;
mod items;
mod outcome;
mod profile;
mod prompts;
mod recording;
mod resolver;
mod resources;
mod steps;
mod tools;

pub use cut::{CutBody, CutLayer, CutService};
pub use resolver::PlatformResolver;

pub(crate) use hosted::{Hosted, Prepared};
pub(crate) use resolver::unknown;
