//! Corners of TAXII 2.1, black box: one table of requests and what must come back, and what must
//! hold of every answer. Where peers are known to be wrong there is a row.

mod corner;
mod deleting;
mod filtering;
mod negotiating;
mod noting;
mod paging;
mod posting;
mod world;
