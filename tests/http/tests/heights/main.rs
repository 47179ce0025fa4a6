//! Layers at three heights, and who may use and see operations.

mod order;
mod scopes;
mod stack;
mod table;
mod visible;
