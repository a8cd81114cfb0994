//! Nothing that is withheld can be told from outside, on the real binary: two nodes that differ only
//! in records that a reader may not have answer it alike, on every route, in every word.
//!
//! `tests/routes.txt` names every route with its check; a route without one fails the build's own
//! tests, and a check without a function fails here.

mod checks;
mod routes;
mod tap;
mod twins;
