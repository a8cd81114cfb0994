//! Disks that are full, or fail, under the real binary.

mod failing;
mod full;
mod incoming;
mod seen;
mod small;
