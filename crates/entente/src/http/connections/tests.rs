//! Who goes first: the one that has waited longest, and never one that was asked just now.

use super::Connections;
use std::time::Duration;

async fn is_ended(connection: &super::Connection) -> bool {
    tokio::time::timeout(Duration::ZERO, connection.ended()).await.is_ok()
}

#[tokio::test]
async fn the_silent_go_before_the_busy_and_the_oldest_first() {
    let all = Connections::default();
    let (busy, silent, later) = (all.open(), all.open(), all.open());
    let request = busy.begin();
    assert!(all.make_room());
    assert!(is_ended(&silent).await);
    assert!(!is_ended(&later).await && !is_ended(&busy).await);
    drop(silent);
    assert!(all.make_room());
    assert!(is_ended(&later).await);
    // Only the busy one is left, and it began just now.
    assert!(!all.make_room());
    drop(request);
    assert!(all.make_room());
    assert!(is_ended(&busy).await);
}
