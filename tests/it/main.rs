//! The real binary against the world: other people's clients, real data, power cuts, strangers.
//! Nothing here knows the inside of the program.
#![cfg(test)]

mod agents;
mod asking;
mod backup;
mod bundles;
mod clients;
mod compound;
mod crash;
mod damage;
mod demo;
mod disk;
mod errors;
mod feed_folders;
mod feeds;
mod foreseen;
mod hostile;
mod keys;
mod known_good;
mod lane;
mod leak;
mod lookback;
mod obeyed;
mod operating;
mod pagers;
mod patterns;
mod questions;
mod recalling;
mod returns;
mod scale;
mod seen;
mod sets;
mod sigma;
mod sources;
mod story;
mod taxii;
mod telemetry;
mod twins;
mod unrelease;
mod verify;
mod verifying;
mod webhooks;
mod worth;
