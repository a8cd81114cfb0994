//! Every bound of the system, each with its reason; nothing here decides what happens at the bound.

/// Bytes of one body. STIX reports with long texts stay far below; samples and PDFs are refused by
/// name until they travel by digest.
pub const BODY_BYTES_MAX: usize = 4 << 20;
/// Bytes of a header's text: thirteen short lines and up to [`RECIPIENTS_MAX`] names.
pub const HEADER_BYTES_MAX: usize = 16 << 10;
/// Named recipients on one label: more than this is a circle.
pub const RECIPIENTS_MAX: usize = 64;
/// Bytes of a version's text; RFC 3339 with nanoseconds needs 35.
pub const VERSION_BYTES_MAX: usize = 64;
/// Bytes of a kind's name (`stix/` and a STIX type of at most 250 characters).
pub const KIND_BYTES_MAX: usize = 255;
/// Bytes of the name of a node, circle or token: it is printed in tables and problems.
pub const NAME_BYTES_MAX: usize = 128;
/// Members of one circle; its list travels whole with every version.
pub const MEMBERS_MAX: usize = 1_000;
/// Hops that a label may allow; a chain longer than this is a loop or a mistake.
pub const HOPS_MAX: u8 = 8;
/// Hops that a label allows when nobody says otherwise.
pub const HOPS_DEFAULT: u8 = 3;
/// Records in one batch on the link (DESIGN section 7).
pub const BATCH_RECORDS_MAX: usize = 1_000;
/// Body bytes in one batch on the link (DESIGN section 7); a single larger body travels alone.
pub const BATCH_BYTES_MAX: usize = 1 << 20;
/// References taken from one body; a report of 10,000 objects is the largest seen.
pub const REFS_MAX: usize = 20_000;
/// Observable values taken from one body.
pub const VALUES_MAX: usize = 20_000;
/// Characters of title and text that are indexed for search.
pub const TEXT_CHARS_MAX: usize = 16_384;
/// Signatures read from one signed note: ours, theirs, a few witnesses.
pub const NOTE_SIGNATURES_MAX: usize = 16;
/// Bytes of a signed note.
pub const NOTE_BYTES_MAX: usize = 16 << 10;
/// Nesting of a JSON body: STIX needs about ten levels, and readers elsewhere stop at 128.
pub const JSON_DEPTH_MAX: usize = 64;
/// Bytes of one document that is split in memory (a bundle, an envelope, a file); all of ATT&CK
/// enterprise is half of it.
pub const DOCUMENT_BYTES_MAX: usize = 64 << 20;
/// Objects of one document: [`DOCUMENT_BYTES_MAX`] full of short indicators.
pub const DOCUMENT_OBJECTS_MAX: usize = 250_000;
/// Problems that are kept of one document; the rest are only counted.
pub const PROBLEMS_MAX: usize = 1_000;
/// Different markings on one object, granular ones included.
pub const MARKINGS_MAX: usize = 1_000;
/// Bytes of one line of a plain list: a long URL with its name.
pub const LIST_LINE_BYTES_MAX: usize = 16 << 10;
/// Bytes of a TAXII query string: a thousand ids.
pub const QUERY_BYTES_MAX: usize = 64 << 10;
/// Values in one `match[...]` field of a TAXII query.
pub const MATCH_VALUES_MAX: usize = 1_000;
/// Bytes of a TAXII `next` token that we read; ours are shorter.
pub const NEXT_BYTES_MAX: usize = 512;
/// Bytes of one observable value; the longest URLs in real lists are below 3 KiB.
pub const OBSERVABLE_BYTES_MAX: usize = 4096;
/// Bytes of one line of telemetry; script-block logs of 32 KiB are the largest commonly seen.
pub const EVENT_BYTES_MAX: usize = 1 << 20;
/// Nesting of one line of telemetry, as deep as the usual JSON readers go.
pub const EVENT_DEPTH_MAX: usize = 128;
/// Matches reported for one event; more means that the line or the indicators are a flood.
pub const MATCHES_PER_EVENT_MAX: usize = 4096;
/// Bytes of one STIX pattern: some ten thousand alternatives.
pub const PATTERN_BYTES_MAX: usize = 1 << 20;
/// Nesting of parentheses in one STIX pattern; people write three.
pub const PATTERN_DEPTH_MAX: usize = 64;
/// Indicators whose sightings are paced at once; the one due next goes out early beyond that.
pub const PACED_INDICATORS_MAX: usize = 200_000;
/// Microseconds between two sightings of one indicator (DESIGN section 8: one an hour).
pub const SIGHTING_EVERY_MICROS: i64 = 3_600_000_000;
/// Microseconds that the breaker looks at.
pub const BREAKER_WINDOW_MICROS: i64 = 60_000_000;
/// Matches of one indicator within the breaker's window after which it is named.
pub const BREAKER_MATCHES: u32 = 1_000;
/// Log entries that one look for an outlet covers, so that no command holds the writer for long.
pub const SCAN_ENTRIES_MAX: usize = 10_000;
/// Hours that an invitation's code is good for (DESIGN section 7).
pub const INVITATION_HOURS: i64 = 24;
/// Seconds that a record's own date may lie in the future before it is refused.
pub const SIGNED_AHEAD_SECONDS_MAX: i64 = 24 * 3600;
/// Bytes of one batch on the link before decompression is refused: a full batch of the largest
/// records and their escapes.
pub const BATCH_WIRE_BYTES_MAX: usize = 16 << 20;
/// Circles known to one node: each is a list that every look over the log consults.
pub const CIRCLES_MAX: usize = 1_000;
/// Partners of one node, removed ones included.
pub const PARTNERS_MAX: usize = 1_000;
/// Tokens of one node that are not revoked.
pub const TOKENS_MAX: usize = 10_000;
/// Seconds after its last read from which an audience is numbered only when it reads again.
pub const AUDIENCE_IDLE_SECONDS: i64 = 600;
/// Results of one search, and objects shown of one thing.
pub const RESULTS_MAX: usize = 200;
/// Connections on the link port that have not proven to be a partner's: a handshake takes
/// milliseconds, and a stranger may do nothing but join.
pub const LINK_STRANGERS_MAX: usize = 256;
/// Connections of one partner on the link port: one for each direction, and what a broken network
/// has left behind.
pub const LINK_CONNECTIONS_MAX: usize = 8;
/// Seconds that a request for a partner's log may wait for something to come.
pub const LINK_WAIT_SECONDS_MAX: u64 = 60;
/// Bytes of a receipt with its refusals: ten for each record of a full batch would fit.
pub const RECEIPT_BYTES_MAX: usize = 2 << 20;
/// Bytes of a request to join or of its answer: a secret, a name, [`CIRCLES_MAX`] circles.
pub const JOIN_BYTES_MAX: usize = 256 << 10;
/// Characters of an invitation's code: key, secret and the longest host name with its port.
pub const INVITATION_CODE_MAX: usize = 512;
/// Objects on one page of a collection; `limit` above it is lowered to it.
pub const PAGE_OBJECTS_MAX: usize = 1_000;
/// Bytes of objects after which a page ends early: a page is made in memory.
pub const PAGE_BYTES_MAX: usize = 8 << 20;
/// Bytes of a request's body over HTTP, packed or not; `max_content_length` says it.
pub const REQUEST_BYTES_MAX: usize = 32 << 20;
/// Bytes of a token as it is presented; ours have 68.
pub const TOKEN_BYTES_MAX: usize = 256;
/// Connections of people and tools at once; more wait in the listener's queue.
pub const CONNECTIONS_MAX: usize = 1_024;
/// Requests at once on one HTTP/2 connection.
pub const STREAMS_MAX: u32 = 64;
/// Seconds in which the head of a request must have come, also of the next on a kept connection.
pub const HEADER_SECONDS: u64 = 30;
/// Seconds without a byte after which a request's body is given up.
pub const BODY_FRAME_SECONDS: u64 = 20;
/// Seconds in which a request's body must have come: the largest at about 110 kB a second.
pub const BODY_SECONDS: u64 = 300;
/// Seconds that connections have to end what they began when the node stops.
pub const STOP_SECONDS: u64 = 5;
/// Bytes that are read and thrown away so that a client whose body is refused reads the refusal.
pub const DRAIN_BYTES_MAX: usize = 64 << 20;
/// Seconds for that.
pub const DRAIN_SECONDS: u64 = 10;
/// Bytes from which an answer is packed: below, packing costs more than it saves.
pub const PACK_BYTES_MIN: usize = 1 << 10;
/// Window of packed requests (as a power of two) that we make room for: 8 MiB, as RFC 8878 wants.
pub const ZSTD_WINDOW_LOG_MAX: u32 = 23;
/// Pages made at once: each needs up to three times [`PAGE_BYTES_MAX`], and more of them than there
/// are processors make none of them sooner.
pub const PAGES_AT_ONCE_MAX: usize = 4;
/// Bytes of a request's body to our own API where it carries neither objects nor telemetry: names
/// and a reason.
pub const API_BODY_BYTES_MAX: usize = 64 << 10;
/// Objects in one command to the writer, so that none holds it for long.
pub const PUBLISH_OBJECTS_MAX: usize = 1_000;
/// Bytes of telemetry matched under one hold of the index, so that a new indicator waits less than
/// a millisecond for its place.
pub const MATCH_CHUNK_BYTES: usize = 256 << 10;
/// Looks over the log in one numbering command: the writer has others to serve.
pub const LOOKS_MAX: usize = 8;
/// Records in one batch that we send: its receiver's writer holds everything else up for as long as
/// it applies one (about 10 ms), a match and its sighting among it.
pub const BATCH_RECORDS_SENT: usize = 256;
/// Entries that one page looks at, wanted or not: a filter that matches nothing gets an empty page
/// and goes on from there, and holds nobody else up for longer than a full page does.
pub const PAGE_ROWS_MAX: usize = 10_000;
/// Single objects opened at once over TAXII: they are small, and wait for no page.
pub const SINGLES_AT_ONCE_MAX: usize = 8;
/// Of [`LINK_STRANGERS_MAX`], those from one address (IPv6: one /64): a stranger alone cannot keep
/// all others out. Partners behind one address hold a place for the milliseconds of a handshake.
pub const LINK_STRANGERS_PER_ADDRESS_MAX: usize = 32;
/// Seconds from which a connection whose answer is still under way may be ended for another's sake,
/// once all [`CONNECTIONS_MAX`] are taken.
pub const ANSWER_SECONDS_SAFE: u64 = 10;
/// Bytes of requests' bodies and of answers that are held in memory at once, over all callers; a
/// body counts twice, since its objects are taken out of it.
pub const ROOM_BYTES_MAX: usize = 80 << 20;
/// Of [`ROOM_BYTES_MAX`], what one token may hold: one of the largest bodies.
pub const ROOM_BYTES_PER_TOKEN_MAX: usize = 64 << 20;
/// Bodies and answers up to so many bytes need no room of their own: there are at most
/// [`CONNECTIONS_MAX`] of them, and most are a few kB.
pub const ROOM_BYTES_FREE: usize = 64 << 10;
/// Seconds that a request waits for room before it is told to come again.
pub const ROOM_SECONDS: u64 = 20;
/// Bytes of an HTTP proxy's answer to CONNECT: a status and a few headers.
pub const PROXY_ANSWER_BYTES_MAX: usize = 8 << 10;
/// Seconds in which an HTTP proxy must have opened a tunnel; it connects further itself.
pub const PROXY_SECONDS: u64 = 10;
/// Sources of one node that are not removed: each is a row that the schedule looks at.
pub const SOURCES_MAX: usize = 1_000;
/// Bytes of a source's URL; longer ones carry a session, which would not last.
pub const SOURCE_URL_BYTES_MAX: usize = 2_000;
/// Bytes of what a source is shown to let us in; a signed token has some 2,000.
pub const SOURCE_SECRET_BYTES_MAX: usize = 4 << 10;
/// Seconds between two pulls of a source, at least: more often, servers call it an attack.
pub const SOURCE_EVERY_SECONDS_MIN: u32 = 10;
/// Seconds between two pulls of a source, at most: a month.
pub const SOURCE_EVERY_SECONDS_MAX: u32 = 30 * 86_400;
/// Seconds to wait after the first failure of a source; each further one doubles them.
pub const SOURCE_BACKOFF_FIRST_SECONDS: i64 = 15;
/// Seconds to wait after a failure, at most, and the longest patience that a server may ask for: one
/// that comes back is noticed within the hour.
pub const SOURCE_BACKOFF_SECONDS_MAX: i64 = 3_600;
/// Sources pulled at once: each may hold a page of [`DOCUMENT_BYTES_MAX`].
pub const PULLS_AT_ONCE_MAX: usize = 4;
/// Bytes of a list, unpacked: read as a stream, so this bounds time and not memory.
pub const SOURCE_LIST_BYTES_MAX: u64 = 2 << 30;
/// Objects that a collection is asked for at once.
pub const SOURCE_PAGE_OBJECTS: u32 = 1_000;
/// Objects that it is asked for where that many have the same date, and it offers no other way on.
pub const SOURCE_PAGE_OBJECTS_MAX: u32 = 64_000;
/// Objects that it is asked for, at least, where its answers are too large or break off.
pub const SOURCE_PAGE_OBJECTS_MIN: u32 = 10;
/// Pages of one pull; the next pull goes on from there.
pub const SOURCE_PAGES_MAX: usize = 20_000;
/// Empty pages that say "more", one after the other, before a collection is said to lead nowhere.
pub const SOURCE_EMPTY_PAGES_MAX: usize = 8;
/// Bytes of a foreign server's `next`.
pub const SOURCE_NEXT_BYTES_MAX: usize = 4 << 10;
/// Bytes of an `ETag` or `Last-Modified` that is kept.
pub const SOURCE_VALIDATOR_BYTES_MAX: usize = 1 << 10;
/// Redirections that are followed for one answer.
pub const SOURCE_REDIRECTS_MAX: usize = 5;
/// Seconds in which a connection to a source must stand.
pub const SOURCE_CONNECT_SECONDS: u64 = 15;
/// Seconds in which a source must begin to answer: medallion thinks for half a minute about the
/// first page of 2,000 objects.
pub const SOURCE_ANSWER_SECONDS: u64 = 180;
/// Seconds without a byte after which a source's answer is given up.
pub const SOURCE_IDLE_SECONDS: u64 = 30;
/// Seconds in which a page must have come, however steadily it drips.
pub const SOURCE_PAGE_SECONDS: u64 = 300;
/// Seconds for one pull: what it brought is kept, and the next one goes on from there, so that no
/// server that drips keeps others from being asked.
pub const SOURCE_PULL_SECONDS: u64 = 2 * 3_600;
/// Seconds in which a list must have come: [`SOURCE_LIST_BYTES_MAX`] at 600 kB a second.
pub const SOURCE_LIST_SECONDS: u64 = 3_600;
/// Bytes of a request's head over HTTP/1, and of what waits unread on such a connection: the longest
/// query, a token, and what browsers and proxies add. Hyper's own 400 KiB on [`CONNECTIONS_MAX`]
/// connections would be more memory than a node should need.
pub const HTTP_HEAD_BYTES_MAX: usize = QUERY_BYTES_MAX + (16 << 10);
/// Bytes that a client of HTTP/2 may send ahead, on a stream and on a whole connection: what nobody
/// reads yet lies in memory.
pub const HTTP2_WINDOW_BYTES: u32 = 128 << 10;
/// Seconds that an answer's reader may take nothing before it is given up.
pub const READER_SECONDS: u64 = 20;
/// Seconds between two looks at the files of the HTTP certificate, whose renewal nobody announces.
pub const CERTIFICATE_LOOK_SECONDS: u64 = 60;
/// Seconds in which a client must have finished its TLS handshake.
pub const HANDSHAKE_SECONDS: u64 = 10;
/// Entries that retention looks at in one tick: some milliseconds of the writer's second.
pub const RETENTION_LOOKS_MAX: usize = 2_000;
/// Entries that retention erases in one tick: tens of milliseconds, and 900,000 in an hour.
pub const RETENTION_ERASED_MAX: usize = 250;
/// Seconds between two walks of retention over what may be due; its rules count days.
pub const RETENTION_EVERY_SECONDS: i64 = 3_600;
/// Seconds for which a delivery of telemetry that is sent again is known: whoever lost an answer
/// sends again within minutes; a day covers a collector that was down overnight.
pub const DELIVERY_SECONDS: i64 = 24 * 3_600;
/// Deliveries with matches that are known at most, the newest: about 100 bytes each.
pub const DELIVERIES_MAX: usize = 200_000;
/// Bytes of the key under which a sender may send a delivery again.
pub const DELIVERY_KEY_BYTES_MAX: usize = 256;
/// Lines of one body of telemetry whose faults are told one by one; all are counted.
pub const BAD_LINES_TOLD_MAX: usize = 20;
/// Seconds without a word from a partner after which its link does not count as up: longer than a
/// request that waits for something to come.
pub const LINK_QUIET_SECONDS: u64 = 2 * LINK_WAIT_SECONDS_MAX;
/// Findings that `verify` lists; a damaged page alone can give hundreds, and the first say enough.
pub const FINDINGS_MAX: usize = 1_000;
/// Days before a certificate's end from which it is told: time for an authority that takes weeks.
pub const CERTIFICATE_TOLD_DAYS: i64 = 21;
/// Bytes of the write-ahead log from which it is told: thrice what it grows to by itself.
pub const WAL_BYTES_TOLD: u64 = 256 << 20;
/// Records that wait for a partner from which it is told: more than a busy minute.
pub const LAG_RECORDS_TOLD: u64 = 10_000;
/// Failures in a row from which a source is told: one may be a restart over there.
pub const FAILURES_TOLD: u32 = 3;
/// Threads for work that blocks: questions to the store, packing, reading of documents. Hundreds at
/// once would only take each other's processor, and two MiB of stack each.
pub const BLOCKING_THREADS_MAX: usize = 32;
/// Microseconds of one slice of long work on the store: whoever writes meanwhile waits for one.
pub const REBUILD_SLICE_MICROS: i64 = 4_000;
/// Objects that are handed in at once: all of ATT&CK enterprise with room to spare. They are labelled
/// as one, so they are in memory together and in the writer together.
pub const HANDED_IN_OBJECTS_MAX: usize = 40_000;
/// Numbers that an audience's outlet leaves free at a restore: more than any node gives in its life,
/// so that a `next` of the time that was lost points below all that comes.
pub const RESTORE_NUMBERS_FREE: u64 = 1 << 40;
/// Bytes of a backup that are read before its checksum is known: the small files beside the database,
/// in base64.
pub const BACKUP_HEAD_BYTES_MAX: u64 = 8 << 20;
/// Bodies unpacked at once: each has a window of up to 8 MiB beside it.
pub const UNPACKS_AT_ONCE_MAX: usize = 2;
/// Bytes of a thread's stack: nothing here recurses deeper than [`EVENT_DEPTH_MAX`].
pub const STACK_BYTES: usize = 1 << 20;
/// Lines of a preview, and of the list of what is held back: circles by kinds by rules, which a
/// partner's odd kinds could make any number of; what is beyond is summed up.
pub const PREVIEW_LINES_MAX: usize = 2_000;
/// Ids that a preview names as examples of one line: enough to look one up.
pub const PREVIEW_SAMPLES_MAX: usize = 5;
/// Bytes of what one frame of a bundle carries, before it is sealed: what is opened is in memory whole
/// before a byte of it is believed.
pub const BUNDLE_FRAME_BYTES_MAX: usize = 64 << 10;
/// Bytes of a bundle's file: a command has it in memory once, and more fits into a second one.
pub const BUNDLE_BYTES_MAX: u64 = 256 << 20;
/// Bytes of a bundle's file when nobody says otherwise.
pub const BUNDLE_BYTES_USUAL: u64 = 64 << 20;
/// Bundles made and read at once: each holds a thread of [`BLOCKING_THREADS_MAX`] and needs another.
pub const BUNDLES_AT_ONCE_MAX: usize = 2;
/// Bytes of the texts that a bundle or a key's file begins with: a few short lines.
pub const BUNDLE_HEAD_BYTES_MAX: usize = 4 << 10;
/// Records on one page of what a partner gives back: a page is a question to the store and a commit.
pub const RETURNS_MAX: usize = 256;
/// Seconds after which a recall that a partner has not receipted is overdue: a link that is up
/// carries it within one; an hour is longer than a restart and shorter than a night.
pub const RECALL_OVERDUE_SECONDS: i64 = 3_600;
/// An operator may name another bound, and none below this: a partner's restart is not worth a call.
pub const RECALL_OVERDUE_SECONDS_MIN: i64 = 300;
/// Nor one above this: what nobody obeyed for a week is not on its way.
pub const RECALL_OVERDUE_SECONDS_MAX: i64 = 7 * 86_400;
/// Kinds, circles or client tokens that one list of a card or a policy names: each decision looks
/// through them.
pub const BOUND_NAMES_MAX: usize = 256;
/// Bytes of a sector's or a preset's name.
pub const SECTOR_BYTES_MAX: usize = 64;
/// Countries, or sectors, that a policy bounds: more than there are countries.
pub const POLICY_SECTIONS_MAX: usize = 256;
/// Seconds that what is published may wait before it is sent: what waits longer is forgotten.
pub const OUTBOX_SECONDS_MAX: u32 = 24 * 3_600;
/// Bytes of the reason of a change: one line of a table.
pub const WHY_BYTES_MAX: usize = 512;
/// Lines of a card or a policy in its record: the longest that the other bounds allow has fewer.
pub const CHANGE_LINES_MAX: usize = 20_000;
/// Verdicts on labels' classes that are remembered for one reader; a partner may mint labels, and
/// beyond this each is decided anew.
pub const CLASSES_MAX: usize = 10_000;
/// Groups of like entries that are counted to foresee a change. Beyond it the answer says that it is
/// partial, rather than taking minutes: a partner may mint labels.
pub const TALLY_GROUPS_MAX: usize = 200_000;
/// Ranges in one withdrawal by number: a body of some 20 kB when nothing that was sent together is
/// withdrawn together.
pub const WITHDRAWN_RANGES_MAX: usize = 1_000;
/// Numbers in one withdrawal: what its receiver must look up at once.
pub const WITHDRAWN_NUMBERS_MAX: u64 = 10_000;
/// Entries that one step of a narrowing decides anew: some milliseconds of the writer.
pub const NARROW_LOOKS_MAX: u64 = 4_000;
/// Entries erased at once because nobody gives them any more; each costs about 0.1 ms, and what is
/// left follows at the next tick.
pub const WITHDRAWN_ERASED_MAX: usize = 100;
/// Entries taken out in one step of an undo, for the same reason.
pub const UNDO_STEP: usize = 100;
/// Entries that one step of an undo looks at.
pub const UNDO_LOOKS_MAX: usize = 2_000;
/// Entries that one row of what arrived stands for at most: an entry is found by looking that far.
pub const ARRIVED_RUN_MAX: i64 = 1_000;
/// Records above which an act that opens them asks a person first, unless the policy says another
/// number: a mistake below it is small, and a question each time would be answered without thought.
pub const BACKFILL_ASKS_ABOVE: u64 = 1_000;
/// Former members of one circle whose keys are kept, the latest ones: what they signed while they
/// were members may still be recalled, and a convener who changes its list for ever fills nothing.
pub const FORMER_MEMBERS_MAX: usize = MEMBERS_MAX;
/// Entries that are numbered for a partner beyond those that it has asked for: a recall is numbered
/// at once and waits behind these alone, two batches, whatever else is waiting.
pub const LINK_AHEAD_MAX: u64 = 2 * BATCH_RECORDS_SENT as u64;
/// Entries, at most, that a partner's `credit` asks to have numbered ahead.
pub const LINK_CREDIT_MAX: u64 = 4_096;
/// Lines of one answer about receipts: each opens a row; more are fetched page by page.
pub const RECEIPT_LINES_MAX: usize = 1_000;
/// Tokens whose reading is remembered beside the read log: more than a node has at work at once.
pub const READERS_REMEMBERED_MAX: usize = 1_000;
/// Seconds in which erased bytes are gone from every file: what is promised to partners.
pub const PURGE_SECONDS_MAX: u64 = 60;
/// Seconds after which a purge waits no longer for a view that is being built: what is left is time
/// enough to sweep the building away.
pub const PURGE_PATIENCE_SECONDS: u64 = 30;

