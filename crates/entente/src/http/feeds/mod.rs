//! Feeds for other tools, `/feeds/CIRCLE/NAME`, rendered for each audience. It releases nothing that
//! TAXII would not, and a feed's bytes, tag and number depend on nothing else.

mod ask;
mod cache;
mod render;
mod serve;

pub(crate) use cache::Cache;
pub(super) use serve::routes;
