//! What a new indicator has to look back for: the values that no earlier version of it had. It reads
//! no segment.

use crate::watch::{self, versions};
use detect::observable::{Observable, guess, normal};
use formats::export::kind_of;
use model::facts::{Value, ValueKind};
use std::collections::HashSet;
use store::{Reading, Row, Seq, StoreError};

/// The values of an entry that no earlier version of it had: the others were looked back for, and
/// watched ever since.
///
/// # Errors
/// When the store cannot be read.
pub fn fresh(
    reading: &Reading<'_>,
    seq: Seq,
    values: Vec<Value>,
) -> Result<Vec<Value>, StoreError> {
    let Some(row) = reading.row(seq)?.filter(|row| !row.erased) else { return Ok(Vec::new()) };
    if !row.rival {
        return Ok(values);
    }
    let same = |other: &Row| {
        other.seq < seq
            && other.signer == row.signer
            && other.authorship == row.authorship
            && other.label.circle == row.label.circle
    };
    let mut known: HashSet<Observable> = HashSet::new();
    for earlier in versions(reading, &row.thing, same)? {
        known.extend(watch::values(reading, earlier.seq)?);
    }
    let seen =
        |value: &Value| known.contains(&Observable { kind: value.kind, text: value.text.clone() });
    Ok(values.into_iter().filter(|value| !seen(value)).collect())
}

/// What a person asks for, by its shape; `None` when it is nothing that is kept.
#[must_use]
pub fn sought(text: &str) -> Option<Observable> {
    let addresses = [ValueKind::Ipv4, ValueKind::Ipv6];
    let prefix = addresses.into_iter().find_map(|kind| normal(kind, text));
    prefix.or_else(|| guess(text).into_iter().next())
}

/// The same of a kind that is named, in the words of segments (`file-name`, `registry-key`): these
/// have no shape.
#[must_use]
pub fn sought_as(kind: &str, text: &str) -> Option<Observable> {
    kind_of(kind).into_iter().find_map(|kind| normal(kind, text))
}

/// Entries with their values, and where to go on.
pub type Pending = (Vec<(Seq, Vec<Value>)>, Option<Seq>);

/// Entries above `after`, up to and with `upto`, that wait to be looked back for, at most `limit`,
/// and where to go on. Entries of one time that a process died over come by this.
///
/// # Errors
/// When the store cannot be read.
pub fn pending(
    reading: &Reading<'_>,
    span: (Seq, Seq),
    limit: usize,
) -> Result<Pending, StoreError> {
    let mut found = Vec::new();
    let next = reading.watched(span, limit, &mut |seq, _, values| {
        let value = |(kind, text): (ValueKind, &str)| Value { kind, text: text.to_owned() };
        found.push((seq, values.map(value).collect()));
    })?;
    Ok((found, next))
}
