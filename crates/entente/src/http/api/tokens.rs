//! `/api/v1/tokens`: made, listed, revoked. A token's text is in one answer, once.

use super::answer::{Answered, Refusal, done, json, odd, read_json};
use super::lacking;
use super::names::Names;
use crate::http::Administrator;
use crate::runtime::Runtime;
use axum::body::Bytes;
use axum::extract::{Path, State};
use formats::problem::Problem;
use model::label::Tlp;
use model::time::Instant;
use node::command::Administer;
use node::token::NewToken;
use node::{Answer, Command, Rights, Token};
use serde::{Deserialize, Serialize};

/// A token to be made.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "four rights, each given or not")]
pub(crate) struct TokenWanted {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) circles: Vec<String>,
    #[serde(default)]
    pub(crate) read: bool,
    #[serde(default)]
    pub(crate) write: bool,
    #[serde(default)]
    pub(crate) red: bool,
    #[serde(default)]
    pub(crate) admin: bool,
    #[serde(default)]
    pub(crate) default: Option<String>,
    /// RFC 3339.
    #[serde(default)]
    pub(crate) expires: Option<String>,
}

/// A token that was made.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct TokenMade {
    pub(crate) token: String,
    pub(crate) name: String,
}

/// A token that is worth nothing any more.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Revoked {
    pub(crate) name: String,
    pub(crate) revoked: bool,
    /// When it was revoked, if that was before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<String>,
}

/// A token without its text.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct TokenView {
    pub(crate) name: String,
    /// Names, the home first; empty for all.
    pub(crate) circles: Vec<String>,
    /// Of `read`, `write`, `red`, `admin`.
    pub(crate) rights: Vec<String>,
    pub(crate) default: Option<String>,
    pub(crate) created: String,
    pub(crate) expires: Option<String>,
    pub(crate) revoked: Option<String>,
}

const RIGHTS: [(&str, Rights); 4] = [
    ("read", Rights::READ),
    ("write", Rights::WRITE),
    ("red", Rights::RED),
    ("admin", Rights::ADMIN),
];

fn view(token: &Token, names: &Names) -> TokenView {
    let rights = RIGHTS.iter().filter(|(_, right)| token.rights.has(*right));
    let time = |at: Option<Instant>| at.map(|at| at.to_string());
    TokenView {
        name: token.name.clone(),
        circles: token.circles.iter().map(|circle| names.circle(circle)).collect(),
        rights: rights.map(|(name, _)| (*name).to_owned()).collect(),
        default: token.default.map(|tlp| tlp.to_string()),
        created: token.created.to_string(),
        expires: time(token.expires),
        revoked: time(token.revoked),
    }
}

pub(super) async fn list(State(runtime): State<Runtime>, _: Administrator) -> Answered {
    let inside = runtime.clone();
    let views = runtime.read(move |reading| {
        let names = Names::load(reading, inside.me())?;
        Ok(reading.tokens()?.iter().map(|token| view(token, &names)).collect::<Vec<_>>())
    });
    Ok(json(&views.await?))
}

pub(super) async fn create(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    body: Bytes,
) -> Answered {
    let wanted: TokenWanted = read_json(&body)?;
    let given = [wanted.read, wanted.write, wanted.red, wanted.admin];
    let rights = RIGHTS.iter().zip(given).filter(|(_, given)| *given);
    let rights = rights.fold(Rights::NONE, |all, ((_, right), _)| all.with(*right));
    if !(wanted.read || wanted.write || wanted.admin) {
        return Err(Refusal::malformed("a token needs the right to read, write or administer"));
    }
    let default: Option<Tlp> = read(wanted.default.as_deref())?;
    let expires: Option<Instant> = read(wanted.expires.as_deref())?;
    let mut circles = Vec::with_capacity(wanted.circles.len());
    for name in wanted.circles {
        let asked = name.clone();
        let line = runtime.read(move |reading| node::read::find_circle(reading, &asked)).await?;
        let Some(line) = line.filter(|line| line.accepted) else {
            return Err(lacking::circle(&runtime, &caller, &name).await);
        };
        circles.push(line.circle.id);
    }
    let name = wanted.name.clone();
    let new = NewToken { name: wanted.name, circles, rights, default, expires, text: None };
    let act = Command::Administer(Administer::CreateToken(new));
    let Answer::Token(token) = done(runtime.write(act).await?)? else { return Err(odd()) };
    Ok(json(&TokenMade { token, name }))
}

fn read<T: std::str::FromStr<Err: std::fmt::Display>>(
    text: Option<&str>,
) -> Result<Option<T>, Refusal> {
    let read = text.map(str::parse).transpose();
    read.map_err(|error| Refusal::malformed(format!("`{}`: {error}", text.unwrap_or_default())))
}

pub(super) async fn revoke(
    State(runtime): State<Runtime>,
    _: Administrator,
    Path(name): Path<String>,
) -> Answered {
    let act = Administer::RevokeToken(name.clone());
    let answer = runtime.write(Command::Administer(act)).await?;
    if let Answer::Refused(problem) = answer {
        return Err(unknown(&runtime, problem, &name).await);
    }
    let before = if let Answer::DoneBefore(at) = answer { Some(at.to_string()) } else { None };
    Ok(json(&Revoked { name, revoked: true, before }))
}

/// The refusal for a token that there is not, with the one that was most likely meant.
async fn unknown(runtime: &Runtime, problem: Problem, name: &str) -> Refusal {
    let tokens = match runtime.read(|reading| reading.tokens()).await {
        Ok(tokens) => tokens,
        Err(error) => return error.into(),
    };
    let living = tokens.iter().filter(|token| token.revoked.is_none());
    let near = crate::nearest::nearest(name, living.map(|token| token.name.as_str()));
    let hint = near.map_or_else(String::new, |near| {
        format!("did you mean `{}`? ", formats::problem::shown(near))
    });
    let hint = format!("{hint}{}", problem.hint);
    problem.hint(hint).into()
}
