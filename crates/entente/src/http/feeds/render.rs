//! One feed rendered: read page by page with its reader's eyes, written in its form. It keeps none,
//! and answers nobody.

use super::ask::Question;
use crate::http::api::names::Names;
use crate::runtime::{Runtime, Unavailable};
use detect::known_good::Lists;
use detect::observable::Observable;
use formats::export::{About, Line, Writer};
use formats::problem::Problem;
use model::circle::Circle;
use model::facts::ValueKind;
use model::id::NodeId;
use model::limits::{FEED_BYTES_MAX, FEED_DECAY_SECONDS, FEED_LABELLED_MAX, FEED_LINES_MAX};
use model::time::Instant;
use node::read::{FeedEntry, FeedError, Feeding};
use node::release::Lens;
use std::collections::HashMap;
use std::sync::Arc;

/// Why there is no feed.
#[derive(Debug, thiserror::Error)]
pub(super) enum RenderError {
    /// The node cannot read.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// It would be longer than anybody can load, and one that was cut would look whole.
    #[error("E-FEED-001: the feed has more than {FEED_LINES_MAX} values or {FEED_BYTES_MAX} bytes")]
    TooLong,
    /// Too many bodies would be opened.
    #[error(
        "E-FEED-002: more than {FEED_LABELLED_MAX} indicators would be opened for their labels"
    )]
    Labels,
}

impl RenderError {
    /// In words for those outside; `None` where the node's own answer says it.
    pub(super) fn problem(&self) -> Option<Problem> {
        let told = |code, message: &str| {
            let hint = "ask for fewer: kind, min_confidence, max_age";
            Some(Problem::error(code, message.to_owned()).hint(hint))
        };
        match self {
            Self::Unavailable(_) => None,
            Self::TooLong => told("E-FEED-001", "the feed is longer than a tool can load"),
            Self::Labels => told("E-FEED-002", "too many indicators to choose from by label"),
        }
    }
}

/// What was rendered.
#[derive(Debug)]
pub(super) struct Rendered {
    pub(super) bytes: Vec<u8>,
    /// The places in the log of what it shows, as ranges.
    pub(super) shows: Vec<(u64, u64)>,
    /// Until when time alone changes nothing.
    pub(super) until: Option<Instant>,
}

/// Renders a feed of a circle for a reader.
pub(super) fn render(
    runtime: &Runtime,
    (circle, lens): (&Circle, Lens),
    question: &Question,
    good: Arc<Lists>,
) -> Result<Rendered, RenderError> {
    let now = lens.now;
    let names = runtime.read_here(|reading| Names::load(reading, runtime.me()))?;
    let mut feeding = Feeding::new(lens, question.wanted(circle.id, now));
    let mut page = Page {
        writer: Writer::new(question.form, question.options.clone()),
        sieve: Sieve { good, listed: circle.known_good, acts: question.form.acts() },
        names: &names,
        signers: HashMap::new(),
        lines: 0,
        shows: Vec::new(),
    };
    let mut after = Some(0);
    while let Some(from) = after {
        let read = runtime.read_here(|reading| {
            match feeding.page(reading, from, &mut |entry| page.push(&entry)) {
                Ok(next) => Ok(Some(next)),
                Err(FeedError::Labels) => Ok(None),
                Err(FeedError::Store(error)) => Err(error),
            }
        });
        after = read?.ok_or(RenderError::Labels)?;
        if page.lines > FEED_LINES_MAX || page.writer.bytes() > FEED_BYTES_MAX {
            return Err(RenderError::TooLong);
        }
    }
    let about = About { circle: circle.id.uuid(), name: &circle.name, serial: 0 };
    let decays = question.min_confidence > 0 || question.max_age_days.is_some();
    let again = decays.then(|| now.plus_seconds(FEED_DECAY_SECONDS));
    let until = [feeding.holds_until(), again].into_iter().flatten().min();
    Ok(Rendered { bytes: page.writer.finish(&about), shows: page.shows, until })
}

/// A feed while it is written.
struct Page<'p> {
    writer: Writer,
    sieve: Sieve,
    names: &'p Names,
    signers: HashMap<NodeId, String>,
    lines: usize,
    shows: Vec<(u64, u64)>,
}

impl Page<'_> {
    fn push(&mut self, entry: &FeedEntry<'_>) {
        let Self { writer, sieve, names, signers, .. } = self;
        let signer = signers.entry(entry.signer).or_insert_with(|| names.node(&entry.signer));
        let mut shown = entry.values.is_empty();
        for (kind, value, below) in &entry.values {
            let Some(below) = sieve.lets(*kind, value, *below) else { continue };
            shown = true;
            self.lines = self.lines.saturating_add(1);
            writer.push(&Line {
                id: entry.id,
                kind: *kind,
                value,
                signer,
                stated: entry.terms.stated,
                since: entry.terms.since,
                until: entry.terms.until,
                tlp: entry.tlp,
                pap: entry.pap,
                below,
            });
        }
        if !shown {
            return;
        }
        if let Some(body) = &entry.body {
            writer.push_body(body.bytes());
        }
        let seq = entry.seq.unsigned_abs();
        match self.shows.last_mut() {
            Some((_, last)) if last.saturating_add(1) == seq => *last = seq,
            Some(_) | None => self.shows.push((seq, seq)),
        }
    }
}

/// What is known to be good stays out.
struct Sieve {
    good: Arc<Lists>,
    /// The circle wants that.
    listed: bool,
    acts: bool,
}

impl Sieve {
    /// Whether a value may be told, and names below it with it. Who acts upon a value strikes all of
    /// it: then a list need only speak of a part.
    fn lets(&self, kind: ValueKind, value: &str, below: bool) -> Option<bool> {
        if self.good.is_empty() {
            return Some(below);
        }
        let observable = Observable { kind, text: value.to_owned() };
        let own = self.good.never(&observable).is_some();
        let listed = self.listed
            && if self.acts {
                self.good.flags(&observable).is_some()
            } else {
                self.good.silences(&observable).is_some()
            };
        (!own && !listed).then(|| below && !self.good.shares_hosts(value))
    }
}
