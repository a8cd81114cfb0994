//! Answers and refusals that all resources share: JSON, problems with their status, and what a
//! caller must have been given to ask at all.

use super::asked::Asked;
use crate::http::request_body::BodyError;
use crate::http::{problem, unavailable};
use crate::runtime::{Runtime, Unavailable, now};
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use formats::problem::Problem;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use model::circle::Circle;
use model::id::ThingId;
use node::release::Lens;
use node::token::Caller;
use node::{Answer, Reading, Rights, StoreError};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// An answer that is a problem.
pub(crate) struct Refusal(Box<Response>);

/// What a handler gives.
pub(crate) type Answered = Result<Response, Refusal>;

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        *self.0
    }
}

impl From<Unavailable> for Refusal {
    fn from(error: Unavailable) -> Self {
        Self(Box::new(unavailable(error)))
    }
}

impl From<Problem> for Refusal {
    fn from(refused: Problem) -> Self {
        Self::with(status(refused.code), &refused)
    }
}

impl From<BodyError> for Refusal {
    fn from(error: BodyError) -> Self {
        let (status, code, hint) = match error {
            BodyError::TooLarge(_) => {
                (StatusCode::PAYLOAD_TOO_LARGE, "E-API-413", "send it in parts")
            }
            BodyError::TooSlow => (StatusCode::REQUEST_TIMEOUT, "E-API-408", "send it in parts"),
            BodyError::Coding => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "E-API-415", "send it unpacked")
            }
            BodyError::NoRoom => {
                (StatusCode::SERVICE_UNAVAILABLE, "E-API-503", "send less at once")
            }
            BodyError::Broken => (StatusCode::BAD_REQUEST, "E-API-400", "send it again"),
        };
        let problem = Problem::error(code, error.to_string()).hint(hint);
        let mut response = crate::http::problem(status, &problem);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            let again = http::HeaderValue::from_static("1");
            response.headers_mut().insert(http::header::RETRY_AFTER, again);
        }
        Self::because(response)
    }
}

impl Refusal {
    /// A problem under a status of its own.
    pub(crate) fn with(status: StatusCode, refused: &Problem) -> Self {
        Self(Box::new(problem(status, refused)))
    }

    /// Any answer that ends the handling.
    pub(crate) fn because(response: Response) -> Self {
        Self(Box::new(response))
    }

    /// What does not exist, or not for this caller.
    pub(crate) fn unknown(what: &str) -> Self {
        let problem = Problem::error("E-API-404", format!("no such {what}")).hint(
            "is its id spelt right? `entente search` finds what there is; \
                 where what was recalled went, `entente receipts ID` tells",
        );
        Self::with(StatusCode::NOT_FOUND, &problem)
    }

    /// A request that cannot be understood.
    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::with(StatusCode::BAD_REQUEST, &Problem::error("E-API-400", message))
    }
}

/// The status of a refusal by its code: unknown, not understood, or against the state of things.
fn status(code: &str) -> StatusCode {
    match code {
        "E-CIRCLE-001" | "E-CIRCLE-009" | "E-PARTNER-001" | "E-TOKEN-004" | "E-RECALL-001"
        | "E-RECORD-006" | "E-RECORD-007" | "E-RECALL-002" | "E-RECALL-003" | "E-UNDO-001"
        | "E-CIRCLE-010" | "E-SOURCE-001" => StatusCode::NOT_FOUND,
        "E-CIRCLE-002" | "E-PARTNER-006" | "E-PARTNER-011" | "E-TOKEN-003" | "E-TOKEN-005"
        | "E-TOKEN-006" | "E-UNDO-002" => StatusCode::BAD_REQUEST,
        "E-BUNDLE-001" | "E-BUNDLE-002" | "E-BUNDLE-007" | "E-BUNDLE-008" => {
            StatusCode::BAD_REQUEST
        }
        "E-HOOK-001" => StatusCode::NOT_FOUND,
        "E-HOOK-003" | "E-HOOK-004" | "E-HOOK-006" => StatusCode::BAD_REQUEST,
        "E-SOURCE-003" | "E-SOURCE-004" | "E-SOURCE-006" | "E-SOURCE-007" => {
            StatusCode::BAD_REQUEST
        }
        "E-CIRCLE-011" | "E-CARD-001" | "E-CARD-002" | "E-CARD-003" | "E-POLICY-001"
        | "E-POLICY-002" | "E-POLICY-005" | "E-COPY-001" | "E-COPY-002" | "E-COPY-003" => {
            StatusCode::BAD_REQUEST
        }
        "E-API-415" => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        // The inviter is out of reach: somebody else's state, and it may pass.
        "E-PARTNER-008" => StatusCode::BAD_GATEWAY,
        _ if code.starts_with("E-JSON") => StatusCode::BAD_REQUEST,
        _ => StatusCode::CONFLICT,
    }
}

