//! Sources: what this node pulls from others' servers, on a schedule, until it is removed. Every
//! page is handed to the writer together with how far it reaches; nothing here decides who may see
//! what it brings.

pub(crate) mod address;
mod client;
mod credentials;
mod cut;
mod failure;
mod flow;
mod header;
mod lines;
mod list;
mod pull;
mod schedule;
mod taxii;
mod trust;

pub(crate) use address::Address;
pub(crate) use client::{A_CONNECTION, Client, Patience};
pub(crate) use credentials::Credentials;
pub(crate) use failure::PullFailure;
pub(crate) use schedule::{pull_all, pulled_here};
pub(crate) use trust::client_config as authorised;
