//! The world around the real binary: nodes in folders of their own, a plain HTTP client, real data,
//! other people's clients. It knows nothing of the inside of the program and checks nothing itself.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a world that cannot be set up ends the test at once, and says why"
)]

pub mod clock;
pub mod collection;
pub mod data;
pub mod entente;
pub mod http;
pub mod mask;
pub mod peer;
pub mod python;
pub mod raw;
pub mod scripted;
pub mod steady;
pub mod stix;
pub mod turn;
