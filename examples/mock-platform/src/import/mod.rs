//! Designs made from what is there already.

pub mod openapi;
