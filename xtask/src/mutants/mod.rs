//! Planted faults: each is put into the product alone, and a named test must fail because of it.
//! [`list`] has them, [`plant`] runs them, [`report`] keeps what came of it and knows when that is
//! no longer about the code that is there.

mod list;
mod plant;
mod report;

pub(crate) use plant::run;
pub(crate) use report::check;
