//! Target: a stored frontier, and a path of hashes that claims to prove something.
//!
//! It does not keep a tree; it checks that a frontier is printed as it was read, and that no path
//! proves a leaf that is not there.

use model::id::Digest;
use model::tree::{Frontier, included, inclusion, root};
use std::hint::black_box;

/// Reads a frontier, and takes the bytes for a path.
///
/// # Panics
/// When a frontier has two spellings, a true path is refused, or a made-up one proves a leaf.
pub fn tree_parts(bytes: &[u8]) {
    if let Some(frontier) = Frontier::decode(bytes) {
        let printed = frontier.encode();
        assert!(printed == bytes || bytes.is_empty(), "a second spelling");
        let mut longer = frontier.clone();
        if frontier.size() < u64::MAX {
            longer.push(b"leaf");
            assert_eq!(longer.size(), frontier.size() + 1);
        }
        black_box(frontier.root());
    }
    let path: Vec<Digest> =
        bytes.chunks_exact(32).filter_map(Digest::from_slice).take(64).collect();
    let (head, _) = bytes.split_at_checked(16).unwrap_or((&[0; 16], &[]));
    let number = |from: usize| {
        head.iter().skip(from).take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
    };
    let claimed = root(&path);
    assert!(!included(b"not there", number(0), number(8), &path, &claimed), "proves what is not");
    let leaves = path.get(..path.len().min(9)).unwrap_or_default();
    for (index, leaf) in (0_u64..).zip(leaves) {
        let (true_root, size) = (root(leaves), u64::try_from(leaves.len()).unwrap_or(0));
        let place = usize::try_from(index).unwrap_or(0);
        let proof = inclusion(leaves, place);
        assert!(
            included(leaf.as_bytes(), index, size, &proof, &true_root),
            "a true path is refused"
        );
    }
}
