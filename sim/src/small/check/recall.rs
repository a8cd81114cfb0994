//! A recall is heard by whoever ever had its record, over however many others, member or not.
//!
//! It deliberately asks a node of no reach and no list: who has a row had the record.

use super::truth::Truth;
use crate::outcome::{Check, Stats, Violation};
use crate::small::node::Node;
use std::collections::BTreeSet;

impl Truth {
    /// Every row of what its signer has recalled is recalled wherever it is.
    pub(in crate::small) fn recalls_heard(
        &self,
        nodes: &[Node],
        stats: &mut Stats,
    ) -> Result<(), Violation> {
        let own = nodes.iter().flat_map(|node| &node.disk.view.rows);
        let recalled = own.filter(|row| row.own && row.recalled).map(|row| row.record.id);
        let recalled: BTreeSet<u64> = recalled.collect();
        for node in nodes {
            let rows = node.disk.view.rows.iter();
            for row in rows.filter(|row| recalled.contains(&row.record.id)) {
                if !row.recalled {
                    let (me, record) = (node.site.me, &row.record);
                    let detail = format!("node {me} never heard that it is recalled: {record}");
                    return Err(self.broken(Check::Recall, detail));
                }
                stats.add("recalls that were heard", usize::from(!row.own));
            }
        }
        Ok(())
    }
}
