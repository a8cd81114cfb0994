//! The log, its views and the state, on SQLite. The only SQL.
