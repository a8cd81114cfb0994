//! Power cuts: what was acknowledged is there, nothing is there twice, and partners end equal;
//! whatever was under way is taken up again or never happened. `ENTENTE_KILLS=1000` makes a
//! thousand of them instead of some fifty.

mod backfill;
mod backup;
mod ingest;
mod pull;
mod rebuild;
mod series;
mod writing;
