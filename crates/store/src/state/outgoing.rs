//! Findings that wait to be sent. It sends nothing, and gives nothing up.

pub(super) const TABLES: &str = "
CREATE TABLE outgoing (id INTEGER PRIMARY KEY, webhook TEXT NOT NULL, key BLOB NOT NULL,
  body BLOB NOT NULL, tries INTEGER NOT NULL, first INTEGER NOT NULL, due INTEGER NOT NULL) STRICT;
";
