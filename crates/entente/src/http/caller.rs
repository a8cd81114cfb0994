//! Who is calling: the token in whichever spelling a tool sends it. It decides nothing about what
//! a caller may do.

use super::{problem, unavailable};
use crate::runtime::{Runtime, Unavailable, now};
use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use formats::problem::Problem;
use model::limits::TOKEN_BYTES_MAX;

/// Who presented a good token with this request.
#[derive(Debug)]
pub(crate) struct Caller(pub(crate) node::token::Caller);

/// Why nobody was recognised.
#[derive(Debug)]
pub(crate) enum Unknown {
    /// There is no token.
    Missing,
    /// There is one, and it is unknown, revoked or expired, which look alike.
    Wrong,
    /// The node cannot tell.
    Unavailable(Unavailable),
}

impl Unknown {
    /// What to tell those outside.
    pub(super) fn problem(&self) -> Option<Problem> {
        let hint = "`entente token create` makes one; send it as `Authorization: Bearer TOKEN`";
        match self {
            Self::Missing => Some(Problem::error("E-HTTP-401", "a token is needed").hint(hint)),
            Self::Wrong => Some(
                Problem::error("E-HTTP-401", "the token is unknown, revoked or expired").hint(hint),
            ),
            Self::Unavailable(_) => None,
        }
    }
}

impl IntoResponse for Unknown {
    fn into_response(self) -> Response {
        match (self.problem(), self) {
            (Some(told), _) => {
                let mut response = problem(StatusCode::UNAUTHORIZED, &told);
                challenge(response.headers_mut());
                response
            }
            (None, Self::Unavailable(error)) => unavailable(error),
            (None, Self::Missing | Self::Wrong) => StatusCode::UNAUTHORIZED.into_response(),
        }
    }
}

/// Says how to authenticate.
///
/// SPEC: RFC 9110 §11.6.1
pub(super) fn challenge(headers: &mut HeaderMap) {
    let basic = HeaderValue::from_static("Basic realm=\"entente\", charset=\"UTF-8\"");
    headers.append(WWW_AUTHENTICATE, basic);
    headers.append(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"entente\""));
}

impl FromRequestParts<Runtime> for Caller {
    type Rejection = Unknown;

    async fn from_request_parts(parts: &mut Parts, runtime: &Runtime) -> Result<Self, Unknown> {
        identify(&parts.headers, runtime).await.map(Self)
    }
}

/// Recognises the caller by the token in its headers.
pub(super) async fn identify(
    headers: &HeaderMap,
    runtime: &Runtime,
) -> Result<node::token::Caller, Unknown> {
    let Some(value) = headers.get(AUTHORIZATION) else { return Err(Unknown::Missing) };
    let token = value.to_str().ok().and_then(token).ok_or(Unknown::Wrong)?;
    let me = runtime.me().node();
    let known = runtime
        .read(move |reading| node::token::authenticate(reading, me, &token, now()))
        .await
        .map_err(Unknown::Unavailable)?;
    known.ok_or(Unknown::Wrong)
}

/// The token in an `Authorization` header: under a scheme, as Basic's password, or bare.
fn token(value: &str) -> Option<String> {
    let value = value.trim();
    let token = match value.split_once(' ') {
        None => value.to_owned(),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("basic") => {
            let pair = STANDARD.decode(rest.trim()).ok()?;
            let (_, password) = std::str::from_utf8(&pair).ok()?.split_once(':')?;
            password.to_owned()
        }
        Some((scheme, rest)) => {
            // `Token` is what the usual TAXII client writes.
            let known = ["bearer", "token", "apikey", "splunk"];
            known.iter().find(|known| scheme.eq_ignore_ascii_case(known))?;
            rest.trim().to_owned()
        }
    };
    (!token.is_empty() && token.len() <= TOKEN_BYTES_MAX).then_some(token)
}

#[cfg(test)]
mod tests;