/// A value as JSON.
pub(crate) fn json<T: Serialize>(value: &T) -> Response {
    match serde_json::to_vec(value) {
        Ok(bytes) => typed("application/json", Body::from(bytes)),
        Err(error) => {
            let broken = Problem::error("E-API-500", error.to_string());
            problem(StatusCode::INTERNAL_SERVER_ERROR, &broken)
        }
    }
}

/// A body of this media type.
pub(crate) fn typed(media_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static(media_type));
    response
}

/// Reads a request's JSON.
pub(crate) fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(bytes)
        .map_err(|error| Refusal::malformed(format!("the request's JSON: {error}")))
}

/// The answer of an act of administration, or the problem that it met.
pub(crate) fn done(answer: Answer) -> Result<Answer, Refusal> {
    if let Answer::Refused(problem) = answer { Err(problem.into()) } else { Ok(answer) }
}

/// The writer answered something else than was asked: ours to mend, nobody's to understand.
pub(crate) fn odd() -> Refusal {
    let problem = Problem::error("E-API-500", "the writer gave an answer to another question");
    Refusal::with(StatusCode::INTERNAL_SERVER_ERROR, &problem)
}

fn denied(message: &str, hint: &str) -> Refusal {
    let problem = Problem::error("E-API-403", message.to_owned()).hint(hint.to_owned());
    Refusal::with(StatusCode::FORBIDDEN, &problem)
}

/// Refuses who does not administer this node.
pub(crate) fn administers(caller: &Caller) -> Result<(), Refusal> {
    if caller.rights.has(Rights::ADMIN) {
        return Ok(());
    }
    Err(denied("this token does not administer the node", "create one with --admin"))
}

/// Who asks for what only the administrator may.
#[derive(Debug)]
pub(crate) struct Administrator(pub(crate) Caller);

impl FromRequestParts<Runtime> for Administrator {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, runtime: &Runtime) -> Result<Self, Response> {
        let asking = crate::http::Caller::from_request_parts(parts, runtime).await;
        let crate::http::Caller(caller) = asking.map_err(IntoResponse::into_response)?;
        administers(&caller).map_err(IntoResponse::into_response)?;
        Ok(Self(caller))
    }
}

/// Refuses who may not read.
pub(crate) fn reads(caller: &Caller) -> Result<(), Refusal> {
    if caller.rights.has(Rights::ADMIN) || caller.rights.has(Rights::READ) {
        return Ok(());
    }
    Err(denied("this token does not read", "create one with --read"))
}

/// Refuses who may not publish.
pub(crate) fn writes(caller: &Caller) -> Result<(), Refusal> {
    if caller.rights.has(Rights::ADMIN) || caller.rights.has(Rights::WRITE) {
        return Ok(());
    }
    Err(denied("this token does not write", "create one with --write"))
}

/// The caller's eyes, now.
pub(crate) fn lens(caller: &Caller) -> Lens {
    Lens { reader: caller.submitter.reader.clone(), now: now() }
}

/// The eyes that a question is asked with: the caller's, or with `?as=` a partner's, which only
/// administrators may borrow: they show exactly what that partner is released.
pub(crate) async fn eyes(
    runtime: &Runtime,
    caller: &Caller,
    asked: &mut Asked,
) -> Result<Lens, Refusal> {
    let Some(name) = asked.one("as")? else { return Ok(lens(caller)) };
    administers(caller)?;
    let partner = super::partners::find(runtime, &name).await?;
    let found = runtime.read(move |reading| node::link::lens_for(reading, &partner, now())).await?;
    match found {
        Some(lens) => Ok(lens),
        None => Err(super::lacking::partner(runtime, &name).await),
    }
}

/// Reads an id of a path or a request.
pub(crate) fn thing(id: &str) -> Result<ThingId, Refusal> {
    id.parse().map_err(|_| Refusal::unknown("object"))
}

/// The followed circle of this name or id, if the caller may see it.
pub(crate) fn circle_for(
    reading: &Reading<'_>,
    caller: &Caller,
    name: &str,
) -> Result<Option<Circle>, StoreError> {
    let line = node::read::find_circle(reading, name)?;
    Ok(line.filter(|l| l.accepted && caller.sees(&l.circle.id)).map(|line| line.circle))
}
