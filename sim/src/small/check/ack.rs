//! Ack means durable: what was acknowledged is there after every crash.
//!
//! It deliberately asks nothing of what was not acknowledged: that may be there or not.

use super::truth::{Promise, Truth, held_place};
use crate::outcome::{Check, Violation};
use crate::small::node::Node;
use crate::small::record::Post;

impl Truth {
    /// A submission was answered: each of its objects must be held, as this submitter's.
    pub(in crate::small) fn answered(&mut self, node: &Node, post: &Post) -> Result<(), Violation> {
        for item in &post.items {
            let place = (item.circle, item.thing, item.version);
            let (me, who) = (node.site.me, post.submitter);
            let Some(canary) = held_place(node, who, place) else {
                let detail = format!("node {me} acknowledged {place:?} to {who} and has it not");
                return Err(self.broken(Check::Ack, detail));
            };
            let promise = Promise { submitter: who, place, canary };
            self.promises.entry(me).or_default().push(promise);
        }
        Ok(())
    }

    /// Everything acknowledged is still there, with the same content.
    pub(in crate::small) fn kept(&self, node: &Node) -> Result<(), Violation> {
        let me = node.site.me;
        for Promise { submitter, place, canary } in self.promises.get(&me).into_iter().flatten() {
            if held_place(node, *submitter, *place) != Some(*canary) {
                let detail = format!("node {me} lost {place:?} of {submitter}");
                return Err(self.broken(Check::Ack, detail));
            }
        }
        Ok(())
    }

    /// A receiver acknowledged everything before this number: its cursor must say so.
    pub(in crate::small) fn link_acked(
        &self,
        from: u8,
        receiver: &Node,
        upto: usize,
    ) -> Result<(), Violation> {
        let cursor = receiver.disk.cursors.get(&from).copied().unwrap_or(0);
        let applied = receiver.disk.applied.iter().filter(|line| line.0 == from).count();
        if cursor < upto || applied != cursor {
            let to = receiver.site.me;
            let detail = format!("{from} -> {to}: acked {upto}, cursor {cursor}, has {applied}");
            return Err(self.broken(Check::Ack, detail));
        }
        Ok(())
    }
}
