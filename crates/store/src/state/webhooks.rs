//! Where findings are sent, as its administrators said. It sends nothing.

pub(super) const TABLES: &str = "
CREATE TABLE webhooks (name TEXT PRIMARY KEY, url TEXT NOT NULL, circle BLOB, form TEXT NOT NULL,
  secret BLOB, severity INTEGER, who TEXT NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
";
