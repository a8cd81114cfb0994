//! Exactly once: numbers are dense, stand for one content for ever, and are applied in order.
//!
//! It deliberately looks at what left and what was applied, not at the outlet's own memory;
//! except that an outlet must be the same when it is made again from the log.

use super::truth::Truth;
use crate::outcome::{Check, Violation};
use crate::small::link::{Content, Wire};
use crate::small::node::Node;

impl Truth {
    /// These lines left; the first of them stands at this number.
    pub(in crate::small) fn left(
        &mut self,
        (from, to): (u8, u8),
        first: usize,
        lines: &[Wire],
    ) -> Result<(), Violation> {
        for (number, line) in (first..).zip(lines) {
            let shown = line.number;
            if shown != number {
                let detail = format!("{from} -> {to}: number {shown} stands at place {number}");
                return Err(self.broken(Check::Once, detail));
            }
            let next = self.next.entry((from, to)).or_default();
            let gap = number > *next;
            *next = (*next).max(number + 1);
            if gap {
                let detail = format!("{from} -> {to}: number {number} left before its forerunner");
                return Err(self.broken(Check::Once, detail));
            }
            // A blank may stand where a record was numbered that was narrowed before it left.
            if matches!(line.content, Content::Blank) {
                continue;
            }
            let digest = line.digest();
            if *self.left.entry((from, to, number)).or_insert(digest) != digest {
                let detail = format!("{from} -> {to}: number {number} has other content: {line}");
                return Err(self.broken(Check::Once, detail));
            }
        }
        Ok(())
    }

    /// Everything applied is a prefix of what left, each number once.
    pub(in crate::small) fn applied_once(&self, node: &Node) -> Result<(), Violation> {
        let me = node.site.me;
        let mut next = std::collections::BTreeMap::new();
        for (from, number, digest) in &node.disk.applied {
            let due: &mut usize = next.entry(*from).or_default();
            if number != due {
                let detail = format!("{from} -> {me}: {number} was applied when {due} was due");
                return Err(self.broken(Check::Once, detail));
            }
            *due += 1;
            // Absent: blank when it was applied.
            let left = self.left.get(&(*from, me, *number));
            let blank = Wire { number: *number, content: Content::Blank }.digest();
            if left != Some(digest) && *digest != blank {
                let detail = format!("{from} -> {me}: {number} was applied with other content");
                return Err(self.broken(Check::Once, detail));
            }
        }
        Ok(())
    }

    /// Every outlet is what the log says it is.
    pub(in crate::small) fn outlets_derive(&self, node: &Node) -> Result<(), Violation> {
        for (reader, outlet) in &node.disk.outlets {
            let again = outlet.derived(&node.site, *reader, &node.disk.log, self.now);
            if again.lines != outlet.lines || outlet.counted() != outlet.lines.len() {
                let me = node.site.me;
                let detail = format!("node {me}: the outlet of {reader:?} derives differently");
                return Err(self.broken(Check::Once, detail));
            }
        }
        Ok(())
    }
}
