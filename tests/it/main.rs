//! The real binary against the world: other people's clients, real data, power cuts, strangers.
//! Nothing here knows the inside of the program.
#![cfg(test)]

mod agents;
mod asking;
mod backup;
mod bundles;
mod clients;
mod crash;
mod damage;
mod demo;
mod disk;
mod errors;
mod feeds;
mod foreseen;
mod hostile;
mod keys;
mod known_good;
mod lane;
mod leak;
mod obeyed;
mod operating;
mod pagers;
mod patterns;
mod recalling;
mod returns;
mod scale;
mod seen;
mod sigma;
mod sources;
mod story;
mod taxii;
mod telemetry;
mod twins;
mod unrelease;
mod verify;
mod verifying;
