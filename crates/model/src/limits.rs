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
