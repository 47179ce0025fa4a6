//! When a process is asked to stop.

use std::{
    future::{Future, poll_fn},
    io,
    task::{Context, Poll},
};

#[cfg(unix)]
use tokio::signal::unix::Signal;
#[cfg(windows)]
use tokio::signal::windows::CtrlC as Signal;

/// Completes when the process is asked to stop: by SIGTERM, as Kubernetes, systemd and `kill` do, or by
/// ctrl-c; elsewhere than on Unix by ctrl-c alone.
///
/// The signals are caught from this call on, and not only once the future is polled: call it before
/// anybody is told that the program is ready. From then on no such signal ends the process by itself, the
/// second one neither. One that cannot be caught, which is logged, ends the process as ever.
///
/// # Panics
///
/// Outside of a tokio runtime with its I/O driver.
///
/// # Examples
///
/// ```no_run
/// use mcp_tower::serve::{not_found, serve, stop_requested};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let stopped = stop_requested();
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
/// println!("listening on {}", listener.local_addr()?);
/// serve(listener, not_found()).graceful(stopped).await
/// # }
/// ```
pub fn stop_requested() -> impl Future<Output = ()> + Send + 'static {
    let mut signals = caught();
    poll_fn(move |cx| poll_any(&mut signals, cx))
}

/// Those that could be caught.
fn caught() -> Vec<Signal> {
    signals()
        .into_iter()
        .filter_map(|(name, signal)| {
            let failed = |error: &io::Error| {
                tracing::warn!(target: "mcp", signal = name, %error, "a signal cannot be caught");
            };
            signal.inspect_err(failed).ok()
        })
        .collect()
}

#[cfg(unix)]
fn signals() -> [(&'static str, io::Result<Signal>); 2] {
    use tokio::signal::unix::{SignalKind, signal};
    [
        ("SIGTERM", signal(SignalKind::terminate())),
        ("SIGINT", signal(SignalKind::interrupt())),
    ]
}

#[cfg(windows)]
fn signals() -> [(&'static str, io::Result<Signal>); 1] {
    [("ctrl-c", tokio::signal::windows::ctrl_c())]
}

fn poll_any(signals: &mut [Signal], cx: &mut Context<'_>) -> Poll<()> {
    let mut polled = signals.iter_mut().map(|signal| signal.poll_recv(cx));
    // All of them are polled, unless one has come: each has to wake the task.
    match polled.any(|polled| polled.is_ready()) {
        true => Poll::Ready(()),
        false => Poll::Pending,
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::{process::Command, time::Duration};
    use tokio::time::timeout;

    /// One after the other: whoever listens hears every signal of the process.
    #[tokio::test]
    async fn a_signal_before_anybody_waits_is_not_missed() {
        for signal in ["-TERM", "-INT"] {
            let stopped = stop_requested();
            // A part of each shell; the program of this name is not everywhere.
            let kill = format!("kill {signal} {}", std::process::id());
            let sent = Command::new("sh").args(["-c", &kill]).status().unwrap();
            assert!(sent.success());
            let stopped = timeout(Duration::from_secs(20), stopped).await;
            assert!(stopped.is_ok(), "{signal}");
        }
    }
}
