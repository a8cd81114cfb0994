//! The real binary against the world: other people's clients, real data, power cuts, strangers.
//! Nothing here knows the inside of the program.
#![cfg(test)]

mod asking;
mod backup;
mod bundles;
mod clients;
mod crash;
mod damage;
mod demo;
mod disk;
mod errors;
mod foreseen;
mod hostile;
mod lane;
mod leak;
mod operating;
mod pagers;
mod recalling;
mod returns;
mod scale;
mod sources;
mod story;
mod taxii;
mod telemetry;
mod unrelease;
mod verify;
mod verifying;
