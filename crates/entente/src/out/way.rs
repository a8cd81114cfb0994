//! The way of findings to one receiver, whatever that speaks. It keeps nothing, and waits for nobody.

use super::failure::NotTaken;
use super::syslog::Syslog;
use super::webhook::Hook;
use crate::matching::worded;
use crate::runtime::{Runtime, now, random};
use model::time::Instant;
use node::Receiver;
use serde_json::json;
use std::fmt::Write as _;

/// The way to a receiver.
pub(super) enum Way {
    Hook(Box<Hook>),
    Syslog(Box<Syslog>),
}

impl Way {
    /// The way to a receiver; its connection is made with the first finding.
    pub(super) fn to(runtime: &Runtime, receiver: &Receiver) -> Result<Self, NotTaken> {
        let network = &runtime.settings().network;
        if receiver.name == node::receiver::SYSLOG {
            let name = &runtime.me().name;
            return Ok(Self::Syslog(Box::new(Syslog::open(network, name, &receiver.url)?)));
        }
        Ok(Self::Hook(Box::new(Hook::open(network, receiver)?)))
    }

    /// Sends a finding that was put into the queue at an instant.
    pub(super) async fn send(
        &mut self,
        key: &str,
        at: Instant,
        body: &[u8],
    ) -> Result<(), NotTaken> {
        match self {
            Self::Hook(hook) => hook.send(key, body).await,
            Self::Syslog(syslog) => syslog.send(at, body).await,
        }
    }
}

/// Sends a receiver a finding that says that it is none, past the queue.
pub(crate) async fn test(runtime: &Runtime, receiver: &Receiver) -> Result<(), NotTaken> {
    let mut drawn = [0; 8];
    random(&mut drawn);
    let mut key = "test-".to_owned();
    for byte in drawn {
        // Writing to a text cannot fail.
        write!(key, "{byte:02x}").ok();
    }
    let at = now();
    let line = example(&key, at, &runtime.me().name);
    let body = worded(&line, receiver.wording).unwrap_or(line);
    Way::to(runtime, receiver)?.send(&key, at, body.as_bytes()).await
}

/// A line as matches are kept, of a match that never was.
fn example(key: &str, at: Instant, node: &str) -> String {
    json!({
        "match": key, "kept": at.to_string(), "test": true,
        "indicator": "indicator--00000000-0000-4000-8000-000000000000", "record": "",
        "tlp": "clear", "circle": "test", "signer": node,
        "field": "test", "role": "other", "value": "entente-test.invalid", "source": "test",
        "line": 0, "at": at.to_string(), "before_valid_from": false,
        "event": { "test": "sent by `entente webhook test`" }
    })
    .to_string()
}
