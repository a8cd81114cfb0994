//! The invitation's code: where the inviter is, which key it has, and a secret for one use.
//! It proves nothing by itself; the secret is judged by who gave it.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use model::limits::INVITATION_CODE_MAX;
use model::seal::{PublicKey, sha256};
use std::fmt;
use std::str::FromStr;

const PREFIX: &str = "ent1:";

/// What an invitation's code says.
#[derive(Clone, Eq, PartialEq)]
pub(super) struct Code {
    /// `host:port` of the inviter's link port.
    pub(super) address: String,
    /// The inviter's key: the fingerprint is the key itself.
    pub(super) key: PublicKey,
    /// Good once, for a day.
    pub(super) secret: [u8; 16],
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Code").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Why a text is no code.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum CodeError {
    /// It begins otherwise.
    #[error("an invitation's code begins with `{PREFIX}`")]
    Prefix,
    /// It is longer than any code.
    #[error("longer than any invitation's code")]
    TooLong,
    /// A character is missing, changed or added.
    #[error("the code is damaged: a character is missing, changed or added")]
    Damaged,
    /// It is whole, but its address is none.
    #[error("the code's address is not `host:port`")]
    Address,
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = [self.key.as_bytes(), &self.secret[..], self.address.as_bytes()].concat();
        let check = check(&said);
        write!(f, "{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode([&check[..], &said].concat()))
    }
}

impl FromStr for Code {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        // Mail programs break long lines; what they put in between is no part of a code.
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let encoded = text.strip_prefix(PREFIX).ok_or(CodeError::Prefix)?;
        if text.len() > INVITATION_CODE_MAX {
            return Err(CodeError::TooLong);
        }
        let damaged = CodeError::Damaged;
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(encoded).map_err(|_| damaged)?;
        let (sum, said) = bytes.split_at_checked(4).ok_or(damaged)?;
        if sum != check(said) {
            return Err(damaged);
        }
        let (key, rest) = said.split_at_checked(32).ok_or(damaged)?;
        let (secret, address) = rest.split_at_checked(16).ok_or(damaged)?;
        let address = std::str::from_utf8(address).map_err(|_| damaged)?;
        if !is_address(address) {
            return Err(CodeError::Address);
        }
        Ok(Self {
            address: address.to_owned(),
            key: PublicKey::new(key.try_into().map_err(|_| damaged)?),
            secret: secret.try_into().map_err(|_| damaged)?,
        })
    }
}

/// Four bytes that tell a slip of the hand from a code: people read these aloud.
fn check(said: &[u8]) -> [u8; 4] {
    let mut sum = [0; 4];
    let digest = sha256(&[PREFIX.as_bytes(), said]);
    sum.iter_mut().zip(digest.as_bytes()).for_each(|(to, from)| *to = *from);
    sum
}

/// Whether a text is `host:port`.
pub(crate) fn is_address(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let plain = |c: char| c.is_ascii_graphic() && !"/@?#".contains(c);
    !host.is_empty() && host.chars().all(plain) && port.parse::<u16>().is_ok_and(|port| port > 0)
}

#[cfg(test)]
mod tests;
