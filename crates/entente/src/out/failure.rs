//! Why a receiver has not taken a finding: each way with its code and what to do about it. Neither a
//! secret nor the path of a URL, which may be one, stands in its words.

use crate::source::{A_CONNECTION, PullFailure};
use formats::problem::Problem;

/// Why a finding was not taken.
#[derive(Debug)]
pub(crate) struct NotTaken {
    /// What happened, and what to do about it.
    pub(crate) problem: Problem,
    /// Seconds for which the receiver asked for patience.
    pub(crate) retry_after: Option<u64>,
    /// It answered, or was reached and did not: another finding may fare better.
    pub(crate) answered: bool,
}

impl NotTaken {
    /// Nobody has answered.
    pub(super) fn silent(code: &'static str, message: String, hint: &str) -> Self {
        let problem = Problem::error(code, message).hint(hint);
        Self { problem, retry_after: None, answered: false }
    }

    /// Another finding may fare better.
    pub(super) fn answered(code: &'static str, message: String, hint: &str) -> Self {
        Self { answered: true, ..Self::silent(code, message, hint) }
    }
}

impl From<PullFailure> for NotTaken {
    fn from(failure: PullFailure) -> Self {
        let again = "it is tried again by itself; `entente webhook test NAME` tries now";
        match failure {
            PullFailure::Connect(..) => Self::silent(
                "E-HOOK-010",
                failure.to_string(),
                "check the URL, the network, and network.proxy in entente.toml",
            ),
            PullFailure::Tls(..) => Self::silent(
                "E-HOOK-011",
                failure.to_string(),
                "if an authority of your own signed it, name that in network.authorities",
            ),
            PullFailure::Slow(A_CONNECTION, _) => {
                Self::silent("E-HOOK-012", failure.to_string(), again)
            }
            // It was reached and has the finding: it may be this one that it cannot take.
            PullFailure::Slow(..) | PullFailure::Cut(_) => {
                Self::answered("E-HOOK-012", failure.to_string(), again)
            }
            PullFailure::Status(status, _, told) => {
                let hint = "look into the receiver's log; does it take this form of findings?";
                Self::answered("E-HOOK-013", format!("it answers {status}{told}"), hint)
            }
            PullFailure::Wait(status, seconds) => {
                let message = format!("it answers {status} and wants rest for {seconds} seconds");
                let told = Self::answered("E-HOOK-014", message, again);
                Self { retry_after: Some(seconds), ..told }
            }
            PullFailure::Redirect(_) => {
                let hint = "add the webhook again under the URL that it has now";
                let message = "it sends us elsewhere, which is not followed".to_owned();
                Self::answered("E-HOOK-015", message, hint)
            }
            PullFailure::TooLarge(_)
            | PullFailure::Foreign(_)
            | PullFailure::Collection(_)
            | PullFailure::Standstill
            | PullFailure::SameDate(..)
            | PullFailure::NoWay
            | PullFailure::AllRefused(..)
            | PullFailure::Settings(_)
            | PullFailure::Refused(_)
            | PullFailure::Unavailable(_)
            | PullFailure::Fault => Self::silent("E-HOOK-016", failure.to_string(), again),
        }
    }
}
