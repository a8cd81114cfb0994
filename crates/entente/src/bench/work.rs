//! The rows of the table by name, and the bar that each must clear. It measures nothing.

/// What is kept of a value that was never seen before.
pub(super) const SEEN_BYTES: &str = "looking back: disk per value never seen before";
/// Writing segments.
pub(super) const SEEN_WRITE: &str = "looking back: values into segments";
/// A question for what was never seen, at the median and when it takes long.
pub(super) const SEEN_NEVER: [&str; 2] = ["looking back: never seen, p50", SEEN_NEVER_P99];
const SEEN_NEVER_P99: &str = "looking back: never seen, p99";
/// A question for what was seen.
pub(super) const SEEN_FOUND: [&str; 2] = ["looking back: seen, p50", SEEN_FOUND_P99];
const SEEN_FOUND_P99: &str = "looking back: seen, p99";
/// What an index needs beside the values themselves.
pub(super) const INDEX_MEMORY: &str = "index, memory beside the values";
/// What reading the same events alone costs elsewhere.
pub(super) const INDEX_YARDSTICK: &str = "serde_json, EVE events to values, one thread";
/// Events of Suricata against an index, in one thread.
pub(super) const INDEX_ONE: &str = "index, EVE events, one thread";
/// The same in two.
pub(super) const INDEX_TWO: &str = "index, EVE events, two threads";
/// The same in one, and what was seen is gathered in memory.
pub(super) const INDEX_GATHERED: &str = "index, EVE events, gathered for looking back";
/// The same, and kept: in journals, and from them in segments.
pub(super) const INDEX_KEPT: &str = "index, EVE events, kept for looking back";
/// Gathered, with events whose values come again as in the measurement from which the bar of keeping
/// comes.
pub(super) const INDEX_MEASURED_GATHERED: &str = "index, values new as measured, gathered";
/// Kept, with these.
pub(super) const INDEX_MEASURED_KEPT: &str = "index, values new as measured, kept";
/// What one of these takes on the disk.
pub(super) const INDEX_MEASURED_BYTES: &str = "index, values new as measured, bytes an event";
/// Events under names that nothing knows.
pub(super) const INDEX_UNKNOWN: &str = "index, JSON of unknown names";
/// Until a new value is looked for, while a merge runs.
pub(super) const INDEX_LATE: &str = "index, a new value live during a merge, p99";
/// A feed that nobody has asked for yet; its name follows.
pub(super) const FEED: &str = "feed, ";
/// A node that has rendered all of them and keeps them.
pub(super) const FEED_MEMORY: &str = "anonymous memory, feeds rendered and kept";
/// Posting many objects a request.
pub(super) const POST_MANY: &str = "TAXII POST, 1,000 objects a request";
/// Posting single objects.
pub(super) const POST_ONE: &str = "TAXII POST, single objects, durable";
/// The whole collection.
pub(super) const PAGING: &str = "TAXII paging, 1,000 a page, uncompressed";
/// How much slower the last pages are.
pub(super) const DRIFT: &str = "TAXII paging, last tenth to first tenth";
/// What an object costs a node of five times as many beside a small one: posted, on a page, asked for,
/// and at a start.
pub(super) const GROWTH: [&str; 4] = [
    "growth in turns, TAXII POST",
    "growth in turns, TAXII paging",
    "growth in turns, one object by id",
    "growth in turns, start until it matches",
];
/// One object.
pub(super) const BY_ID_P50: &str = "TAXII, one object by id, p50";
/// One object, when it takes long.
pub(super) const BY_ID_P99: &str = "TAXII, one object by id, p99";
/// A new node.
pub(super) const MEMORY_EMPTY: &str = "anonymous memory, empty";
/// A node with all objects.
pub(super) const MEMORY_FULL: &str = "anonymous memory, full";
/// The store.
pub(super) const DISK: &str = "disk per object of 1.2 KB";
/// From the start to the first answer.
pub(super) const SERVING: &str = "start until it serves";
/// From the start to the whole index.
pub(super) const MATCHING: &str = "start until it matches";
/// Everything to a new partner.
pub(super) const BACKFILL: &str = "link backfill, verified and durable";
/// What a partner costs the sender's store.
pub(super) const PARTNER: &str = "store for one more partner";
/// One object to a partner.
pub(super) const VISIBLE_P50: &str = "publish to visible at the partner, p50";
/// One object to a partner, when it takes long.
pub(super) const VISIBLE_P99: &str = "publish to visible at the partner, p99";

