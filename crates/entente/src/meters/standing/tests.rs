//! A link is up while its partner is heard from, and failing from the first failure on.

use super::Standing;
use model::id::NodeId;
use model::limits::LINK_QUIET_SECONDS;
use model::time::Instant;

#[test]
fn a_link_is_up_while_it_is_heard_and_fails_since_the_first_failure() {
    let (links, partner) = (Standing::default(), NodeId::new([7; 16]));
    let at = |seconds| Instant::from_micros(0).plus_seconds(seconds);
    let quiet = i64::try_from(LINK_QUIET_SECONDS).unwrap();
    assert!(!links.is_up(&partner, at(0)), "nothing is known yet");
    links.heard(partner, at(10));
    assert!(links.is_up(&partner, at(10 + quiet)));
    assert!(!links.is_up(&partner, at(11 + quiet)), "silent for too long");
    links.failed(partner, at(20));
    links.failed(partner, at(30));
    assert_eq!(links.failing_since(&partner), Some(at(20)));
    assert!(!links.is_up(&partner, at(20)));
    links.heard(partner, at(40));
    assert_eq!(links.failing_since(&partner), None);
    assert!(links.is_up(&partner, at(40)));
}
