//! Problems as HTTP answers (RFC 9457). What went wrong inside goes to the log alone; what went
//! wrong outside is told to who caused it.

use crate::runtime::Unavailable;
use axum::body::Body;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use formats::problem::Problem;
use serde::Serialize;
use serde_json::{Map, Value};

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
    /// Members of this problem's own.
    #[serde(flatten)]
    more: &'a Map<String, Value>,
}

/// An answer that says what is wrong and what to do.
pub(crate) fn problem(status: StatusCode, problem: &Problem) -> Response {
    problem_with(status, problem, &Map::new())
}

/// The same with members of its own, which RFC 9457 calls extensions.
pub(crate) fn problem_with(
    status: StatusCode,
    problem: &Problem,
    more: &Map<String, Value>,
) -> Response {
    let twin = Twin {
        kind: format!("urn:entente:problem:{}", problem.code),
        title: status.canonical_reason().unwrap_or_default(),
        status: status.as_u16(),
        detail: detail(problem),
        code: problem.code,
        hint: &problem.hint,
        more,
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

/// Words what the router refused by itself, a body that is too long or a path that is no text, as
/// all refusals are worded.
pub(super) async fn worded(response: Response) -> Response {
    let status = response.status();
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let plain = kind.is_none_or(|kind| kind.starts_with("text/plain"));
    if !status.is_client_error() || !plain {
        return response;
    }
    let (parts, body) = response.into_parts();
    let said = axum::body::to_bytes(body, SAID_BYTES_MAX).await.unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let (code, words) = match status {
        StatusCode::METHOD_NOT_ALLOWED => ("E-HTTP-405", "this resource has no such method"),
        StatusCode::PAYLOAD_TOO_LARGE => ("E-API-413", "the body is longer than this takes"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ("E-API-415", "not in a form that this takes"),
        _ => ("E-API-400", "the request cannot be understood"),
    };
    let words = if said.is_empty() { words.to_owned() } else { formats::problem::shown(&said) };
    let mut response = problem(status, &Problem::error(code, words));
    if let Some(methods) = parts.headers.get(ALLOW) {
        response.headers_mut().insert(ALLOW, methods.clone());
    }
    response
}

/// Bytes of the router's own words that are repeated.
const SAID_BYTES_MAX: usize = 1 << 10;