/// What each of many partners may have.
pub(super) const RELEASE: &str = "release decided for 50 partners";
/// What another policy would change.
pub(super) const DRY_RUN: &str = "policy try, 50 partners";
/// What one partner would receive.
pub(super) const PREVIEW: &str = "preview of one partner";
/// The same while another partner stands still, against while it runs.
pub(super) const STANDING: &str = "visible with one partner stopped: p99, ratio";
/// A recall while all the rest is on its way to the partner.
pub(super) const RECALL_BESIDE_P50: &str = "recall beside a backfill, p50";
/// The same, when it takes long.
pub(super) const RECALL_BESIDE_P99: &str = "recall beside a backfill, p99";
/// A recall among all that a partner holds.
pub(super) const RECALL: &str = "recall, from the request until the partner has applied it";
/// What was recalled, gone from the partner's files too.
pub(super) const PURGED: &str = "recall, until the partner says that it is purged";
/// The log, its leaves alone.
pub(super) const VERIFY_LEAVES: &str = "verify the log, leaves alone";
/// The log with its signatures.
pub(super) const VERIFY: &str = "verify the log with signatures";
/// All that there is.
pub(super) const VERIFY_ALL: &str = "verify all: pages, views, log, signatures";

/// From publish at one node to the sighting back at it.
pub(super) const SIGHTED_P50: &str = "publish to the sighting, through a partner's telemetry, p50";
/// The same, when it takes long.
pub(super) const SIGHTED_P99: &str = "publish to the sighting, through a partner's telemetry, p99";
/// From the start to the whole index, of ten million.
pub(super) const READY: &str = "matching ready from the store";

/// What a figure must reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Bar {
    /// At least this.
    AtLeast(f64),
    /// Less than this.
    Below(f64),
}

impl Bar {
    /// Whether a figure clears it.
    pub(super) fn is_cleared(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::Below(most) => value < most,
        }
    }
}

/// The bars, for a node that holds a million objects where the number matters.
const BARS: &[(&str, Bar)] = &[
    (POST_MANY, Bar::AtLeast(15_000.0)),
    (POST_ONE, Bar::AtLeast(3_000.0)),
    (PAGING, Bar::AtLeast(200_000.0)),
    // Twice the noise of medians over a tenth of the pages.
    (DRIFT, Bar::Below(1.2)),
    // Linear, but for the depth of trees: log(5 N) is 1.12 times log(N) at a million.
    (GROWTH[0], Bar::Below(1.2)),
    (GROWTH[1], Bar::Below(1.2)),
    (GROWTH[2], Bar::Below(1.2)),
    (GROWTH[3], Bar::Below(1.2)),
    (BY_ID_P99, Bar::Below(1.0)),
    (MEMORY_EMPTY, Bar::Below(40.0)),
    (MEMORY_FULL, Bar::Below(200.0)),
    (DISK, Bar::Below(1_100.0)),
    (SERVING, Bar::Below(500.0)),
    (MATCHING, Bar::Below(3_000.0)),
    (BACKFILL, Bar::AtLeast(10_000.0)),
    (PARTNER, Bar::Below(1.0)),
    (VISIBLE_P50, Bar::Below(8.0)),
    (VISIBLE_P99, Bar::Below(40.0)),
    (RELEASE, Bar::Below(1.0)),
    (DRY_RUN, Bar::Below(2.0)),
    (STANDING, Bar::Below(1.1)),
    (RECALL, Bar::Below(50.0)),
    (RECALL_BESIDE_P99, Bar::Below(100.0)),
    (PURGED, Bar::Below(60.0)),
    (VERIFY_LEAVES, Bar::AtLeast(200_000.0)),
    (VERIFY, Bar::AtLeast(25_000.0)),
    (SIGHTED_P99, Bar::Below(100.0)),
    (READY, Bar::Below(15.0)),
    (SEEN_BYTES, Bar::Below(40.0)),
    (INDEX_MEMORY, Bar::Below(300.0)),
    (INDEX_ONE, Bar::AtLeast(1_000_000.0)),
    // 1.8 times what one does, by two.
    (INDEX_TWO, Bar::AtLeast(900_000.0)),
    (INDEX_KEPT, Bar::AtLeast(400_000.0)),
    (INDEX_MEASURED_KEPT, Bar::AtLeast(400_000.0)),
    (INDEX_MEASURED_BYTES, Bar::Below(40.0)),
    (INDEX_UNKNOWN, Bar::AtLeast(600_000.0)),
    (INDEX_LATE, Bar::Below(1.0)),
    (SEEN_NEVER_P99, Bar::Below(100.0)),
    (SEEN_FOUND_P99, Bar::Below(1_000.0)),
];
/// Rows whose names another file gives, by how they begin.
const BEGINNINGS: &[(&str, Bar)] = &[("watch,", Bar::AtLeast(300_000.0)), (FEED, Bar::Below(2.0))];

/// The bar of a row, if it has one.
pub(super) fn bar(work: &str) -> Option<Bar> {
    let named = BARS.iter().find(|(name, _)| *name == work);
    let named = named.or_else(|| BEGINNINGS.iter().find(|(name, _)| work.starts_with(name)));
    named.map(|(_, bar)| *bar)
}

/// Whether more of this unit is better.
pub(super) fn more_is_better(unit: &str) -> bool {
    unit.ends_with("/s") || unit.ends_with("/CPU-s")
}
