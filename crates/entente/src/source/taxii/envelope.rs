//! A server's answers as they come: pages and manifests with their headers. What their bytes mean
//! is in `form`.

use super::ask::foreign;
use super::form::{self, Form, Unread};
use crate::source::client::Answer;
use crate::source::failure::PullFailure;
use crate::source::flow::Whole;
use http::StatusCode;
use model::time::Instant;

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
        let form = form::envelope(whole.bytes()).map_err(|unread| match unread {
            Unread::Foreign(why) => foreign(kind.as_deref(), why),
            Unread::Broken(error) => PullFailure::Cut(error),
        })?;
        let Form { more, next, from, length } = form;
        Ok(Self { objects: whole.narrowed(from, length), more, next, last, first })
    }

    /// Whether it holds no object.
    pub(super) fn is_empty(&self) -> bool {
        form::is_empty(self.objects.bytes())
    }
}

/// The date in a header, if there is one.
fn date(answer: &Answer, name: &str) -> Option<Instant> {
    form::date(answer.header(name)?)
}

/// The latest date in a manifest.
pub(super) async fn latest(answer: Answer) -> Result<Option<Instant>, PullFailure> {
    Ok(form::latest(answer.whole().await?.bytes()))
}
