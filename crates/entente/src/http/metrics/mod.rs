//! `/metrics`: the node's numbers for Prometheus.

mod page;
mod resource;

pub(crate) use page::Page;
pub(super) use resource::routes;
