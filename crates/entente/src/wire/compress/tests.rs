//! Packing and its bounds.

use super::*;

#[test]
fn what_is_packed_comes_out_the_same_up_to_the_bound() {
    let bytes = b"{\"o\":1,\"hop\":1}\n".repeat(1_000);
    let packed = pack(&bytes).unwrap();
    assert!(packed.len() < bytes.len() / 10);
    assert_eq!(unpack(&packed, bytes.len()), Some(bytes.clone()));
    assert_eq!(unpack(&packed, bytes.len() - 1), None);
}

#[test]
fn a_bomb_and_rubbish_are_refused() {
    let bomb = pack(&vec![0; 64 << 20]).unwrap();
    assert!(bomb.len() < 10_000);
    assert_eq!(unpack(&bomb, 1 << 20), None);
    assert_eq!(unpack(b"not zstd at all", 1 << 20), None);
    assert_eq!(pack(b"ab"), None, "too short to gain anything");
}
