//! What the system tells of a process.

use crate::Outcome;
use std::fs;

/// Time on a core, of all threads together, in nanoseconds.
pub(crate) fn cpu(process: u32) -> Outcome<u64> {
    let mut sum = 0;
    for task in fs::read_dir(format!("/proc/{process}/task"))? {
        let figures = fs::read_to_string(task?.path().join("schedstat"))?;
        let first = figures.split_ascii_whitespace().next();
        sum += first.ok_or("no schedstat")?.parse::<u64>()?;
    }
    Ok(sum)
}

/// Memory that is resident, in bytes.
pub(crate) fn resident(process: u32) -> Outcome<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let figure = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(figure.ok_or("no VmRSS")?.parse::<u64>()? * 1024)
}
