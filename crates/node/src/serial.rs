//! The numbers of feeds, such as the serial of a zone: each rises when the feed says something else,
//! and else only when it was forgotten meanwhile. It knows no feed's content, only its digest.

use crate::apply::{Moment, Node};
use crate::command::Answer;
use model::id::Digest;
use model::limits::SERIALS_MAX;
use store::{Reading, StoreError};

/// The numbers of feeds that say what they said when they got them; each is named by two digests, its
/// own and that of what it says.
///
/// # Errors
/// When the store cannot be read.
pub fn kept(
    reading: &Reading<'_>,
    feeds: &[(Digest, Digest)],
) -> Result<Vec<Option<u32>>, StoreError> {
    let kept = feeds.iter().map(|(feed, says)| {
        let known = reading.serial(feed)?;
        Ok(known.filter(|(_, said)| said == says).map(|(serial, _)| serial))
    });
    kept.collect()
}

impl Node {
    /// The numbers under which feeds say this, in their order. None falls behind the clock's seconds,
    /// so that a node restored from a backup does not give old numbers to new content.
    pub(crate) fn number_feeds(
        moment: &mut Moment<'_, '_>,
        feeds: &[(Digest, Digest)],
    ) -> Result<Answer, StoreError> {
        let seconds = moment.now.micros().div_euclid(1_000_000);
        let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
        let before = moment.tx.reading().numbered_feeds()?;
        let mut numbered = before;
        let mut serials = Vec::with_capacity(feeds.len());
        for (feed, says) in feeds {
            let known = moment.tx.reading().serial(feed)?;
            if let Some((serial, said)) = known
                && said == *says
            {
                serials.push(serial);
                continue;
            }
            // LIMIT: the feed that said nothing new for longest makes room, so that nobody who asks
            // for ever new feeds keeps others from having a number.
            if known.is_none() {
                if numbered.feeds < SERIALS_MAX {
                    numbered.feeds += 1;
                } else if let Some(lowest) = moment.tx.forget_lowest_serial()? {
                    numbered.forgotten = numbered.forgotten.max(lowest);
                }
            }
            // INVARIANT: above whatever this feed had, also where that is forgotten and was beyond the
            // clock: it changed more than once a second, or the clock was set back.
            let had = known.map_or(numbered.forgotten, |(serial, _)| serial);
            let serial = seconds.max(had.saturating_add(1));
            moment.tx.put_serial(feed, serial, says)?;
            serials.push(serial);
        }
        if numbered != before {
            moment.tx.put_numbered(numbered)?;
        }
        Ok(Answer::Serials(serials))
    }
}
