//! The real binary against the world: other people's clients, real data, power cuts, strangers.
//! Nothing here knows the inside of the program.
#![cfg(test)]

mod clients;
mod crash;
mod demo;
mod pagers;
mod scale;
mod story;
mod taxii;
mod verify;
