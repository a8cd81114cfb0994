//! What the program is told by its surroundings: the data folder, the file of settings, the
//! environment. Nothing else reads them, and nothing here decides about sharing.

mod environment;
mod file;
mod files;
mod folder;
mod key_files;
mod keys;
mod quantity;
mod sound;

pub(crate) use environment::{environment, temporary, this_program, typed_name};
pub(crate) use file::{Effective, Origin, load};
pub(crate) use files::{Stamp, mode, read_file, stamp};
pub(crate) use folder::{ConfigError, Folder, KEY_FILE, private_folder};
pub(crate) use key_files::{KeyFile, read_key_file};
pub(crate) use keys::{KEYS, Key};
pub(crate) use quantity::{duration, print_duration, print_size};
pub(crate) use sound::{LOOKED_FILE, Unsound, number_line, read_number};
