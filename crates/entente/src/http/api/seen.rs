//! `GET /api/v1/seen?value=&kind=`: whether a value was seen in this node's own telemetry, when, how often
//! and where. Administrators only: no partner and no reader of a circle asks here.

use super::answer::{Answered, Refusal, administers, json};
use super::asked::{Asked, Pairs};
use crate::http::Caller;
use crate::runtime::Runtime;
use axum::extract::State;
use formats::problem::{Problem, shown};
use http::StatusCode;
use serde::{Deserialize, Serialize};

/// What was seen of one value, or of all that it stands for.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct SeenView {
    /// As it was asked for, in its normal form.
    pub(crate) value: String,
    /// In how many events; 0 when never.
    pub(crate) count: u64,
    /// The earliest of them, by its own clock.
    pub(crate) first: Option<String>,
    /// The latest.
    pub(crate) last: Option<String>,
    /// Where they came from.
    pub(crate) sources: Vec<String>,
    /// What the fields were for.
    pub(crate) roles: Vec<String>,
    /// The values themselves: names below a domain, addresses in a prefix.
    pub(crate) values: Vec<String>,
    /// There are more values than are listed.
    pub(crate) more: bool,
    /// What could not be read: what it holds is not counted here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) unread: Vec<String>,
    /// Whether anything is kept from now on.
    pub(crate) keeps: bool,
}

pub(super) async fn get(
    State(runtime): State<Runtime>,
    Caller(caller): Caller,
    pairs: Pairs,
) -> Answered {
    administers(&caller)?;
    let mut asked = Asked::of(pairs);
    let text = asked.one("value")?;
    let kind = asked.one("kind")?;
    asked.end()?;
    let text = text.ok_or_else(|| Refusal::malformed("`value` says what is asked for"))?;
    let value = match &kind {
        Some(kind) => node::seen::sought_as(kind, &text),
        None => node::seen::sought(&text),
    };
    let value = value.ok_or_else(|| strange(&text))?;
    let (name, inside) = (value.text.clone(), runtime.clone());
    let sought = tokio::task::spawn_blocking(move || inside.seen().ask(value)).await;
    let sought = sought.ok().flatten().ok_or_else(unusable)?;
    let mut view = SeenView { value: name, keeps: sought.keeps, ..SeenView::default() };
    view.unread = sought.unread;
    if let Some(line) = sought.line {
        view.count = line.count;
        (view.first, view.last) = (Some(line.first.to_string()), Some(line.last.to_string()));
        view.sources = line.sources.into_iter().collect();
        view.roles = line.roles.into_iter().collect();
        view.values = line.values.into_iter().collect();
        view.more = line.more;
    }
    Ok(json(&view))
}

pub(super) fn strange(text: &str) -> Refusal {
    let message = format!("`{}` is nothing that is kept for looking back", shown(text));
    let hint = "a domain, an address or a prefix, a URL, an address of e-mail, a hash; or a kind \
                with it: file-name, file-path, registry-key, mutex, account, user-agent, asn, mac";
    Refusal::with(StatusCode::BAD_REQUEST, &Problem::error("E-SEEN-006", message).hint(hint))
}

fn unusable() -> Refusal {
    let message = "what was seen cannot be asked: its folder cannot be used";
    let hint = "`entente doctor` and the log say why";
    let problem = Problem::error("E-SEEN-005", message).hint(hint);
    Refusal::with(StatusCode::SERVICE_UNAVAILABLE, &problem)
}
