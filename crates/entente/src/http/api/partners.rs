//! `/api/v1/partners`: inviting, joining, comparing words, ending. Administration only.

use super::answer::{Answered, Refusal, done, json, odd, read_json};
use super::asking::{Said, answered, by};
use super::lacking;
use crate::http::Administrator;
use crate::runtime::{Runtime, now};
use axum::body::Bytes;
use axum::extract::{Path, State};
use formats::problem::Problem;
use model::card::Card;
use model::id::NodeId;
use node::command::Administer;
use node::read::PartnerLine;
use node::{Answer, Command, PartnerState};
use serde::{Deserialize, Serialize};

/// One partner.
#[derive(Debug, Deserialize, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each says something of its own to people")]
pub(crate) struct PartnerView {
    pub(crate) name: String,
    pub(crate) node: String,
    /// `joined` until the words are compared, then `confirmed`; `removed by them` when it said so.
    pub(crate) state: String,
    pub(crate) confirmed: bool,
    pub(crate) lag_records: u64,
    pub(crate) last_receipt: Option<String>,
    /// When it was last seen to have been restored from a backup.
    pub(crate) restored: Option<String>,
    /// Records that this node had signed and lost, and that it gave back after a restore here.
    #[serde(default)]
    pub(crate) returned: Option<u64>,
    pub(crate) address: Option<String>,
    /// The six words to compare.
    pub(crate) words: String,
    /// Names of the followed circles that it is a member of.
    pub(crate) circles: Vec<String>,
    /// When it said that it has removed this node.
    pub(crate) removed_us: Option<String>,
    /// Heard from a short while ago, and nothing failed since.
    pub(crate) up: bool,
    /// Since when it was dialled in vain.
    pub(crate) unreachable_since: Option<String>,
    /// The first share with it waits for a person.
    #[serde(default)]
    pub(crate) waits: bool,
    /// Records held that came from it.
    #[serde(default)]
    pub(crate) records_held: u64,
    /// What it may cost this node.
    #[serde(default)]
    pub(crate) quota: QuotaView,
}

/// What a partner may cost: its card's word, else what any partner may.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct QuotaView {
    pub(crate) records_per_hour: u64,
    pub(crate) bytes_per_hour: u64,
    pub(crate) records_held: u64,
}

/// An invitation to be made.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InvitationWanted {
    #[serde(default)]
    pub(crate) circles: Vec<String>,
    #[serde(default)]
    pub(crate) trust_code: bool,
    /// Whether who comes gets what the circles have already; `None` asks where that is much.
    #[serde(default)]
    pub(crate) backfill: Option<bool>,
}

/// An invitation.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct InvitationMade {
    pub(crate) code: String,
}

/// A code to join by.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Joining {
    pub(crate) code: String,
    /// The code came on a safe way: the words need not be compared on this side, if the inviter says
    /// the same.
    #[serde(default)]
    pub(crate) trust_code: bool,
}

/// A partner that let us in.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct JoinedView {
    pub(crate) name: String,
    pub(crate) node: String,
    pub(crate) words: String,
    /// Whether the words need not be compared any more on this side.
    pub(crate) confirmed: bool,
    /// Whether the inviter need not compare them: it has said that the code travelled safely.
    pub(crate) confirmed_there: bool,
}

/// Words that were compared.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Words {
    pub(crate) words: String,
}

fn view(runtime: &Runtime, line: &PartnerLine, circles: Vec<String>) -> PartnerView {
    let (links, any) = (&runtime.meters().links, runtime.settings().quota.allowance());
    let partner = &line.partner;
    let confirmed = partner.state == PartnerState::Confirmed;
    let state = match (partner.removed_us, confirmed) {
        (Some(_), _) => "removed by them",
        (None, true) => "confirmed",
        (None, false) => "joined",
    };
    let card = Card::read(&partner.card).unwrap_or_default();
    let quota = any.under(card.take.quota);
    PartnerView {
        name: partner.name.clone(),
        node: partner.node.to_string(),
        state: state.to_owned(),
        confirmed,
        lag_records: line.lag,
        last_receipt: line.last_receipt.map(|at| at.to_string()),
        restored: line.restored.map(|at| at.to_string()),
        returned: line.returned,
        address: partner.address.clone(),
        words: partner.words.clone(),
        circles,
        removed_us: partner.removed_us.map(|at| at.to_string()),
        up: links.is_up(&partner.node, now()),
        unreachable_since: links.failing_since(&partner.node).map(|at| at.to_string()),
        waits: false,
        records_held: line.held,
        quota: QuotaView {
            records_per_hour: quota.records_per_hour,
            bytes_per_hour: quota.bytes_per_hour,
            records_held: quota.records_held,
        },
    }
}