/// Bytes of the bodies of a batch of nothing but urgent records that is applied on a full disk: some
/// thousand recalls, and a small part of what is kept free for them.
pub const URGENT_BATCH_BYTES_MAX: usize = 256 << 10;
/// Circles of one convener that wait here to be accepted: more are no offers but a flood.
pub const OFFERS_MAX: usize = 64;
/// Keys of one node in its whole life: a new one every year, for longer than a key lasts. Each
/// statement of a chain names all of them, and a node at its bound is made anew.
pub const NODE_KEYS_MAX: usize = 32;
/// Bytes of a chain of keys: [`NODE_KEYS_MAX`] statements that each name as many keys.
pub const KEY_CHAIN_BYTES_MAX: usize = 160 << 10;
/// Seconds for which the key before a new one goes on signing at most; until then partners take both.
pub const KEY_OVERLAP_SECONDS: i64 = 24 * 3_600;
/// Seconds after which a node changes to its new key though not every partner knows it: an hour before
/// the old one ends, so that nothing is signed too late.
pub const KEY_SWITCH_SECONDS: i64 = 23 * 3_600;
/// Recalls that one word on how far they have come is about: a body of some 130 kB.
pub const OBEYED_LINES_MAX: usize = 1_000;
/// Recalls that are said to be obeyed in one step: each is looked up among all who had the record.
pub const OBEYED_STEP: usize = 200;
/// Lines of one answer about recalls; more are fetched page by page.
pub const RECALL_LINES_MAX: usize = 200;
/// Numbers under which one partner gives one entry: an honest one gives each once, and anew only
/// after it withdrew it.
pub const GIVEN_NUMBERS_MAX: usize = 16;
/// Numbers of other lives that are forgotten for one entry in one commit.
pub const GIVEN_AT_ONCE_MAX: usize = 256;
/// Live records of one subject (signer, circle, thing, version, intake) from partners: rivals of one
/// version are rare, and each word about the version is obeyed for all of them in one commit.
pub const RIVALS_MAX: usize = 64;
/// Live versions of one thing, of whatever signer, beyond which a partner's next one is refused: each
/// has to be told from all of them. Every five minutes for a month.
pub const VERSIONS_MAX: usize = 10_000;
/// Places that are remembered of what was let go of again and again, beside one for each outlet.
pub const LET_GO_PLACES_MAX: usize = 64;
/// Bytes of a word that is heard before its turn: a subject and a reason.
pub const WORD_AHEAD_BYTES_MAX: usize = 4 << 10;
/// Different labels that one partner may bring: each is kept for ever, and a reader's verdict on
/// named recipients and embargoes is made for each of them.
pub const LABELS_BROUGHT_MAX: u64 = 100_000;
/// Bytes of labels that are kept in memory; beyond this they are read again.
pub const LABELS_CACHED_BYTES_MAX: usize = 8 << 20;

