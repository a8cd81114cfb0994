//! Findings on their way out. It decides nothing about who gets them.

use crate::runtime::Runtime;

/// Sends what waits until the node stops; nothing waits yet.
pub(crate) async fn send(runtime: Runtime) {
    runtime.stopping().wait_for(|stop| *stop).await.ok();
}