pub(super) async fn list(State(runtime): State<Runtime>, _: Administrator) -> Answered {
    let inside = runtime.clone();
    let views = runtime.read(move |reading| {
        let circles = node::read::circles(reading)?;
        let of = |node: &NodeId| {
            let followed = circles.iter().filter(|line| line.accepted).map(|line| &line.circle);
            followed.filter(|c| c.member(node).is_some()).map(|c| c.name.clone()).collect()
        };
        let lines = node::read::partners(reading)?;
        let mut views = Vec::with_capacity(lines.len());
        for line in &lines {
            let node = line.partner.node;
            let card = node::read::card(reading, inside.me().node(), &node)?;
            let waits = card.is_some_and(|card| card.waits);
            views.push(PartnerView { waits, ..view(&inside, line, of(&node)) });
        }
        Ok(views)
    });
    Ok(json(&views.await?))
}

pub(super) async fn invite(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    body: Bytes,
) -> Answered {
    let wanted: InvitationWanted = read_json(&body)?;
    let Some(address) = runtime.link().map(str::to_owned) else {
        let problem =
            Problem::error("E-PARTNER-010", "this node does not know where partners reach it")
                .hint("set link.public_address in entente.toml, or let the partner invite");
        return Err(problem.into());
    };
    let mut circles = Vec::with_capacity(wanted.circles.len());
    for name in wanted.circles {
        let asked = name.clone();
        let line = runtime.read(move |reading| node::read::find_circle(reading, &asked)).await?;
        let Some(line) = line.filter(|line| line.accepted) else {
            return Err(lacking::circle(&runtime, &caller, &name).await);
        };
        circles.push(line.circle.id);
    }
    let act = Administer::Invite { circles, trusted: wanted.trust_code };
    let Answer::Invitation { secret } = done(runtime.write(Command::Administer(act)).await?)?
    else {
        return Err(odd());
    };
    if let Some(send) = wanted.backfill {
        let act = Administer::PromisePast { secret, send };
        done(runtime.write(Command::Administer(act)).await?)?;
    }
    let key = runtime.me().first();
    let code = crate::wire::join::invitation_code(&address, key, secret);
    Ok(json(&InvitationMade { code }))
}

pub(super) async fn join(
    State(runtime): State<Runtime>,
    _: Administrator,
    body: Bytes,
) -> Answered {
    let joining: Joining = read_json(&body)?;
    let Joining { code, trust_code } = joining;
    let welcome = crate::wire::join::join(&runtime, &code, trust_code).await?;
    let node = welcome.node;
    // Another partner may have its name already; then it has a longer one here.
    let known = runtime.read(move |reading| reading.partner(&node)).await?;
    let before = known.as_ref().is_some_and(|known| known.state == PartnerState::Confirmed);
    Ok(json(&JoinedView {
        name: known.map_or(welcome.name, |partner| partner.name),
        node: node.to_string(),
        words: welcome.words,
        confirmed: welcome.trusted || before,
        confirmed_there: welcome.trusted_there,
    }))
}

/// The partner of this name or id that was not removed.
pub(super) async fn find(runtime: &Runtime, name: &str) -> Result<NodeId, Refusal> {
    let wanted = name.to_owned();
    let found = runtime.read(move |reading| {
        let id: Option<NodeId> = wanted.parse().ok();
        let lines = node::read::partners(reading)?;
        let mut same =
            lines.iter().filter(|l| l.partner.name == wanted || Some(l.partner.node) == id);
        Ok(same.next().map(|line| line.partner.node))
    });
    let Some(node) = found.await? else { return Err(lacking::partner(runtime, name).await) };
    Ok(node)
}

pub(super) async fn confirm(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    Path(name): Path<String>,
    body: Bytes,
) -> Answered {
    let Words { words } = read_json(&body)?;
    let partner = find(&runtime, &name).await?;
    // To compare the words is to say yes.
    let by = by(&caller, &Said { why: None, widen: true });
    let what = Box::new(Administer::Confirm { partner, words });
    answered(&runtime, Administer::Act { by, what }).await?;
    Ok(json(&serde_json::json!({ "name": name, "confirmed": true })))
}

pub(super) async fn remove(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    Path(name): Path<String>,
) -> Answered {
    let partner = find(&runtime, &name).await?;
    let by = by(&caller, &Said::default());
    let what = Box::new(Administer::RemovePartner(partner));
    answered(&runtime, Administer::Act { by, what }).await?;
    Ok(json(&serde_json::json!({ "name": name, "removed": true })))
}
