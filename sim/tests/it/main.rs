//! The simulator's public face, tested from one binary.
//!
//! It deliberately tests no product code by itself: what is simulated is chosen per module.
#![cfg(test)]

mod real;
mod small;
