//! Problems as HTTP answers (RFC 9457). What went wrong inside goes to the log alone; what went
//! wrong outside is told to who caused it.

use crate::runtime::Unavailable;
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use formats::problem::Problem;
use serde::Serialize;

/// The members of a problem, in the order in which people read them.
#[derive(Serialize)]
struct Twin<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'a str,
    status: u16,
    detail: String,
    code: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    hint: &'a str,
}

/// An answer that says what is wrong and what to do.
pub(crate) fn problem(status: StatusCode, problem: &Problem) -> Response {
    let twin = Twin {
        kind: format!("urn:entente:problem:{}", problem.code),
        title: status.canonical_reason().unwrap_or_default(),
        status: status.as_u16(),
        detail: detail(problem),
        code: problem.code,
        hint: &problem.hint,
    };
    // Plain texts and numbers always have a JSON form.
    let mut response = Response::new(Body::from(serde_json::to_vec(&twin).unwrap_or_default()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Where and what, without the code, which has a member of its own.
pub(super) fn detail(problem: &Problem) -> String {
    if problem.path.is_empty() {
        problem.message.clone()
    } else {
        format!("{}: {}", problem.path, problem.message)
    }
}

/// The node cannot answer. Why, is for its own people.
pub(crate) fn unavailable(error: Unavailable) -> Response {
    let (status, told) = told(error);
    let mut response = problem(status, &told);
    let seconds = match status {
        StatusCode::SERVICE_UNAVAILABLE => Some("1"),
        StatusCode::INSUFFICIENT_STORAGE => Some(crate::disk::RETRY_SECONDS),
        _ => None,
    };
    if let Some(seconds) = seconds {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(seconds));
    }
    response
}

/// The status and the words for those outside; the store's words go to the log.
pub(super) fn told(error: Unavailable) -> (StatusCode, Problem) {
    match error {
        Unavailable::Stopping => {
            let problem =
                Problem::error("E-HTTP-503", "the node is stopping").hint("try again in a moment");
            (StatusCode::SERVICE_UNAVAILABLE, problem)
        }
        Unavailable::Full => (StatusCode::INSUFFICIENT_STORAGE, crate::disk::problem()),
        Unavailable::Store(error) => {
            tracing::error!(%error, "a question could not be answered");
            let problem = Problem::error("E-HTTP-500", "the node cannot read its store")
                .hint("its log says why");
            (StatusCode::INTERNAL_SERVER_ERROR, problem)
        }
    }
}
