//! What all resources of TAXII share: who asks, in which media type, for which collection; answers
//! and refusals in TAXII's own form. It reads no resource.

use crate::http::caller::{Unknown, challenge, identify};
use crate::http::encoding::{Coding, packed};
use crate::http::problem::{detail, told};
use crate::http::request_body::BodyError;
use crate::http::room::{keeping, room};
use crate::runtime::{Runtime, Unavailable};
use axum::body::Body;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER, VARY,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use formats::problem::Problem;
use formats::taxii::{FilterError, NextError, Rejection, TAXII};
use model::id::CircleId;
use node::Rights;

/// A refusal in TAXII's form.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    description: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, description: &str) -> Self {
        Self { status, code, description: description.to_owned() }
    }

    /// What is absent and what this caller may not know of: the same bytes.
    pub(super) fn not_found() -> Self {
        let words = "there is no such resource, or it is not for this token";
        Self::new(StatusCode::NOT_FOUND, "E-TAXII-404", words)
    }

    /// The caller may know of it, but not do this to it.
    pub(super) fn forbidden(words: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "E-TAXII-403", words)
    }

    /// With the words of a problem.
    pub(super) fn of(status: StatusCode, problem: &Problem) -> Self {
        let hint = if problem.hint.is_empty() { "" } else { ". Hint: " };
        let description = format!("{}{hint}{}", detail(problem), problem.hint);
        Self { status, code: problem.code, description }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let bytes = formats::taxii::error(&Rejection {
            title: self.status.canonical_reason().unwrap_or("Error"),
            description: Some(&self.description),
            code: Some(self.code),
            status: self.status.as_u16(),
        });
        let mut response = plain(self.status, bytes);
        let headers = response.headers_mut();
        match self.status {
            StatusCode::UNAUTHORIZED => challenge(headers),
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            StatusCode::INSUFFICIENT_STORAGE => {
                let seconds = HeaderValue::from_static(crate::disk::RETRY_SECONDS);
                headers.insert(RETRY_AFTER, seconds);
            }
            _ => {}
        }
        response
    }
}

impl From<Unavailable> for Refusal {
    fn from(error: Unavailable) -> Self {
        let (status, problem) = told(error);
        Self::of(status, &problem)
    }
}

impl From<FilterError> for Refusal {
    fn from(error: FilterError) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "E-TAXII-400", &error.to_string())
    }
}

impl From<NextError> for Refusal {
    fn from(error: NextError) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "E-TAXII-400", &format!("next: {error}"))
    }
}

impl From<BodyError> for Refusal {
    fn from(error: BodyError) -> Self {
        let (status, code) = match error {
            BodyError::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "E-TAXII-413"),
            BodyError::TooSlow => (StatusCode::REQUEST_TIMEOUT, "E-TAXII-408"),
            BodyError::NoRoom => (StatusCode::SERVICE_UNAVAILABLE, "E-TAXII-503"),
            BodyError::Coding => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "E-TAXII-415"),
            BodyError::Broken => (StatusCode::BAD_REQUEST, "E-TAXII-400"),
        };
        Self::new(status, code, &error.to_string())
    }
}

/// Who asks, and how the answer may be packed.
#[derive(Debug)]
pub(super) struct Asker {
    pub(super) caller: node::token::Caller,
    coding: Option<Coding>,
}

impl FromRequestParts<Runtime> for Asker {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, runtime: &Runtime) -> Result<Self, Refusal> {
        let headers = &parts.headers;
        let caller = match identify(headers, runtime).await {
            Ok(caller) => caller,
            Err(Unknown::Unavailable(error)) => return Err(error.into()),
            Err(unknown) => {
                let problem = unknown.problem();
                let problem = problem.unwrap_or_else(|| Problem::error("E-HTTP-401", "who asks?"));
                return Err(Refusal::of(StatusCode::UNAUTHORIZED, &problem));
            }
        };
        if !formats::taxii::accepts(joined(headers, &ACCEPT).as_deref()) {
            let words = format!("answers are in {TAXII} only");
            return Err(Refusal::new(StatusCode::NOT_ACCEPTABLE, "E-TAXII-406", &words));
        }
        Ok(Self { caller, coding: Coding::preferred(headers) })
    }
}

