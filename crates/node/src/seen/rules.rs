//! The rules that are in force, page by page, so that what they name can be asked of what was seen. It
//! asks nothing.

use crate::filling::is_newest;
use model::facts::Rule;
use store::{Reading, Seq, StoreError};

/// Rules with their places, and where to go on.
pub type RulesPage = (Vec<(Seq, Rule)>, Option<Seq>);

/// The rules above a place, up to and with another, at most `limit` of them looked at: the newest
/// version of each, unless it is hidden.
///
/// # Errors
/// When the store cannot be read.
pub fn rules(
    reading: &Reading<'_>,
    span: (Seq, Seq),
    limit: usize,
) -> Result<RulesPage, StoreError> {
    let mut page = Vec::new();
    let next = reading.rules(span, limit, &mut |seq, rule| page.push((seq, rule)))?;
    let mut found = Vec::new();
    let hidden = reading.hidden()?;
    for (seq, rule) in page {
        if !hidden.contains(&seq) && is_newest(reading, seq)? {
            found.push((seq, rule));
        }
    }
    Ok((found, next))
}
