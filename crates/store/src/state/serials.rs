//! The serial numbers of feeds, which rise only with what the feed says. It renders no feed.

pub(super) const TABLES: &str = "
CREATE TABLE serials (feed BLOB PRIMARY KEY, serial INTEGER NOT NULL, digest BLOB NOT NULL)
  STRICT, WITHOUT ROWID;
";
