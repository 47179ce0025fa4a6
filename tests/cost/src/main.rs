//! Sends one kind of request many times over one connection, for a profiler to count.
//!
//! ```sh
//! cargo run --release -p cost-tests -- call ours 1000
//! ```

#![expect(clippy::print_stdout, reason = "this is what it is for")]

use cost_tests::{Scenario, service};

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    let argument = |at: usize, default: &str| {
        let argument = arguments.get(at).map(String::as_str);
        argument.unwrap_or(default).to_owned()
    };
    let number = |at: usize, default| {
        arguments
            .get(at)
            .and_then(|number| number.parse().ok())
            .unwrap_or(default)
    };
    let (name, who, times) = (argument(1, "call"), argument(2, "ours"), number(3, 1000));
    let service = service(number(4, 50));
    let scenario = Scenario::named(&name, &service);
    let counted = match who.as_str() {
        "floor" => scenario.floor(times),
        _ => scenario.ours(&service, times),
    };
    if times == 1 {
        println!("{}", String::from_utf8_lossy(&counted.last));
    }
    println!(
        "{name} {who}: {} answers in {} writes",
        counted.answers, counted.writes
    );
}