// Step 5, P1: the index.

/// Seeds that are tried for a filter; each fails for about one set of marks in a hundred.
pub const FILTER_TRIES_MAX: u64 = 16;

/// Bytes of key and value of an event's member that is remembered to have proved nothing.
pub const MEMO_BYTES_MAX: usize = 104;

/// Members in one place of a template for which the memo is asked before it is asked no more.
pub const MEMO_ASKED_FIRST: u16 = 64;

/// So many of them it must have known, or their values do not come again.
pub const MEMO_KNOWN_MIN: u16 = 8;

/// So many of them known mean that a place has a few values, which are then kept there.
pub const MEMO_KNOWN_FEW: u16 = 56;

/// Bytes of the keys that lead to such a place, at most; behind longer ones values are read as ever.
pub const SPOT_PATH_BYTES_MAX: usize = 512;

/// Usual texts that a place of a template keeps; each is compared in turn.
pub const USUAL_MAX: usize = 4;

/// Bytes of such a text at most: what stands at a place is short, or seldom the same.
pub const USUAL_BYTES_MAX: usize = 64;

/// Values of one member that are remembered: a URL names its host, an address of e-mail its domain.
pub const MEMO_ROWS_MAX: usize = 3;

/// Bytes that one line of telemetry may add to what is remembered of lines like it, for whoever
/// writes lines pays for them; a line of five hundred values has about this much.
pub const TEMPLATE_BYTES_MAX: usize = 64 << 10;

