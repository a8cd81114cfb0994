//! One feed rendered: read page by page with its reader's eyes, written in its form. It keeps none,
//! and answers nobody.

use super::ask::Question;
use crate::http::api::names::Names;
use crate::runtime::{Runtime, Unavailable};
use detect::known_good::Lists;
use detect::observable::Observable;
use formats::export::{About, Form, Line, RuleLine, Unstamped, Writer};
use formats::problem::Problem;
use model::circle::Circle;
use model::facts::ValueKind;
use model::id::{CircleId, NodeId};
use model::limits::{FEED_BYTES_MAX, FEED_DECAY_SECONDS, FEED_LABELLED_MAX, FEED_LINES_MAX};
use model::time::Instant;
use node::Suppression;
use node::read::{FeedEntry, FeedError, Feeding};
use node::release::Lens;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;

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
    /// It is a file of a folder that does not have it.
    #[error("there is no such file in this feed")]
    Unknown,
}

impl RenderError {
    /// In words for those outside; `None` where the node's own answer says it.
    pub(super) fn problem(&self) -> Option<Problem> {
        let told = |code, message: &str| {
            let hint = "ask for fewer: kind, min_confidence, max_age";
            Some(Problem::error(code, message.to_owned()).hint(hint))
        };
        match self {
            Self::Unavailable(_) | Self::Unknown => None,
            Self::TooLong => told("E-FEED-001", "the feed is longer than a tool can load"),
            Self::Labels => told("E-FEED-002", "too many indicators to choose from by label"),
        }
    }
}

/// What was rendered.
#[derive(Debug)]
pub(super) struct Rendered {
    pub(super) feed: Unstamped,
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
    let mut sieve = Sieve::new(good, circle, question.form);
    let silent = runtime.read_here(|reading| node::suppress::suppressions(reading, now))?;
    let silent_until = sieve.hush(silent, circle.id);
    let publisher = publisher(circle, &runtime.me().node());
    let floor = runtime.settings().watch.min_confidence;
    let wanted = question.wanted((circle.id, publisher), floor, now);
    let wanted = wanted.ok_or(RenderError::Unknown)?;
    let decays = wanted.min_confidence > 0 || wanted.weighed || wanted.not_before.is_some();
    let mut feeding = Feeding::new(lens, wanted);
    let mut page = Page {
        writer: Writer::new(question.form, question.options.clone(), publisher),
        sieve,
        of_rules: question.form.of_rules(),
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
        let Page { writer, lines, .. } = &page;
        if *lines > FEED_LINES_MAX || writer.bytes() > FEED_BYTES_MAX || writer.is_too_long() {
            return Err(RenderError::TooLong);
        }
    }
    let me = runtime.me();
    let about = About {
        circle: circle.id.uuid(),
        name: &circle.name,
        serial: 0,
        by: &me.name,
        by_id: Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("entente:{}", me.node()).as_bytes()),
    };
    let again = decays.then(|| now.plus_seconds(FEED_DECAY_SECONDS));
    let until = [feeding.holds_until(), again, silent_until].into_iter().flatten().min();
    let feed = page.writer.finish(&about).ok_or(RenderError::Unknown)?;
    Ok(Rendered { feed, shows: page.shows, until })
}

/// What the ids that a feed gives itself follow from: this circle, at this node.
fn publisher(circle: &Circle, node: &NodeId) -> Uuid {
    Uuid::new_v5(&circle.id.uuid(), node.as_bytes())
}

/// A feed while it is written.
struct Page<'p> {
    writer: Writer,
    sieve: Sieve,
    of_rules: bool,
    names: &'p Names,
    signers: HashMap<NodeId, String>,
    lines: usize,
    shows: Vec<(u64, u64)>,
}

impl Page<'_> {
    fn push(&mut self, entry: &FeedEntry<'_>) {
        let Self { writer, sieve, names, signers, .. } = self;
        if sieve.hushes(&entry.id) {
            return;
        }
        let signer = signers.entry(entry.signer).or_insert_with(|| names.node(&entry.signer));
        let mut shown = entry.values.is_empty();
        if self.of_rules {
            shown = entry.body.as_ref().is_some_and(|body| {
                let Some(text) = sigma(body.bytes()) else { return false };
                writer.push_rule(&RuleLine {
                    id: entry.id,
                    signer_id: entry.signer.as_bytes().first_chunk().copied().unwrap_or_default(),
                    signer,
                    tlp: entry.tlp,
                    text: &text,
                    is_read: detect::sigma::read(&text).is_ok(),
                });
                true
            });
            self.lines = self.lines.saturating_add(usize::from(shown));
        }
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
                confidence: entry.confidence,
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

/// The text of a Sigma rule that a body carries.
fn sigma(body: &[u8]) -> Option<Cow<'_, str>> {
    #[derive(Deserialize)]
    struct Carried<'a> {
        #[serde(borrow)]
        pattern: Cow<'a, str>,
        #[serde(borrow)]
        pattern_type: Cow<'a, str>,
    }
    let carried: Carried<'_> = serde_json::from_slice(body).ok()?;
    (carried.pattern_type == "sigma").then_some(carried.pattern)
}

/// What is known to be good stays out, and what a person silenced.
struct Sieve {
    good: Arc<Lists>,
    /// The circle wants that.
    listed: bool,
    acts: bool,
    /// Ids of indicators, and values.
    silent: HashSet<String>,
}

impl Sieve {
    fn new(good: Arc<Lists>, circle: &Circle, form: Form) -> Self {
        Self { good, listed: circle.known_good, acts: form.acts(), silent: HashSet::new() }
    }

    /// Takes what is silent in this circle; says when the first of that ends.
    fn hush(&mut self, silent: Vec<Suppression>, circle: CircleId) -> Option<Instant> {
        let here = |one: &Suppression| one.circle.is_none_or(|only| only == circle);
        let mut first: Option<Instant> = None;
        for one in silent.into_iter().filter(here) {
            first = Some(first.map_or(one.until, |first| first.min(one.until)));
            self.silent.insert(one.what);
        }
        first
    }

    fn hushes(&self, indicator: &Uuid) -> bool {
        !self.silent.is_empty() && self.silent.contains(&format!("indicator--{indicator}"))
    }

    /// Whether a value may be told, and names below it with it. Who acts upon a value strikes all of
    /// it: then a list need only speak of a part.
    fn lets(&self, kind: ValueKind, value: &str, below: bool) -> Option<bool> {
        if self.silent.contains(value) {
            return None;
        }
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
