//! A record that is held and comes again over fewer hops: it lies nearer to its signer than it seemed,
//! and goes on as far as by the shortest way, in whatever order the ways came (decision 0002).
//!
//! It moves nothing further away: what came over few hops once has come so.

use crate::apply::{Moment, Node};
use crate::effect::Effect;
use crate::outlet::link_key;
use crate::release::placed;
use model::time::Instant;
use policy::{Placed, decide};
use store::{Seq, StoreError};

impl Node {
    /// Counts the hops by which an entry came, if they are fewer than before; then the members of its
    /// circle that may have it are given it by these, also who has it over more.
    pub(crate) fn came_nearer(
        &self,
        moment: &mut Moment<'_, '_>,
        seq: Seq,
        hop: u8,
    ) -> Result<(), StoreError> {
        let Some(row) = moment.tx.reading().row(seq)? else { return Ok(()) };
        if row.via.is_none() || row.erased || hop >= row.hop {
            return Ok(());
        }
        moment.tx.put_hop(seq, hop)?;
        let circle = row.label.circle;
        let members = self.circles.by_id(&circle).map(|c| c.members.as_slice()).unwrap_or_default();
        let keys: Vec<String> = members.iter().map(|member| link_key(&member.node())).collect();
        // An embargo is looked at by itself at its end.
        let end = Instant::from_micros(i64::MAX);
        for key in keys {
            let reading = moment.tx.reading();
            let Some(reader) = self.outlet_reader(&reading, &key)? else { continue };
            let Some(outlet) = reading.outlet(&key)? else { continue };
            if !decide(&Placed { hop, ..placed(&row) }, &reader, end).released {
                continue;
            }
            for number in reading.numbers_of(outlet.id, seq)? {
                moment.tx.put_doubted(outlet.id, number, number.saturating_add(1))?;
            }
            Self::open_again(moment, &key, circle, seq)?;
        }
        moment.effects.push(Effect::Wake);
        Ok(())
    }
}
