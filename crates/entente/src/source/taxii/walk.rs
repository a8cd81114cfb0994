//! Reads a collection page by page, each committed with how far it reaches. A page may come twice
//! and then adds nothing; none may be left out.
//!
//! The date of the last object is what a pull is taken up again from, a microsecond earlier: objects
//! of the same date may stand on both sides of a page's end. `next` is used within one pull only, and
//! never a second time: some servers forget it after half a minute, others give the following page.

use super::ask::Asker;
use super::envelope::{Page, latest};
use super::find;
use crate::command::encoded;
use crate::runtime::now;
use crate::source::address::Address;
use crate::source::client::Client;
use crate::source::failure::PullFailure;
use crate::source::pull::Pull;
use model::id::Digest;
use model::limits::{
    SOURCE_EMPTY_PAGES_MAX, SOURCE_PAGE_OBJECTS, SOURCE_PAGE_OBJECTS_MAX, SOURCE_PAGE_OBJECTS_MIN,
    SOURCE_PAGES_MAX,
};
use model::seal::sha256;
use model::time::Instant;
use node::Position;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How much larger a page is asked for that is full of one date.
const GROW: u32 = 4;
/// How much smaller one that did not come whole.
const SHRINK: u32 = 8;

/// Pulls a collection.
pub(in crate::source) async fn pull(
    pull: &mut Pull,
    client: &mut Client,
    home: &Address,
) -> Result<(), PullFailure> {
    let mut asker = Asker::new(client);
    let objects = find::objects(&mut asker, home).await?;
    let walk = Walk {
        pull,
        asker,
        objects,
        limit: SOURCE_PAGE_OBJECTS,
        seen: BTreeMap::new(),
        largest: 0,
        empty: 0,
        fallen_back: false,
        gap: None,
    };
    walk.run().await
}

/// How the next page is asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Way {
    /// All that was added after a date, or everything.
    After(Option<Instant>),
    /// As the server said, with everything else as in the first request.
    ///
    /// SPEC: TAXII 2.1 §3.4: the same parameters, `limit` among them.
    Next { next: String, since: Option<Instant> },
}

impl Way {
    /// Where a pull is taken up: by date where there is one, since a `next` may have been used up.
    fn resumed(position: &Position) -> Self {
        match (position.added_after, &position.next) {
            (None, Some(next)) => Self::Next { next: next.clone(), since: None },
            (since, _) => Self::After(since),
        }
    }

    const fn since(&self) -> Option<Instant> {
        match self {
            Self::After(since) | Self::Next { since, .. } => *since,
        }
    }

    fn query(&self, limit: u32) -> String {
        let mut query = format!("limit={limit}");
        if let Some(since) = self.since() {
            write!(query, "&added_after={}", since.to_taxii()).ok();
        }
        if let Self::Next { next, .. } = self {
            write!(query, "&next={}", encoded(next)).ok();
        }
        query
    }
}

struct Walk<'w> {
    pull: &'w mut Pull,
    asker: Asker<'w>,
    objects: Address,
    limit: u32,
    /// The pages of this pull, and how many objects each held.
    seen: BTreeMap<Digest, u64>,
    /// Objects on the largest of them.
    largest: u64,
    /// Empty pages in a row.
    empty: usize,
    /// `next` led nowhere, and nothing new has come since.
    fallen_back: bool,
    /// What may be missing, and is told at the end.
    gap: Option<PullFailure>,
}