/// Bytes that each thread remembers of lines that came before.
pub const TEMPLATES_BYTES_MAX: usize = 4 << 20;

/// Ways in which a line may go on behind the same beginning; each is compared in turn.
pub const TEMPLATE_NEXT_MAX: usize = 8;

/// Lines that found no room to be learned from, until all is forgotten and learned anew.
pub const TEMPLATE_STALE: u32 = 4_096;

/// Members that are remembered, 144 bytes each: what stays in a near cache. A power of two.
pub const MEMO_CELLS: usize = 512;

/// Values from which a table has a gate in front: smaller ones lie in a near cache themselves.
pub const GATE_FROM: usize = 4_096;

/// Tables that a value is looked up in beside the one that grows: each costs a look at its gate.
pub const INDEX_LAYERS_MAX: usize = 6;

/// Changes beside the layers of the index from which a merge is worth its work, at least.
pub const INDEX_UNMERGED_MIN: usize = 50_000;

/// Bytes of all values that are looked for: their places have 32 bits.
pub const INDEX_VALUES_BYTES_MAX: usize = 4 << 30;

// Step 5, P2: patterns.
/// Observations that one match of a pattern binds: beyond this it is no pattern but a statistic, and
/// streams keep as many times for each entity.
pub const PATTERN_REPEATS_MAX: u64 = 10_000;
/// Choices of observations that are tried for one pattern: some tenths of a second.
pub const PATTERN_STEPS_MAX: usize = 1_000_000;
/// Values that one path leads to: lists of references to lists of references multiply.
pub const PATTERN_VALUES_MAX: usize = 100_000;
/// Steps of one `LIKE`: many `%` over a long text cost the product of both lengths.
pub const PATTERN_LIKE_STEPS_MAX: usize = 1 << 22;
/// Times that a regular expression turns back: an exponential one ends here, in milliseconds.
pub const REGEX_STEPS_MAX: usize = 100_000;
/// Bytes of a compiled regular expression's parts that need no turning back.
pub const REGEX_BYTES_MAX: usize = 1 << 20;
/// Instructions of a compiled regular expression: counts of counts multiply.
pub const REGEX_PROGRAM_MAX: usize = 1 << 16;
/// Bytes of a regular expression as it is written.
pub const REGEX_LENGTH_MAX: usize = 16 << 10;
/// Regular expressions in one pattern: each may take [`REGEX_BYTES_MAX`].
pub const REGEXES_MAX: usize = 64;
/// Bytes of a text that a regular expression searches.
pub const REGEX_TEXT_BYTES_MAX: usize = 64 << 10;
/// Observations of one file that is judged: all stand in memory.
pub const OBSERVATIONS_MAX: usize = 100_000;
/// Objects in all observations of one file.
pub const OBSERVED_OBJECTS_MAX: usize = 1_000_000;
/// Bytes of a file of observations: read whole, as a tree some ten times as large.
pub const OBSERVED_BYTES_MAX: u64 = 64 << 20;

