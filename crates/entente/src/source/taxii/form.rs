//! What a TAXII server's bytes mean, read as leniently as that loses nothing: envelopes with `items`
//! for `objects`, `more` and `next` of odd types, dates in no form. It asks nobody and judges no
//! object.

use model::limits::SOURCE_NEXT_BYTES_MAX;
use model::time::Instant;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Why an answer is no page.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Unread {
    /// Something else than TAXII came.
    Foreign(&'static str),
    /// It began as JSON, and breaks off or goes wrong.
    Broken(String),
}

/// What a page says beside its objects, and where they stand in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Form {
    /// Whether there is more, as far as the server says.
    pub(crate) more: bool,
    /// How to ask for it.
    pub(crate) next: Option<String>,
    /// The first byte of the array of objects.
    pub(crate) from: usize,
    /// Its length; 0 when there is none.
    pub(crate) length: usize,
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

/// A discovery, an API root or a list of collections: whichever members there are.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Resource {
    pub(crate) default: Option<String>,
    pub(crate) api_roots: Vec<String>,
    pub(crate) versions: Vec<String>,
    pub(crate) collections: Vec<Collection>,
}

/// A collection as its server describes it.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Collection {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) can_read: Option<bool>,
}

/// Reads an envelope.
pub(crate) fn envelope(bytes: &[u8]) -> Result<Form, Unread> {
    let text = bytes.trim_ascii_start();
    if text.first() != Some(&b'{') {
        let why = if text.is_empty() { "it is empty" } else { "it is no JSON object" };
        return Err(Unread::Foreign(why));
    }
    let envelope: Envelope<'_> =
        serde_json::from_slice(bytes).map_err(|error| Unread::Broken(error.to_string()))?;
    let (more, next) = (envelope.more.map(truth), envelope.next.and_then(text_of));
    let objects = envelope.objects.or(envelope.items).map(RawValue::get);
    let objects = objects.filter(|text| *text != "null").unwrap_or_default();
    if !objects.is_empty() && !objects.starts_with('[') {
        return Err(Unread::Foreign("its objects are no array"));
    }
    // Without a word about more, a way to it is one.
    let more = more.unwrap_or(next.is_some() && !objects.is_empty());
    let (from, length) = place(bytes, objects.as_bytes());
    Ok(Form { more, next, from, length })
}

/// Where a part of a text stands in it, and its length.
fn place(whole: &[u8], part: &[u8]) -> (usize, usize) {
    let from = part.as_ptr().addr().saturating_sub(whole.as_ptr().addr());
    (if part.is_empty() { whole.len() } else { from }, part.len())
}

/// Whether an array of objects, as it stands in an envelope, holds none.
pub(crate) fn is_empty(objects: &[u8]) -> bool {
    let inside = objects.strip_prefix(b"[").unwrap_or_default();
    matches!(inside.trim_ascii_start().first(), None | Some(b']'))
}

/// A date that is none ("undefined", "Thu Feb 20 2020 …") is no date.
pub(crate) fn date(text: &str) -> Option<Instant> {
    text.trim().parse().ok()
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

/// The latest date in a manifest; `None` when it is none, or has no date.
pub(crate) fn latest(bytes: &[u8]) -> Option<Instant> {
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
    let manifest: Manifest = serde_json::from_slice(bytes).ok()?;
    manifest.objects.iter().filter_map(|record| date(&record.date_added)).max()
}

/// Reads a discovery, an API root or a list of collections.
pub(crate) fn resource(bytes: &[u8]) -> Result<Resource, String> {
    serde_json::from_slice(bytes).map_err(|error| error.to_string())
}

/// What can stand in a path as it is, and leads to no other one.
pub(crate) fn is_segment(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    // SPEC: RFC 3986 §5.2.4: a path with these is another one.
    !id.is_empty() && !matches!(id, "." | "..") && id.bytes().all(plain)
}

#[cfg(test)]
mod tests;
