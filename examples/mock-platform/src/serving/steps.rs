//! What happens before an answer.

use crate::design::{LogStep, ProgressStep, Response};
use mcp_tower::Context;
use std::time::Duration;
use tokio::time::sleep;

/// Logs, waits, and tells how far it is. A call that is cancelled stops here.
pub(super) async fn before(response: &Response, cx: &Context) {
    for LogStep { level, message } in &response.log {
        cx.log(*level, message).await;
    }
    pause(response.delay_ms).await;
    for step in &response.progress {
        let ProgressStep {
            progress,
            total,
            message,
            after_ms,
        } = step;
        pause(*after_ms).await;
        let mut update = cx.progress(*progress);
        if let Some(total) = total {
            update = update.total(*total);
        }
        if let Some(message) = message {
            update = update.message(message);
        }
        update.await;
    }
}

async fn pause(milliseconds: u64) {
    if milliseconds > 0 {
        sleep(Duration::from_millis(milliseconds)).await;
    }
}
