//! The policies that ship, as files that a person reads, copies and changes: their text only.
//! Whoever reads files reads these too; nothing here understands a line of them.

/// Nothing leaves by itself: a person opens each partner.
pub const CLOSED: &str = include_str!("../presets/closed.toml");
/// A CERT community: what circle and label allow flows. What a new node has.
pub const COMMUNITY: &str = include_str!("../presets/community.toml");
/// An open exchange: as `community`, and nobody is asked.
pub const OPEN: &str = include_str!("../presets/open.toml");

/// All of them, by name.
pub const ALL: [(&str, &str); 3] = [("closed", CLOSED), ("community", COMMUNITY), ("open", OPEN)];
