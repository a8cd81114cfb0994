//! How the C library keeps memory, for a program that runs for months: it takes its word on that only
//! at the start of a process, so a node starts itself once more in place. It allocates nothing
//! itself, and a node that cannot start again runs on as it is.

use crate::config::{environment, this_program};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// What is said to the C library: a pool of memory for each processor instead of eight, and large
/// pieces given back as soon as they are free. By default a node that has read a few large documents
/// keeps several times as much as it needs, in the pools of threads that are gone.
const ARENAS: &str = "MALLOC_ARENA_MAX";
const WORDS: [(&str, &str); 2] =
    [("MALLOC_MMAP_THRESHOLD_", "4194304"), ("MALLOC_TRIM_THRESHOLD_", "8388608")];

/// Starts this program again in the same process, unless it was, or the operator has said how many
/// pools there are.
pub(super) fn settle() {
    if !cfg!(target_env = "gnu") || environment(ARENAS).is_some() {
        return;
    }
    let Ok(program) = this_program() else { return };
    let pools = std::thread::available_parallelism().map_or(2, |all| all.get().max(2));
    let mut arguments = std::env::args_os();
    let mut again = Command::new(program);
    if let Some(name) = arguments.next() {
        again.arg0(name);
    }
    again.args(arguments).env(ARENAS, pools.to_string()).envs(WORDS);
    // Returns only when it failed.
    drop(again.exec());
}
