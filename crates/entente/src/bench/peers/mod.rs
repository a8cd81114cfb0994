//! Other people's TAXII servers under the same work, asked by the same client on the same machine.
//! They are installed by `make bench-setup`, started as their documents say, and not tuned.

mod measure;
mod server;

pub(super) use measure::measure;
