//! The numbers of feeds, such as the serial of a zone: each rises when the feed says something else,
//! and at no other time. It knows no feed's content, only its digest.

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
    /// The number under which a feed says this. It never falls behind the clock's seconds, so that a
    /// node restored from a backup does not give old numbers to new content.
    pub(crate) fn number_feed(
        moment: &mut Moment<'_, '_>,
        (feed, says): (&Digest, &Digest),
    ) -> Result<Answer, StoreError> {
        let seconds = moment.now.micros().div_euclid(1_000_000);
        let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
        let reading = moment.tx.reading();
        let known = reading.serial(feed)?;
        if let Some((serial, said)) = known
            && said == *says
        {
            return Ok(Answer::Serial(serial));
        }
        let serial = known.map_or(seconds, |(serial, _)| seconds.max(serial.saturating_add(1)));
        // Whoever asks for ever new feeds is numbered by the clock, and nothing is kept of it.
        if known.is_some() || reading.serials()? < SERIALS_MAX {
            moment.tx.put_serial(feed, serial, says)?;
        }
        Ok(Answer::Serial(serial))
    }
}
