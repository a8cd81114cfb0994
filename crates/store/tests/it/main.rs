//! The store from outside, as `node` sees it. One binary for all stories.
//!
//! Every module says `cfg(test)` so that helpers may unwrap as the tests themselves do.

#[cfg(test)]
mod backup;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod erasing;
#[cfg(test)]
mod log;
#[cfg(test)]
mod rebuilding;
#[cfg(test)]
mod runs;
#[cfg(test)]
mod settling;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod state;
#[cfg(test)]
mod tally;
#[cfg(test)]
mod views;
#[cfg(test)]
mod world;
#[cfg(test)]
mod writing;