impl Walk<'_> {
    async fn run(mut self) -> Result<(), PullFailure> {
        let mut way = Way::resumed(&self.pull.source.position);
        for _ in 0..SOURCE_PAGES_MAX {
            let onwards = match self.page(&way).await {
                Ok(page) => self.take(&way, page).await?,
                Err(failure) => Some(self.otherwise(&way, failure)?),
            };
            let Some(onwards) = onwards else { break };
            way = onwards;
        }
        self.gap.map_or(Ok(()), Err)
    }

    async fn page(&mut self, way: &Way) -> Result<Page, PullFailure> {
        let answer = self.asker.get(&self.objects.asking(&way.query(self.limit))).await?;
        Page::read(answer).await
    }

    /// Another way to what did not come, if there is one.
    fn otherwise(&mut self, way: &Way, failure: PullFailure) -> Result<Way, PullFailure> {
        let less = failure.asks_for_less() && self.limit > SOURCE_PAGE_OBJECTS_MIN;
        let onwards = match way {
            Way::Next { .. } if failure.leaves_another_way() && !self.fallen_back => {
                self.fallen_back = true;
                self.seen.clear();
                Way::After(self.pull.source.position.added_after)
            }
            Way::After(since) if less => Way::After(*since),
            Way::Next { .. } | Way::After(_) => return Err(failure),
        };
        if less {
            self.limit = (self.limit / SHRINK).max(SOURCE_PAGE_OBJECTS_MIN);
        }
        Ok(onwards)
    }

    /// Takes a page in, and says how to go on; `None` at the end.
    async fn take(&mut self, way: &Way, page: Page) -> Result<Option<Way>, PullFailure> {
        if page.is_empty() {
            self.empty = self.empty.saturating_add(1);
            return match page.next.filter(|_| page.more) {
                Some(_) if self.empty > SOURCE_EMPTY_PAGES_MAX => Err(PullFailure::Standstill),
                Some(next) => Ok(Some(Way::Next { next, since: way.since() })),
                None => Ok(None),
            };
        }
        self.empty = 0;
        let digest = sha256(&[page.objects.bytes()]);
        if let Some(count) = self.seen.get(&digest).copied().filter(|_| page.more) {
            return self.stuck(way, &page, count).map(Some);
        }
        let last = self.last(&page).await;
        let (more, next) = (page.more, page.next);
        let position = reached(&self.pull.source.position, last, (more, next.as_ref()), now());
        let before = self.pull.tally.clone();
        self.pull.take_document(page.objects, position).await?;
        let tally = &self.pull.tally;
        if tally.accepted > before.accepted {
            self.fallen_back = false;
        }
        let count = tally.count().saturating_sub(before.count());
        self.largest = self.largest.max(count);
        self.seen.insert(digest, count);
        match (more, next, last) {
            (false, _, _) => Ok(None),
            (true, Some(next), _) => Ok(Some(Way::Next { next, since: way.since() })),
            (true, None, Some(last)) => Ok(Some(Way::After(Some(last.plus_micros(-1))))),
            (true, None, None) => Err(PullFailure::NoWay),
        }
    }

    /// The same page once more: it may be full of one date, and a larger one goes beyond.
    fn stuck(&mut self, way: &Way, page: &Page, count: u64) -> Result<Way, PullFailure> {
        let (Way::After(since), None) = (way, &page.next) else {
            return Err(PullFailure::Standstill);
        };
        let full = count >= self.largest;
        if full && self.limit < SOURCE_PAGE_OBJECTS_MAX {
            self.limit = self.limit.saturating_mul(GROW).min(SOURCE_PAGE_OBJECTS_MAX);
            return Ok(Way::After(*since));
        }
        let last = page.last.filter(|last| since.is_none_or(|since| *last > since));
        let last = last.ok_or(PullFailure::Standstill)?;
        if full {
            // Better the rest of the collection with a word about the gap than nothing beyond it.
            self.gap = Some(PullFailure::SameDate(count, last.to_taxii()));
        }
        Ok(Way::After(Some(last)))
    }

    /// The date of a page's last object: as the header says, or else the manifest, where it is
    /// needed to go on or to come back.
    async fn last(&mut self, page: &Page) -> Option<Instant> {
        if page.last.is_some() || (page.more && page.next.is_some()) {
            return page.last;
        }
        let pieces = formats::json::split(page.objects.bytes()).map(|document| document.pieces);
        let pieces = pieces.unwrap_or_default();
        if pieces.len() == 1 && page.first.is_some() {
            return page.first;
        }
        let id = formats::stix::id_of(pieces.last()?.bytes);
        let collection = self.objects.path().trim_end_matches("objects/");
        let manifest = self.objects.at(format!("{collection}manifest/"));
        let query = format!("match%5Bid%5D={}", encoded(&id));
        // Without it, all is read again the next time, and adds nothing.
        latest(self.asker.get(&manifest.asking(&query)).await.ok()?).await.ok().flatten()
    }
}

/// How far a collection has been read with a page: never back, and never beyond now, since what
/// will be added meanwhile would stand before it.
fn reached(
    before: &Position,
    last: Option<Instant>,
    (more, next): (bool, Option<&String>),
    now: Instant,
) -> Position {
    let date = last.map(|last| {
        // A server that counts in milliseconds may give the same date once more.
        let coarse = last.micros() % 1_000 == 0;
        let overlap = if more || coarse { 1 } else { 0 };
        last.plus_micros(-overlap).min(now)
    });
    let added_after = date.max(before.added_after);
    let next = next.filter(|_| more && added_after.is_none()).cloned();
    Position { added_after, next, ..Position::default() }
}

#[cfg(test)]
mod tests;