// Step 5, P3: rules.
/// Rules that are looked for: some times what SigmaHQ publishes.
pub const RULES_MAX: usize = 20_000;
/// Values of one rule that are asked for among what was seen: published rules list drivers by the
/// thousand.
pub const RULE_PARTS_MAX: usize = 10_000;
/// Bytes of one rule: the longest published one lists drivers by their hashes and has 560 KiB.
pub const RULE_BYTES_MAX: usize = 1 << 20;
/// Depth of a rule's YAML, and of the parentheses of its condition.
pub const YAML_DEPTH_MAX: usize = 32;
/// Parts of a rule's YAML: the longest published rule has some thousand.
pub const YAML_NODES_MAX: usize = 20_000;
/// Words of a condition.
pub const CONDITION_WORDS_MAX: usize = 1_000;
/// Dashes of one value under `windash`: each is tried in five spellings.
pub const WINDASHES_MAX: usize = 4;
/// Bytes of a compiled regular expression of a rule: published ones repeat classes of letters of
/// all alphabets, which take some MiB.
pub const RULE_REGEX_BYTES_MAX: usize = 8 << 20;
/// Values of one event that rules look at.
pub const RULE_VALUES_MAX: usize = 4_096;
/// STIX patterns of more than values that are looked for: some KiB each.
pub const STREAM_PATTERNS_MAX: usize = 50_000;
/// Observations that one such pattern names: each of them is tried on events.
pub const PATTERN_LEAVES_MAX: usize = 1_000;
/// Comparisons in one such pattern: each is tried on every event that says one of its constants.
pub const STREAM_TESTS_MAX: usize = 2_000;
/// Observations that a pattern over several events names: something is kept for each and each machine.
pub const WINDOW_PARTS_MAX: usize = 64;
/// Bytes of the name of the machine that an event is about: names of DNS have no more.
pub const MACHINE_BYTES_MAX: usize = 255;
/// Files that an event is read as by their hashes alone: beyond them a line is a list and no event.
pub const EVENT_FILES_MAX: usize = 64;
/// Machines of which something is kept for patterns over several events, once for each pattern: a
/// flood of made-up addresses takes no more than some 100 MB.
pub const WINDOWS_MAX: usize = 100_000;
/// Observations that are kept in all of them, 40 bytes each; an empty place for them counts as one.
pub const WINDOW_HELD_MAX: usize = 1_000_000;
/// Observations that one machine may take of those for one pattern: no flood of it forgets all others.
pub const WINDOW_ONE_HELD_MAX: usize = WINDOW_HELD_MAX / 16 - 1;
/// Observations that are kept for one part of a pattern and one machine beyond those it counts.
pub const WINDOW_LEAVES_MAX: usize = 64;
/// Seconds for which an observation is kept at most, also where a pattern sets no bound.
pub const WINDOW_SECONDS_MAX: i64 = 24 * 3_600;
/// Seconds by which an event may come later than others of its machine and still join them: shippers
/// that were cut off catch up within minutes.
pub const WINDOW_LATE_SECONDS: i64 = 600;
/// Choices of observations that are tried for one event: about a millisecond.
pub const WINDOW_STEPS_MAX: usize = 20_000;
/// Names of events' fields that are held by one thread; beyond them all are read anew.
pub const FIELD_NAMES_HELD_MAX: usize = 16_384;