impl Asker {
    /// An answer in TAXII's media type, packed if the client likes it so.
    pub(super) async fn answer(&self, status: StatusCode, bytes: Vec<u8>) -> Response {
        let (coding, bytes) = packed(self.coding, bytes).await;
        // Who reads its answers slowly, or asks for many at once, waits for its own room.
        let Ok(held) = room(&self.caller.name, bytes.len()).await else {
            let words = "too many answers are under way for this token at once";
            let none = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "E-TAXII-503", words);
            return none.into_response();
        };
        let mut response = plain(status, Vec::new());
        *response.body_mut() = keeping(held, bytes);
        let headers = response.headers_mut();
        headers.insert(VARY, HeaderValue::from_static("Accept, Accept-Encoding, Authorization"));
        if let Some(coding) = coding {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
        }
        response
    }

    pub(super) const fn can_read(&self) -> bool {
        self.caller.rights.has(Rights::READ) || self.caller.rights.has(Rights::ADMIN)
    }

    pub(super) const fn can_write(&self) -> bool {
        self.caller.rights.has(Rights::WRITE) || self.caller.rights.has(Rights::ADMIN)
    }
}

/// A collection that the asker may know of.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) asker: Asker,
    pub(super) circle: CircleId,
}

impl FromRequestParts<Runtime> for Desk {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, runtime: &Runtime) -> Result<Self, Refusal> {
        let asker = Asker::from_request_parts(parts, runtime).await?;
        let circle = path_parameter(parts, runtime, "id").await;
        let circle: Option<CircleId> = circle.and_then(|id| id.parse().ok());
        // SPEC: TAXII 2.1 §5.7: who may neither read nor write is told that there is nothing.
        let seen = |circle: &CircleId| {
            asker.caller.sees(circle) && (asker.can_read() || asker.can_write())
        };
        let circle = circle.filter(seen).ok_or_else(Refusal::not_found)?;
        let state = runtime.read(move |reading| reading.circle(&circle)).await?;
        if state.is_none_or(|state| state.accepted.is_none()) {
            return Err(Refusal::not_found());
        }
        Ok(Self { asker, circle })
    }
}

impl Desk {
    /// # Errors
    /// 403 when the token may only write.
    pub(super) fn readable(&self) -> Result<(), Refusal> {
        let refusal = || Refusal::forbidden("the token may not read here");
        self.asker.can_read().then_some(()).ok_or_else(refusal)
    }

    /// # Errors
    /// 403 when the token may only read.
    pub(super) fn writable(&self) -> Result<(), Refusal> {
        let refusal = || Refusal::forbidden("the token may not write here");
        self.asker.can_write().then_some(()).ok_or_else(refusal)
    }
}

/// One parameter of the path, resolved; `None` when it is no text.
pub(super) async fn path_parameter(
    parts: &mut Parts,
    runtime: &Runtime,
    name: &str,
) -> Option<String> {
    let parameters = RawPathParams::from_request_parts(parts, runtime).await.ok()?;
    let mut values = parameters.iter().filter(|(key, _)| *key == name);
    values.next().map(|(_, value)| value.to_owned())
}

/// A header that may stand several times, as one list; unreadable ones are left out.
pub(super) fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let values: Vec<&str> = headers.get_all(name).iter().filter_map(|v| v.to_str().ok()).collect();
    (!values.is_empty()).then(|| values.join(", "))
}

/// SPEC: TAXII 2.1 §1.6.8.1: every answer carries the media type, errors too.
fn plain(status: StatusCode, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(TAXII));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Nothing below the discovery path but the resources.
pub(super) async fn nowhere() -> Refusal {
    Refusal::not_found()
}

/// The resource has other methods; the router says which.
pub(super) async fn wrong_method() -> Refusal {
    let words = "this resource has no such method";
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "E-TAXII-405", words)
}
