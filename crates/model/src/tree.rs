//! The Merkle tree over an outlet: frontier, root, inclusion.
//! It keeps no leaves: whoever proves something hands them in.
//!
//! SPEC: RFC 6962 §2.1: `H(0x00 || leaf)` for leaves, `H(0x01 || left || right)` for nodes.

use crate::id::Digest;
use crate::seal::sha256;

/// The hash of a leaf's data.
#[must_use]
pub fn leaf_hash(data: &[u8]) -> Digest {
    sha256(&[&[0], data])
}

fn node_hash(left: &Digest, right: &Digest) -> Digest {
    sha256(&[&[1], left.as_bytes(), right.as_bytes()])
}

/// The roots of the perfect subtrees that cover the first `size` leaves, largest first: all that
/// is needed to append, and to know the root.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Digest>,
}

impl Frontier {
    /// The number of leaves.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends one leaf.
    pub fn push(&mut self, leaf: &[u8]) {
        let mut hash = leaf_hash(leaf);
        let mut size = self.size;
        while size & 1 == 1 {
            if let Some(left) = self.peaks.pop() {
                hash = node_hash(&left, &hash);
            }
            size >>= 1;
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The root over all leaves; of no leaves it is the hash of nothing.
    #[must_use]
    pub fn root(&self) -> Digest {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return sha256(&[]) };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }

    /// As a store keeps it: size, then the peaks.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.size.to_be_bytes().to_vec();
        self.peaks.iter().for_each(|peak| bytes.extend_from_slice(peak.as_bytes()));
        bytes
    }

    /// Reads what [`Frontier::encode`] wrote; empty bytes are the empty tree.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        if bytes.is_empty() {
            return Some(Self::default());
        }
        let (size, peaks) = bytes.split_at_checked(8)?;
        let size = u64::from_be_bytes(size.try_into().ok()?);
        let peaks: Option<Vec<Digest>> = peaks.chunks(32).map(Digest::from_slice).collect();
        let peaks = peaks?;
        (peaks.len() == usize::try_from(size.count_ones()).ok()?).then_some(Self { size, peaks })
    }
}

/// The path of one leaf, made while the leaves behind it are read: what stands before it comes as a
/// frontier, so that the proof of the last entry of a million reads one batch.
#[derive(Clone, Debug)]
pub struct PathBuilder {
    size: u64,
    /// As in [`Frontier`], each with whether the leaf is under it.
    peaks: Vec<(Digest, bool)>,
    path: Vec<Digest>,
}

impl PathBuilder {
    /// Begins at the leaf that is proven: it comes right behind `before`.
    #[must_use]
    pub fn new(before: &Frontier, leaf: &[u8]) -> Self {
        let peaks = before.peaks.iter().map(|peak| (*peak, false)).collect();
        let mut builder = Self { size: before.size, peaks, path: Vec::new() };
        builder.add(leaf_hash(leaf), true);
        builder
    }

    /// Adds the next leaf.
    pub fn push(&mut self, leaf: &[u8]) {
        self.add(leaf_hash(leaf), false);
    }

    fn add(&mut self, hash: Digest, mine: bool) {
        let (mut right, mut size) = ((hash, mine), self.size);
        while size & 1 == 1 {
            if let Some(left) = self.peaks.pop() {
                right = self.join(left, right);
            }
            size >>= 1;
        }
        self.peaks.push(right);
        self.size += 1;
    }

    /// The parent of two; the one that the leaf is not under goes into the path.
    fn join(&mut self, left: (Digest, bool), right: (Digest, bool)) -> (Digest, bool) {
        match (left.1, right.1) {
            (true, _) => self.path.push(right.0),
            (false, true) => self.path.push(left.0),
            (false, false) => {}
        }
        (node_hash(&left.0, &right.0), left.1 || right.1)
    }

    /// The path, the number of leaves, and the root that the path leads to.
    #[must_use]
    pub fn finish(mut self) -> (Vec<Digest>, u64, Digest) {
        let mut root = self.peaks.pop();
        while let (Some(right), Some(left)) = (root, self.peaks.pop()) {
            root = Some(self.join(left, right));
        }
        let root = root.map_or_else(|| sha256(&[]), |(root, _)| root);
        (self.path, self.size, root)
    }
}

/// The root over leaves given as data.
#[must_use]
pub fn root(leaves: &[Digest]) -> Digest {
    let mut frontier = Frontier::default();
    leaves.iter().for_each(|leaf| frontier.push(leaf.as_bytes()));
    frontier.root()
}

/// The largest power of two below `n` (for `n` of at least 2).
const fn split_point(n: usize) -> usize {
    let half = n.next_power_of_two() / 2;
    if half == n { n / 2 } else { half }
}

/// The path that proves leaf `index` to be under the root of `leaves`.
///
/// SPEC: RFC 6962 §2.1.1 `PATH(m, D[n])`.
#[must_use]
pub fn inclusion(leaves: &[Digest], index: usize) -> Vec<Digest> {
    if leaves.len() < 2 || index >= leaves.len() {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(split_point(leaves.len()));
    let (mut path, sibling) = if index < left.len() {
        (inclusion(left, index), root(right))
    } else {
        (inclusion(right, index - left.len()), root(left))
    };
    path.push(sibling);
    path
}

/// Whether `path` leads from the leaf at `index` to `root` in a tree of `size` leaves.
///
/// SPEC: RFC 9162 §2.1.3.2.
#[must_use]
pub fn included(leaf: &[u8], index: u64, size: u64, path: &[Digest], root: &Digest) -> bool {
    let (mut at, mut last) = (index, size.saturating_sub(1));
    if index >= size {
        return false;
    }
    let mut hash = leaf_hash(leaf);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(sibling, &hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

#[cfg(test)]
mod tests;