// Step 5, P4: telemetry.

/// Values in a line without depth: the widest logs have some hundred columns, and sets in them some
/// hundred members.
pub const FLAT_PAIRS_MAX: usize = 4_096;
/// Columns that a log's header names: Zeek's widest has about 60.
pub const TSV_COLUMNS_MAX: usize = 1_024;
/// Bytes of a log's header that are kept, and travel in the query of each of its pieces.
pub const TSV_HEADER_BYTES_MAX: usize = 16 << 10;
/// Items of one request of Elasticsearch's `_bulk`: each is answered by a line of its own.
pub const BULK_ITEMS_MAX: usize = 100_000;
/// Connections of syslog over TCP and TLS at once: a site's relays, not its machines.
pub const SYSLOG_CONNECTIONS_MAX: usize = 256;
/// Bytes of a syslog datagram: no larger one can be sent over UDP.
pub const SYSLOG_DATAGRAM_BYTES_MAX: usize = 64 << 10;
/// Bytes of syslog that wait to be matched; beyond them TCP waits, and datagrams are dropped and
/// counted.
pub const SYSLOG_QUEUE_BYTES_MAX: usize = 16 << 20;
/// Bytes of syslog that are matched and written down together.
pub const SYSLOG_BATCH_BYTES: usize = 256 << 10;
/// Seconds by which an event's time may be ahead of this node's clock: zones that nobody wrote down,
/// and clocks that nobody keeps. What is later is a clock that is wrong, and says nothing.
pub const CLOCK_AHEAD_SECONDS_MAX: i64 = 24 * 3_600;
/// Milliseconds that a syslog message waits for others at most: each batch costs a commit.
pub const SYSLOG_BATCH_MILLIS: u64 = 50;

