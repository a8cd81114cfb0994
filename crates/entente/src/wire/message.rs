//! The link's small JSON messages and its paths. Forms only; batches, hello and receipts have
//! theirs in `node::link`.

use formats::problem::{Problem, shown};
use serde::{Deserialize, Serialize};

pub(super) const HELLO: &str = "/link/v1/hello";
pub(super) const LOG: &str = "/link/v1/log";
pub(super) const ACK: &str = "/link/v1/ack";
pub(super) const JOIN: &str = "/link/v1/join";
pub(super) const RETURNS: &str = "/link/v1/returns";
pub(super) const KEYS: &str = "/link/v1/keys";

pub(super) const JSON: &str = "application/json";
pub(super) const NDJSON: &str = "application/x-ndjson";
pub(super) const TEXT: &str = "text/plain; charset=utf-8";
pub(super) const PROBLEM: &str = "application/problem+json";

/// The code of who has no room on its disk.
pub(super) const NO_ROOM: &str = "E-LINK-040";
/// The code of the refusal that a key meets which its node has changed since.
pub(super) const KEY_ENDED: &str = "E-KEY-011";
/// The code of the refusal that only a key meets which was a partner and was removed.
pub(super) const REMOVED: &str = "E-LINK-037";

/// Somebody comes with an invitation's secret.
#[derive(Deserialize, Serialize)]
pub(super) struct JoinRequest {
    /// The secret in base64.
    pub(super) secret: String,
    /// The name that the one who joins gives itself.
    pub(super) name: String,
    /// What it stated about its keys, as a chain: who it is, if its certificate shows a later one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) keys: Option<String>,
}

/// It is let in.
#[derive(Deserialize, Serialize)]
pub(super) struct JoinAnswer {
    /// The inviter's name.
    pub(super) name: String,
    /// Whether the code travelled safely, so that no words need to be compared.
    pub(super) trusted: bool,
    /// The circles that the invitation named.
    pub(super) circles: Vec<JoinCircle>,
}

/// A circle that an invitation opens.
#[derive(Deserialize, Serialize)]
pub(super) struct JoinCircle {
    /// Its id.
    pub(super) id: String,
    /// The node whose versions count.
    pub(super) convener: String,
}

/// Why a request was refused.
///
/// SPEC: RFC 9457 §3.1, with `code` and `hint` as extensions.
#[derive(Deserialize, Serialize)]
pub(super) struct ProblemBody {
    /// The HTTP status.
    pub(super) status: u16,
    /// A stable code.
    pub(super) code: String,
    /// A sentence.
    pub(super) detail: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) hint: String,
}

impl ProblemBody {
    /// As it travels.
    pub(super) fn of(status: u16, problem: &Problem) -> Self {
        Self {
            status,
            code: problem.code.to_owned(),
            detail: problem.message.clone(),
            hint: problem.hint.clone(),
        }
    }

    /// Reads what another node answered; whatever it wrote is cut before a person sees it.
    pub(super) fn read(status: u16, bytes: &[u8]) -> Self {
        let read: Option<Self> = serde_json::from_slice(bytes).ok();
        let body = read.unwrap_or(Self {
            status,
            code: String::new(),
            detail: "no reason given".to_owned(),
            hint: String::new(),
        });
        let (code, detail, hint) = (shown(&body.code), shown(&body.detail), shown(&body.hint));
        Self { status, code, detail, hint }
    }
}

#[cfg(test)]
mod tests;
