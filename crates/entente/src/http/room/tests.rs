//! Room: one caller's part is bounded, others have theirs, and it comes back.

use super::{Full, keeping, room};
use model::limits::{ROOM_BYTES_FREE, ROOM_BYTES_PER_TOKEN_MAX};

#[tokio::test(start_paused = true)]
async fn who_takes_all_of_its_room_keeps_nobody_else_out() {
    let held = room("greedy", ROOM_BYTES_PER_TOKEN_MAX).await.unwrap();
    assert_eq!(room("greedy", ROOM_BYTES_FREE * 2).await.unwrap_err(), Full);
    let other = room("modest", ROOM_BYTES_FREE * 2).await;
    assert!(other.is_ok(), "{other:?}");
    assert!(room("greedy", ROOM_BYTES_FREE).await.is_ok(), "small ones are free");
    // A body that is never sent gives its room back as well.
    drop(keeping(held, vec![0; 8]));
    assert!(room("greedy", ROOM_BYTES_FREE * 2).await.is_ok());
}
