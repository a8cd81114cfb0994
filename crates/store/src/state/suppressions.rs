//! What a person silenced, why, and until when. It silences nothing itself.

pub(super) const TABLES: &str = "
CREATE TABLE suppressions (id INTEGER PRIMARY KEY, what TEXT NOT NULL, circle BLOB,
  reason TEXT NOT NULL, until INTEGER NOT NULL, who TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
";
