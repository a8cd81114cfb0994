//! Findings by HTTP: one a request, signed, under a key that makes a repetition harmless. It follows
//! no redirection, and tries nothing a second time.

use super::failure::NotTaken;
use crate::runtime::now;
use crate::settings::Network;
use crate::source::{Address, Client, Credentials, Patience};
use bytes::Bytes;
use formats::problem::Problem;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue};
use model::limits::HOOK_SECONDS;
use model::seal::hmac;
use node::{Receiver, Wording};

/// What a finding is signed with and by what it is known.
const SIGNATURE: HeaderName = HeaderName::from_static("entente-signature");
const KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The way to a webhook; its connection is kept.
pub(super) struct Hook {
    client: Client,
    address: Address,
    secret: String,
    media_type: &'static str,
}

/// A webhook's URL.
///
/// # Errors
/// When it is none, or would show events to whoever listens.
pub(crate) fn address(url: &str) -> Result<Address, Problem> {
    let address = Address::read(url).map_err(|problem| {
        Problem::error("E-HOOK-003", problem.message).hint("such as https://soc.example.org/hook")
    })?;
    if !address.is_secure() && !address.is_loopback() {
        let message = "findings leave this machine by https only: they hold raw events";
        let hint = "write https://; an authority of your own is named in network.authorities";
        return Err(Problem::error("E-HOOK-003", message).hint(hint));
    }
    Ok(address)
}

/// The value of `Entente-Signature`: when, and HMAC-SHA256 over that, a point and the body.
pub(super) fn signature(secret: &str, seconds: i64, body: &[u8]) -> String {
    let head = format!("{seconds}.");
    let mac = hmac(secret.as_bytes(), &[head.as_bytes(), body]);
    format!("t={seconds},v1={mac}")
}

impl Hook {
    /// The way to a receiver.
    pub(super) fn open(network: &Network, receiver: &Receiver) -> Result<Self, NotTaken> {
        let refused = |problem: Problem| NotTaken { problem, retry_after: None, answered: false };
        let address = address(&receiver.url).map_err(refused)?;
        let key = receiver.key.as_ref().map(|key| Credentials::read(&key.0));
        let key = key.transpose().map_err(refused)?;
        let patience = Patience { connect: HOOK_SECONDS, answer: HOOK_SECONDS, idle: HOOK_SECONDS };
        let client = Client::new(network, &address, key, patience)?;
        let secret = receiver.secret.as_ref().map(|secret| secret.0.clone()).unwrap_or_default();
        let media_type = match receiver.wording {
            Wording::Json | Wording::Ocsf | Wording::Ecs => "application/json",
            Wording::Stix => "application/stix+json;version=2.1",
            Wording::Cef => "text/plain; charset=utf-8",
        };
        Ok(Self { client, address, secret, media_type })
    }

    /// Sends one finding.
    pub(super) async fn send(&mut self, key: &str, body: &[u8]) -> Result<(), NotTaken> {
        let seconds = now().micros().div_euclid(1_000_000);
        let odd = |_| {
            let message = "the finding cannot be sent by HTTP".to_owned();
            NotTaken::silent("E-HOOK-016", message, "please report it")
        };
        let signature = HeaderValue::from_str(&signature(&self.secret, seconds, body));
        let headers = [
            (CONTENT_TYPE, HeaderValue::from_static(self.media_type)),
            (KEY, HeaderValue::from_str(key).map_err(odd)?),
            (SIGNATURE, signature.map_err(odd)?),
        ];
        let body = Bytes::copy_from_slice(body);
        Ok(self.client.post(&self.address, &headers, body).await?)
    }
}

#[cfg(test)]
mod tests;
