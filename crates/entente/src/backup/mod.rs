//! A node in one file, and back: the database first, then what else lies in the folder, then a
//! checksum (decision 0007). What the numbering does after a restore is decided in `node`.

mod form;
mod make;
mod put_back;

pub(crate) use form::{damaged, ends_as_one, public_key, read_end, sums_up};
pub(crate) use make::{BackupView, make, make_offline, target};
pub(crate) use put_back::{Place, check_target, put_back};
