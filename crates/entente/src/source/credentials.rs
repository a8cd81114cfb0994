//! What a source is shown to let us in, as a key file holds it: a bearer token, a user and password,
//! or a header of its own. It tells nobody what it holds.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use formats::problem::Problem;
use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue};
use model::limits::SOURCE_SECRET_BYTES_MAX;

/// A header that lets us in.
#[derive(Clone)]
pub(crate) struct Credentials {
    name: HeaderName,
    value: HeaderValue,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials")
    }
}

impl Credentials {
    /// Reads the text of a key file: `Name: value`, `user:password`, or a token.
    ///
    /// # Errors
    /// When it is empty, has several lines, or cannot stand in a header.
    pub(crate) fn read(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        let wrong = |what: &str| {
            Problem::error("E-SOURCE-007", format!("the key {what}"))
                .hint("one line: user:password, a bearer token, or a header such as Auth-Key: abc")
        };
        if text.is_empty() {
            return Err(wrong("is empty"));
        }
        if text.len() > SOURCE_SECRET_BYTES_MAX || text.contains(['\n', '\r', '\0']) {
            return Err(wrong("is too long or has several lines"));
        }
        let (name, value) = match text.split_once(": ") {
            Some((name, value)) if is_header_name(name) => {
                let name = HeaderName::from_bytes(name.as_bytes());
                (name.map_err(|_| wrong("names no header"))?, value.trim().to_owned())
            }
            // SPEC: RFC 7617 §2
            _ if text.contains(':') => {
                (AUTHORIZATION, format!("Basic {}", BASE64_STANDARD.encode(text)))
            }
            // SPEC: RFC 6750 §2.1
            _ => (AUTHORIZATION, format!("Bearer {text}")),
        };
        let mut value =
            HeaderValue::from_str(&value).map_err(|_| wrong("cannot stand in a header"))?;
        value.set_sensitive(true);
        Ok(Self { name, value })
    }

    /// The header.
    pub(super) fn header(&self) -> (HeaderName, HeaderValue) {
        (self.name.clone(), self.value.clone())
    }
}

fn is_header_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests;
