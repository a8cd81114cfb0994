//! What still goes on when the disk fills: bulk stops first, then all but what takes something back.
//! How much room there is, and where the bounds are, is the rim's.

use crate::command::{Administer, Command};
use crate::link::{Arrival, Content};
use model::limits::URGENT_BATCH_BYTES_MAX;

/// How long a command is let through while the disk fills.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Weight {
    /// It brings much, and can be sent again: published objects, pulled ones, backfill, telemetry.
    Bulk,
    /// It brings little: administration, numbers for readers, receipts.
    Usual,
    /// It takes something back, or from somebody; or it writes nothing. It is always tried.
    Last,
}

impl Command {
    /// How long it is let through.
    #[must_use]
    pub fn weight(&self) -> Weight {
        let last = matches!(self, Self::Hide { .. } | Self::Heed(_) | Self::Tick)
            || matches!(self, Self::Publish { terms, .. } if terms.dry_run)
            || matches!(self, Self::Arrive(arrival) if is_urgent(arrival))
            || matches!(self, Self::Administer(act) if takes_back(act));
        let bulk = matches!(
            self,
            Self::Publish { .. }
                | Self::Pulled(_)
                | Self::Arrive(_)
                | Self::Returned(_)
                | Self::Matched(_)
                | Self::Delivered { .. }
                | Self::Found { .. }
        );
        match (last, bulk) {
            (true, _) => Weight::Last,
            (false, true) => Weight::Bulk,
            (false, false) => Weight::Usual,
        }
    }
}

fn takes_back(act: &Administer) -> bool {
    if let Administer::Act { what, .. } = act {
        return takes_back(what);
    }
    matches!(
        act,
        Administer::SetCard { .. }
            | Administer::UndoSend { .. }
            | Administer::SetPolicy { .. }
            | Administer::Recall { .. }
            | Administer::Relabel { .. }
            | Administer::Withdraw { .. }
            | Administer::PartWith { .. }
            | Administer::Tell(_)
            | Administer::Undo(_)
            | Administer::RevokeToken(_)
            | Administer::RemoveMember { .. }
            | Administer::RemovePartner(_)
            | Administer::RemovedBy { .. }
            | Administer::RemoveSource(_)
            | Administer::RemoveReceiver(_)
    )
}

/// Nothing but proven urgent records, and not much: a batch is applied whole, so one recall must not
/// bring thousands of others past a full disk. From a mixed batch recalls are heeded alone.
fn is_urgent(arrival: &Arrival) -> bool {
    let mut bytes = 0_usize;
    let urgent = arrival.lines.iter().all(|line| match &line.content {
        Content::Verified(ready) => {
            bytes = bytes.saturating_add(ready.sealed.body().len());
            ready.sealed.header().thing.kind.is_urgent()
        }
        Content::Unverified(..) => false,
        Content::Refused(_) | Content::Gone => true,
    });
    urgent && bytes <= URGENT_BATCH_BYTES_MAX
}
