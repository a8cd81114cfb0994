//! What becomes of a command that this node cannot take, as its partner reads it. No sockets.

use super::Refusal;
use crate::runtime::Unavailable;
use http::StatusCode;

#[test]
fn a_full_node_says_so_with_a_code_of_its_own() {
    let refusal = Refusal::from(Unavailable::Full);
    let said = (refusal.status, refusal.problem.code);
    assert_eq!(said, (StatusCode::INSUFFICIENT_STORAGE, "E-LINK-040"));
}
