//! What the macros accept, and what the compiler says about the rest.
//!
//! A new message is written beside its case by `TRYBUILD=overwrite cargo test -p ui-tests`; read it
//! as the user who made that mistake.

#[test]
fn accepted() {
    trybuild::TestCases::new().pass("accepted/*.rs");
}

#[rustversion::attr(not(stable(1.95)), ignore = "the messages are those of Rust 1.95")]
#[test]
fn refused() {
    trybuild::TestCases::new().compile_fail("refused/*/*.rs");
}
