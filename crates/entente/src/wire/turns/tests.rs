//! Turns: one at a time for each partner, and none until its time has come.

use super::Turns;
use model::id::NodeId;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_partner_waits_for_itself_and_for_nobody_else() {
    let (turns, b, c) = (Turns::default(), NodeId::new([2; 16]), NodeId::new([3; 16]));
    let first = turns.take(b).await.unwrap_or_else(|seconds| panic!("in {seconds} s"));
    let second = tokio::time::timeout(Duration::from_secs(1), turns.take(b)).await;
    assert!(second.is_err(), "while its first batch is under way");
    assert!(turns.take(c).await.is_ok());
    first.later(30);
    assert_eq!(turns.take(b).await.err(), Some(31));
    assert!(turns.take(c).await.is_ok());
    tokio::time::advance(Duration::from_secs(31)).await;
    assert!(turns.take(b).await.is_ok());
}
