//! What `detect` says of real events, from outside. It measures nothing.
#![cfg(test)]

mod corpora;
