//! Feeds for other tools, rendered for each audience. It releases nothing that TAXII would not.

mod cache;

pub(crate) use cache::Cache;
