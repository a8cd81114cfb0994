//! How often each indicator matched, hour by hour. It counts nothing itself.

pub(super) const TABLES: &str = "
CREATE TABLE cube (seq INTEGER NOT NULL, signer INTEGER NOT NULL, hour INTEGER NOT NULL,
  count INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, roles INTEGER NOT NULL,
  PRIMARY KEY (seq, signer, hour)) STRICT, WITHOUT ROWID;
";
