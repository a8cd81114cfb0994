//! What a server answers, read as leniently as that loses nothing: envelopes with `items` for
//! `objects`, `more` and `next` of odd types, dates in no form. It judges no object.

use super::ask::foreign;
use crate::source::client::Answer;
use crate::source::failure::PullFailure;
use crate::source::flow::Whole;
use http::StatusCode;
use model::limits::SOURCE_NEXT_BYTES_MAX;
use model::time::Instant;
use serde::Deserialize;
use serde_json::value::RawValue;

/// SPEC: TAXII 2.1 §5.4: the date of the last object of the answer.
const LAST: &str = "x-taxii-date-added-last";
/// That of the first.
const FIRST: &str = "x-taxii-date-added-first";

/// A page of a collection.
#[derive(Debug)]
pub(super) struct Page {
    /// The array of objects, or nothing.
    pub(super) objects: Whole,
    /// Whether there is more, as far as the server says.
    pub(super) more: bool,
    /// How to ask for it.
    pub(super) next: Option<String>,
    /// The date of its last object.
    pub(super) last: Option<Instant>,
    /// The date of its first.
    pub(super) first: Option<Instant>,
}

#[derive(Default, Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    more: Option<&'a RawValue>,
    #[serde(borrow)]
    next: Option<&'a RawValue>,
    #[serde(borrow)]
    objects: Option<&'a RawValue>,
    // Some servers' word for the same.
    #[serde(borrow)]
    items: Option<&'a RawValue>,
}

impl Page {
    /// Reads an answer.
    pub(super) async fn read(answer: Answer) -> Result<Self, PullFailure> {
        let (last, first) = (date(&answer, LAST), date(&answer, FIRST));
        let kind = answer.header("content-type").map(str::to_owned);
        if answer.status == StatusCode::NO_CONTENT {
            let objects = Whole::starting(Vec::new());
            return Ok(Self { objects, more: false, next: None, last, first });
        }
        let whole = answer.whole().await?;
        let text = whole.bytes().trim_ascii_start();
        if text.first() != Some(&b'{') {
            let why = if text.is_empty() { "it is empty" } else { "it is no JSON object" };
            return Err(foreign(kind.as_deref(), why));
        }
        let envelope: Envelope<'_> = serde_json::from_slice(whole.bytes())
            .map_err(|error| PullFailure::Cut(error.to_string()))?;
        let (more, next) = (envelope.more.map(truth), envelope.next.and_then(text_of));
        let objects = envelope.objects.or(envelope.items).map(RawValue::get);
        let objects = objects.filter(|text| *text != "null").unwrap_or_default();
        if !objects.is_empty() && !objects.starts_with('[') {
            return Err(foreign(kind.as_deref(), "its objects are no array"));
        }
        // Without a word about more, a way to it is one.
        let more = more.unwrap_or(next.is_some() && !objects.is_empty());
        let (from, length) = place(whole.bytes(), objects.as_bytes());
        let objects = whole.narrowed(from, length);
        Ok(Self { objects, more, next, last, first })
    }

    /// Whether it holds no object.
    pub(super) fn is_empty(&self) -> bool {
        let inside = self.objects.bytes().strip_prefix(b"[").unwrap_or_default();
        matches!(inside.trim_ascii_start().first(), None | Some(b']'))
    }
}

/// Where a part of a text stands in it, and its length.
fn place(whole: &[u8], part: &[u8]) -> (usize, usize) {
    let from = part.as_ptr().addr().saturating_sub(whole.as_ptr().addr());
    (if part.is_empty() { whole.len() } else { from }, part.len())
}

/// A date that is none ("undefined", "Thu Feb 20 2020 …") is no date.
fn date(answer: &Answer, name: &str) -> Option<Instant> {
    answer.header(name)?.trim().parse().ok()
}

fn truth(value: &RawValue) -> bool {
    matches!(value.get(), "true" | "\"true\"" | "\"True\"" | "1")
}

/// A text or a number, as it is to be repeated.
fn text_of(value: &RawValue) -> Option<String> {
    let text = match value.get() {
        "null" => return None,
        text if text.starts_with('"') => serde_json::from_str(text).ok()?,
        text if text.starts_with(['{', '[', 't', 'f']) => return None,
        number => number.to_owned(),
    };
    (!text.is_empty() && text.len() <= SOURCE_NEXT_BYTES_MAX).then_some(text)
}

/// The latest date in a manifest.
pub(super) async fn latest(answer: Answer) -> Result<Option<Instant>, PullFailure> {
    #[derive(Deserialize)]
    struct Manifest {
        #[serde(default)]
        objects: Vec<Record>,
    }
    #[derive(Deserialize)]
    struct Record {
        #[serde(default)]
        date_added: String,
    }
    let whole = answer.whole().await?;
    let manifest: Result<Manifest, _> = serde_json::from_slice(whole.bytes());
    let records = manifest.map(|manifest| manifest.objects).unwrap_or_default();
    Ok(records.iter().filter_map(|record| record.date_added.parse().ok()).max())
}

#[cfg(test)]
mod tests;