// Step 5, P5: looking back.
/// Distinct values that are gathered in memory: beyond them, what is new is counted and not kept. No
/// segment has more, whose sketch is then built in some 300 MB.
pub const SEEN_ROWS_HELD_MAX: usize = 4_000_000;
/// Distinct values from which they are written to a segment: about 100 MB of memory.
pub const SEEN_FLUSH_ROWS: usize = 1_000_000;
/// Bytes of gathered values from which they are written to a segment.
pub const SEEN_FLUSH_BYTES: usize = 128 << 20;
/// Seconds after which gathered values are written to a segment: what a power cut costs.
pub const SEEN_FLUSH_SECONDS: i64 = 300;
/// Memory of deliveries that are over which waits for the next ones: so many times, and of so many
/// bytes each.
pub const SEEN_SPARE_MAX: usize = 4;
/// See [`SEEN_SPARE_MAX`].
pub const SEEN_SPARE_BYTES_MAX: usize = 4 << 20;
/// Seconds between two looks at what is kept: at days that are over, and at the room on the disk.
pub const SEEN_TICK_SECONDS: u64 = 10;
/// Sources that are told apart in one segment: a bit each.
pub const SEEN_SOURCES_MAX: usize = 64;
/// Rows of segments of a day that is over, up to which they become one.
pub const SEGMENT_JOIN_ROWS_MAX: u64 = 1_000_000;
/// Rows of a group of a segment: what is read for one value that is there.
pub const SEGMENT_GROUP_ROWS: usize = 65_536;
/// Bytes of a journal from which what it holds is written to a segment, where few values come again in
/// many deliveries.
pub const JOURNAL_BYTES_MAX: u64 = 512 << 20;
/// Memory of an entry of a journal that is kept for the next one.
pub const JOURNAL_BUFFER_BYTES_MAX: usize = 4 << 20;
/// Values that wait to be looked back for: an import of millions begins where there is room again.
pub const LOOKBACKS_MAX: usize = 1_000_000;
/// Values of a look-back from which a sketch is read whole and not by places.
pub const LOOKBACK_WHOLE_FROM: usize = 1_000;
/// New rules, and indicators taken back, that wait to be told of; later ones are told of when asked.
pub const LOOKBACK_NOTES_MAX: usize = 1_000;
/// Values that are looked back for at once.
pub const LOOKBACK_BATCH: usize = 50_000;
/// Values that one question asks a partner for: what stands in one report.
pub const QUESTION_VALUES_MAX: usize = 100;
/// Values that a partner is told of in a day (UTC): enough for reports, too little to draw a map of
/// what is seen here.
pub const QUESTIONS_PER_DAY_MAX: u64 = 1_000;
/// Questions of a partner that are refused in a day (UTC), each by a record; later ones get no answer.
pub const QUESTIONS_REFUSED_PER_DAY_MAX: u64 = 1_000;
/// Hours within which a question is answered: its asker has stopped waiting long before.
pub const QUESTION_HOURS_MAX: i64 = 24;
/// Questions that wait in memory for their answers; what came beyond them is read again from the log.
pub const QUESTIONS_WAITING_MAX: usize = 10_000;
/// Of these, questions of one partner.
pub const QUESTIONS_OF_ONE_MAX: usize = 1_000;
/// Questions of partners in one answer to this node's own people.
pub const QUESTIONS_TOLD_MAX: usize = 1_000;
/// Questions that are answered at once: one commit, and one look at what was seen.
pub const QUESTIONS_AT_ONCE: usize = 100;
/// Milliseconds between two instants at which answers leave: longer than a value that was seen is
/// searched for, so that the instant does not tell it from one that was not.
pub const ANSWERS_EVERY_MILLIS: u64 = 2_000;
/// Bits of the shortest IPv4 prefix that a partner is answered about: a shorter one asks who there is.
pub const QUESTION_V4_BITS_MIN: u8 = 24;
/// The same for IPv6.
pub const QUESTION_V6_BITS_MIN: u8 = 48;

// Step 5, P6: false positives and sightings.
/// Lists of known-good values of one node: MISP publishes some 140.
pub const KNOWN_GOOD_LISTS_MAX: usize = 1_000;
/// Entries of all lists of one node: those that MISP publishes have half a million.
pub const KNOWN_GOOD_ENTRIES_MAX: usize = 5_000_000;
/// Bytes of one list's file.
pub const KNOWN_GOOD_FILE_BYTES_MAX: u64 = 64 << 20;
/// Seconds between two looks at the folder of the lists.
pub const KNOWN_GOOD_LOOK_SECONDS: u64 = 2;
/// What a person silenced at one time; each is looked at for every indicator that matches.
pub const SUPPRESSIONS_MAX: usize = 10_000;
/// Bytes of the reason of a suppression or of a false positive.
pub const REASON_BYTES_MAX: usize = 1_000;
/// Partners whose word that an indicator is a false positive counts: each halves its confidence.
pub const DISPUTES_MAX: u32 = 4;
/// Opinions of one indicator that are read: each node has one in each circle.
pub const DISPUTES_READ_MAX: usize = 64;
/// Sightings of one indicator that are looked through for the newest that a reader may have.
pub const SIGHTINGS_READ_MAX: usize = 1_000;
/// Days for which it is kept how often an indicator matched in each hour.
pub const CUBE_DAYS: i64 = 400;
/// Indicators that are told of when somebody asks why a value alerts or does not.
pub const WHY_LINES_MAX: usize = 200;
/// Indicators that match too much and are named: an operator reads them one by one.
pub const TRIPPED_MAX: usize = 1_000;
/// Lines of one answer of the cube.
pub const CUBE_LINES_MAX: usize = 10_000;

