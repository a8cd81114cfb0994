//! How a pull ends badly: each way with its code and what to do about it. Secrets, queries and
//! whole bodies never stand in its words.

use super::address::Address;
use crate::runtime::Unavailable;
use formats::problem::{Problem, shown};
use http::StatusCode;
use node::source::PullFailed;

/// Why a pull failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PullFailure {
    /// Nobody answers there.
    #[error("{0} cannot be reached: {1}")]
    Connect(String, std::io::Error),
    /// TLS says that it is somebody else.
    #[error("{0} does not prove who it is: {1}")]
    Tls(String, std::io::Error),
    /// Too slow: what was waited for, and how long in seconds.
    #[error("{0} did not come within {1} seconds")]
    Slow(&'static str, u64),
    /// The server refuses or fails.
    #[error("{1} answers {0}{2}")]
    Status(StatusCode, Box<Address>, String),
    /// The server wants to be asked later.
    #[error("the server answers {0} and wants to be asked again in {1} seconds")]
    Wait(StatusCode, u64),
    /// More than anybody may send.
    #[error("the answer has more than {0} bytes")]
    TooLarge(u64),
    /// It ended before its end.
    #[error("the answer breaks off: {0}")]
    Cut(String),
    /// A redirection that is not followed.
    #[error("the server sends us elsewhere: {0}")]
    Redirect(String),
    /// Something else than was asked for.
    #[error("{0}")]
    Foreign(String),
    /// A TAXII server with no collection that could be meant, or several.
    #[error("{0}")]
    Collection(String),
    /// The same again and again.
    #[error("the server says that there is more, and gives the same again")]
    Standstill,
    /// More objects of one date than one page holds, and no other way on.
    #[error(
        "{0} objects and more bear the date {1}, and the server gives no `next`: some are missing"
    )]
    SameDate(u64, String),
    /// More is said to be there, and there is no way to ask for it.
    #[error("the server says that there is more, but gives neither `next` nor a date")]
    NoWay,
    /// Nothing of it could be taken.
    #[error("all {0} objects were refused; one of them: {1}")]
    AllRefused(u64, String),
    /// Our own settings cannot be used.
    #[error("{0}")]
    Settings(String),
    /// The node refuses what was brought, for reasons of its own.
    #[error("{0}")]
    Refused(Problem),
    /// The node cannot answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// A fault of this program.
    #[error("the pull ended by a fault of this program")]
    Fault,
}

impl From<Problem> for PullFailure {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem)
    }
}

impl PullFailure {
    /// As the state keeps it.
    pub(super) fn told(self) -> PullFailed {
        let retry_after = if let Self::Wait(_, seconds) = &self { Some(*seconds) } else { None };
        if let Self::Refused(problem) = self {
            return PullFailed { problem, retry_after };
        }
        let (code, hint) = self.advice();
        let problem = Problem::error(code, shown_whole(&self.to_string())).hint(hint);
        PullFailed { problem, retry_after }
    }

    fn advice(&self) -> (&'static str, &'static str) {
        match self {
            Self::Connect(..) => {
                ("E-SOURCE-010", "check the URL, the network, and network.proxy in entente.toml")
            }
            Self::Tls(..) => (
                "E-SOURCE-011",
                "if an authority of your own signed it, name that in network.authorities",
            ),
            Self::Slow(..) => ("E-SOURCE-012", "it is tried again by itself"),
            Self::Status(status, ..) => ("E-SOURCE-013", status_advice(*status)),
            Self::Wait(..) => ("E-SOURCE-014", "it is asked again then; a longer --every helps"),
            Self::TooLarge(_) => ("E-SOURCE-015", "is it the right URL?"),
            Self::Cut(_) => {
                ("E-SOURCE-016", "what came before is kept; it is tried again by itself")
            }
            Self::Redirect(_) => ("E-SOURCE-017", "add the source again under its new URL"),
            Self::Foreign(_) => ("E-SOURCE-018", "open the URL yourself; is the kind right?"),
            Self::Collection(_) => {
                ("E-SOURCE-019", "give the URL of one collection: .../collections/ID/")
            }
            Self::Standstill => {
                ("E-SOURCE-020", "what came is kept; tell its operator that paging goes in circles")
            }
            Self::SameDate(..) => {
                ("E-SOURCE-021", "tell its operator that `next` or a larger page is needed")
            }
            Self::NoWay => {
                ("E-SOURCE-022", "tell its operator that X-TAXII-Date-Added-Last is missing")
            }
            Self::AllRefused(..) => ("E-SOURCE-023", "open the URL yourself; is the kind right?"),
            Self::Settings(_) => ("E-SOURCE-024", "mend entente.toml and start the node again"),
            Self::Refused(_) => ("E-SOURCE-025", ""),
            Self::Unavailable(_) => ("E-SOURCE-026", "it is tried again by itself"),
            Self::Fault => ("E-SOURCE-027", "the log has more; please report it"),
        }
    }

    /// Whether a smaller page may succeed where this one did not.
    pub(super) const fn asks_for_less(&self) -> bool {
        matches!(self, Self::TooLarge(_) | Self::Cut(_) | Self::Slow(..))
    }

    /// Whether another way to the same objects may succeed: not where the server wants rest, knows
    /// us not, or we ourselves are the reason.
    pub(super) fn leaves_another_way(&self) -> bool {
        match self {
            Self::Status(status, ..) => {
                !matches!(*status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
            }
            Self::Slow(..) | Self::TooLarge(_) | Self::Cut(_) | Self::Foreign(_) => true,
            Self::Connect(..)
            | Self::Tls(..)
            | Self::Wait(..)
            | Self::Redirect(_)
            | Self::Collection(_)
            | Self::Standstill
            | Self::SameDate(..)
            | Self::NoWay
            | Self::AllRefused(..)
            | Self::Settings(_)
            | Self::Refused(_)
            | Self::Unavailable(_)
            | Self::Fault => false,
        }
    }
}

fn status_advice(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            "it does not let us in: add the source again with --key-file"
        }
        StatusCode::NOT_FOUND | StatusCode::GONE => "check the URL; it may have moved",
        status if status.is_server_error() => "a fault of that server; it is asked again by itself",
        _ => "check the URL and the kind of the source",
    }
}

/// A message of our own that may hold pieces of a stranger's: no control characters, and bounded.
fn shown_whole(text: &str) -> String {
    text.split_inclusive(' ').take(60).map(shown).collect()
}
