//! The RFC's own tree, and agreement of frontier, root and proofs.

use super::*;

/// The leaves of the test vectors that certificate transparency implementations share.
const LEAVES: [&[u8]; 8] = [
    b"",
    &[0x00],
    &[0x10],
    &[0x20, 0x21],
    &[0x30, 0x31],
    &[0x40, 0x41, 0x42, 0x43],
    &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
    &[
        0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e,
        0x6f,
    ],
];

#[test]
fn roots_are_those_of_the_shared_vectors() {
    let expected = [
        (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
        (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
        (7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
        (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
    ];
    for (size, root) in expected {
        let mut frontier = Frontier::default();
        LEAVES.iter().take(size).for_each(|leaf| frontier.push(leaf));
        assert_eq!(frontier.root().to_string(), root, "{size} leaves");
        assert_eq!(Frontier::decode(&frontier.encode()), Some(frontier));
    }
}

#[test]
fn every_leaf_is_provable_and_no_other() {
    let leaves: Vec<Digest> = (0u8..21).map(|n| sha256(&[&[n]])).collect();
    for size in 1..=leaves.len() {
        let tree = &leaves[..size];
        let root = root(tree);
        for (index, leaf) in tree.iter().enumerate() {
            let path = inclusion(tree, index);
            let (i, n) = (index as u64, size as u64);
            assert!(included(leaf.as_bytes(), i, n, &path, &root), "{index} of {size}");
            assert!(!included(b"other", i, n, &path, &root));
            assert!(!included(leaf.as_bytes(), i + 1, n, &path, &root) || size == 1);
        }
    }
}

#[test]
fn a_path_built_from_a_frontier_is_the_path_of_the_whole_tree() {
    let leaves: Vec<Digest> = (0u8..37).map(|n| sha256(&[&[n]])).collect();
    for size in 1..=leaves.len() {
        let tree = &leaves[..size];
        for index in 0..size {
            let mut before = Frontier::default();
            tree[..index].iter().for_each(|leaf| before.push(leaf.as_bytes()));
            let mut builder = PathBuilder::new(&before, tree[index].as_bytes());
            tree[index + 1..].iter().for_each(|leaf| builder.push(leaf.as_bytes()));
            let built = builder.finish();
            let expected = (inclusion(tree, index), size as u64, root(tree));
            assert_eq!(built, expected, "{index} of {size}");
        }
    }
}