// Step 5, P7: response out.
/// Values in a feed: what a firewall or a resolver can still load; beyond it a reader is told to ask
/// for less, since a list that was cut looks whole.
pub const FEED_LINES_MAX: usize = 2_000_000;
/// Bytes of a feed.
pub const FEED_BYTES_MAX: usize = 256 << 20;
/// Bodies that are opened for a feed that is chosen by label.
pub const FEED_LABELLED_MAX: usize = 50_000;
/// Rules for single names and networks in one file: each costs a sensor at every packet.
pub const FEED_RULES_MAX: usize = 5_000;
/// Feeds that are remembered as they were rendered.
pub const FEEDS_CACHED_MAX: usize = 64;
/// Bytes of those.
pub const FEED_CACHE_BYTES_MAX: usize = 512 << 20;
/// Feeds that are rendered at once: each holds its values in memory.
pub const FEEDS_AT_ONCE_MAX: usize = 2;
/// Days, each an event of its own, in a feed for MISP: 27 years of them. What
/// began before [`FEED_FIRST_DAY`] is one event and does not fill them.
pub const FEED_DAYS_MAX: usize = 10_000;
/// The first day that is an event of its own in a feed for MISP, in days since 1970: 2016-01-01. What is
/// older is one event of 1970.
pub const FEED_FIRST_DAY: i64 = 16_801;
/// Entries that are looked at for a feed in one reading of the store.
pub const FEED_PAGE_ROWS: usize = 20_000;
/// Entries of the log that one reading passes over at most, where a feed wants those of a day.
pub const FEED_STRIDE_ENTRIES: i64 = 500_000;
/// For so long a feed is handed out again whatever changed: who asks in a loop does not keep the
/// node rendering, and what is recalled still leaves within a second.
pub const FEED_FRESH_MILLIS: i64 = 400;
/// After this a feed chosen by confidence is rendered anew, since confidence decays by itself.
pub const FEED_DECAY_SECONDS: i64 = 60;
/// Serial numbers that are kept, some 10 MB; beyond them the lowest is forgotten, and its feed gets
/// a higher one when it is asked for again.
pub const SERIALS_MAX: u32 = 100_000;
/// Feeds that are numbered by one command: a folder of thousands of days does not hold the writer.
pub const SERIALS_AT_ONCE: usize = 1_000;
/// Matches of one indicator that are kept at home in an hour; the others are counted. An indicator
/// that matches everything does not fill the disk with one event again and again.
pub const MATCHES_KEPT_PER_HOUR: u64 = 20;
/// Bytes of one kept match, with its event.
pub const MATCH_LINE_BYTES_MAX: usize = EVENT_BYTES_MAX * 2;
/// Matches in one answer.
pub const MATCHES_TOLD_MAX: usize = 1_000;
/// Bytes of matches after which their folder is looked after.
pub const MATCHES_LOOKED_AFTER_BYTES: u64 = 16 << 20;
/// Webhooks of one node: the operator's own systems. Each may have a queue of its own.
pub const WEBHOOKS_MAX: usize = 16;
/// Bytes of the secret that a webhook's findings are signed with, at least: as many as resist guessing.
pub const HOOK_SECRET_BYTES_MIN: usize = 16;
/// Findings that wait for one receiver: some hundred indicators that match all day. Beyond it new
/// ones are counted and given up.
pub const OUTGOING_MAX: u64 = 100_000;
/// Bytes of those: of all receivers together they stay below two GiB of the database.
pub const OUTGOING_BYTES_MAX: u64 = 64 << 20;
/// Findings of one delivery that are put into queues: each is a row in the commit that the sender of
/// telemetry waits for.
pub const OUTGOING_DELIVERY_MAX: usize = 10_000;
/// Bytes of those: they are held in memory until the commit.
pub const OUTGOING_DELIVERY_BYTES_MAX: usize = 16 << 20;
/// Bytes of an event that is sent along with its finding; a longer one is told by its length, and is
/// kept at home.
pub const OUTGOING_EVENT_BYTES_MAX: usize = 64 << 10;
/// The same by syslog: many servers cut a message at 8 KiB, and quoting makes an event longer.
pub const SYSLOG_OUT_EVENT_BYTES_MAX: usize = 3 << 10;
/// Bytes of a field's name and of a value where a finding goes without its event, which was too long:
/// both are of the event's writer, and nothing of that may make a finding that nobody can take.
pub const OUTGOING_SHORT_TEXT_BYTES_MAX: usize = 1 << 10;
/// Bytes of a finding by UDP: what one datagram holds over IPv4.
pub const SYSLOG_OUT_DATAGRAM_BYTES_MAX: usize = 65_507;
/// Seconds after which a finding that no receiver took is given up: a day.
pub const OUTGOING_SECONDS: i64 = 86_400;
/// Findings of one receiver that are given up in one commit.
pub const OUTGOING_PRUNED_MAX: usize = 10_000;
/// Findings that are read at once to be sent to one receiver.
pub const OUTGOING_BATCH: usize = 64;
/// Milliseconds after which what a receiver took is written down: what a crash has sent again.
pub const OUTGOING_SAVE_MILLIS: u64 = 500;
/// Seconds before a receiver that failed is tried again; twice as many after each failure.
pub const HOOK_PAUSE_FIRST_SECONDS: i64 = 5;
/// Seconds between two tries at most.
pub const HOOK_PAUSE_SECONDS_MAX: i64 = 3_600;
/// Seconds for which a receiver may take to be reached, and to answer.
pub const HOOK_SECONDS: u64 = 10;
/// Bits of a network that a block list takes at least: a shorter one would cut off a country.
pub const FEED_PREFIX_V4_BITS_MIN: u8 = 8;
/// The same for IPv6: what one registry gives to one provider.
pub const FEED_PREFIX_V6_BITS_MIN: u8 = 19;
/// Bytes of a bundle's hello: some lines, and a chain of keys in base64.
pub const BUNDLE_HELLO_BYTES_MAX: usize = KEY_CHAIN_BYTES_MAX / 3 * 4 + BUNDLE_HEAD_BYTES_MAX;
/// Records whose signature is looked at to tell what a revoked key leaves unsent: a second's work.
pub const STRANDED_LOOKS_MAX: usize = 20_000;
/// Of these, so many are named: what does not fit on a screen is not read.
pub const STRANDED_SAMPLES_MAX: usize = 20;
/// Seconds after which the time is written down: a crash forgets no more of it than this.
pub const LATEST_KEPT_SECONDS: i64 = 60;
