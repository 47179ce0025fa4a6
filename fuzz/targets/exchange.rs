//! Whole exchanges with the state of sessions: steps of two callers against one service, beside the
//! model of `tests/model`, which says what each hears and what is held.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model_tests::{Step, run};

fuzz_target!(|steps: Vec<Step>| {
    // More steps find nothing that fewer do not, and take longer.
    run(&steps[..steps.len().min(100)]);
});
