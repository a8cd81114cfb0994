//! What the store and the running node tell: partners, sources, backups, the log's own time. Names
//! appear here, since only the operator reads it.

use super::finding::Finding;
use crate::command::output::counted;
use crate::http::api::cube::CellView;
use crate::http::api::partners::PartnerView;
use crate::http::api::rules::RulesView;
use crate::runtime::now;
use crate::settings::Settings;
use model::limits::{FAILURES_TOLD, LAG_RECORDS_TOLD};
use model::time::Instant;
use node::backup::Backed;
use node::read::{PartnerLine, Recalled};
use node::{PartnerState, Reading, Receiver, Source, StoreError};

/// How far the clock may have been behind the log's last entry: reading both takes a moment.
const AHEAD_MICROS: i64 = 2_000_000;
/// Indicators that match too much and are named; `/api/v1/cube?tripped=1` names them all.
const TRIPPED_TOLD: usize = 10;

/// What the store tells, with or without a running node.
pub(super) struct Kept {
    /// When the last entry was appended.
    last: Option<Instant>,
    partners: Vec<PartnerLine>,
    sources: Vec<Source>,
    receivers: Vec<Receiver>,
    backup: Option<Backed>,
    head: i64,
    purging: bool,
    recalled: Vec<Recalled>,
    policy_readable: bool,
}

/// Reads it.
pub(super) fn kept(reading: &Reading<'_>, settings: &Settings) -> Result<Kept, StoreError> {
    let head = reading.head()?;
    Ok(Kept {
        last: node::read::last_at(reading)?,
        partners: node::read::partners(reading)?,
        sources: node::source::living(reading)?,
        receivers: node::receiver::all(reading)?,
        backup: node::backup::last(reading)?,
        head,
        purging: is_purging(reading)?,
        recalled: node::read::overdue(reading, settings.recall.grace(now()))?,
        policy_readable: node::read::is_policy_readable(reading)?,
    })
}

/// A recall that a partner has not obeyed in time.
fn recall(late: &Recalled) -> Finding {
    let (thing, partner) = (&late.thing, &late.partner);
    let state = match late.obeyed.and_then(|by| by.stage) {
        Some(stage) => format!("{stage}, and nothing since"),
        None => late.state.as_str().to_owned(),
    };
    let what = format!("the recall of {thing} is overdue at {partner}: {state}");
    let next = format!("call {partner}; then: entente recall told {thing} \"{partner}\"");
    Finding::warning("recall", what).next(next)
}

/// Whether something was erased whose bytes are not gone from every file yet.
pub(super) fn is_purging(reading: &Reading<'_>) -> Result<bool, StoreError> {
    Ok(reading.setting("store.purge")?.is_some())
}

impl Kept {
    /// What should be looked at.
    pub(super) fn findings(&self, settings: &Settings, now: Instant) -> Vec<Finding> {
        let partners = self.partners.iter().flat_map(partner);
        let sources = self.sources.iter().filter_map(source);
        let receivers = self.receivers.iter().flat_map(|one| receiver(one, now));
        let others = [self.clock(now), self.backup(settings, now), self.policy()];
        let others = others.into_iter().flatten();
        let recalled = self.recalled.iter().map(recall);
        others.chain(partners).chain(sources).chain(receivers).chain(recalled).collect()
    }

    /// Whether the purge of erased bytes was under way.
    pub(super) const fn is_purging(&self) -> bool {
        self.purging
    }

    fn policy(&self) -> Option<Finding> {
        let what = "the policy cannot be read: partners get CLEAR and nothing else";
        let next = "entente policy show --preset community > FILE; entente policy set FILE";
        (!self.policy_readable).then(|| Finding::error("policy", what.to_owned()).next(next))
    }

    fn clock(&self, now: Instant) -> Option<Finding> {
        let last = self.last?;
        let ahead = last.micros().saturating_sub(now.micros());
        let what =
            format!("the clock stands before the log's last entry ({last}): it was set back");
        (ahead > AHEAD_MICROS).then(|| Finding::error("clock", what).next("timedatectl status"))
    }

    fn backup(&self, settings: &Settings, now: Instant) -> Option<Finding> {
        let next = "entente backup FILE";
        let Some(backup) = self.backup else {
            return Some(Finding::warning("backup", "no backup yet").next(next));
        };
        let age = now.micros().saturating_sub(backup.at.micros());
        let days = age / 86_400_000_000;
        let most = i64::try_from(settings.backup.remind_after.as_micros()).unwrap_or(i64::MAX);
        let since = self.head.saturating_sub(backup.head);
        let days = counted(days.unsigned_abs(), "day", "days");
        let since = counted(since.unsigned_abs(), "record", "records");
        let what = format!("the last backup is {days} old; {since} came since");
        (age > most).then(|| Finding::warning("backup", what).next(next))
    }
}

fn partner(line: &PartnerLine) -> Vec<Finding> {
    let (partner, mut findings) = (&line.partner, Vec::new());
    let (name, quoted) = (&partner.name, quoted(&partner.name));
    if partner.removed_us.is_some() {
        let what = format!("{name} has ended the partnership");
        let next = format!("entente partner remove {quoted}");
        findings.push(Finding::warning("link", what).next(next));
    } else if partner.state != PartnerState::Confirmed {
        let what = format!("the words of {name} were not compared: only GREEN and CLEAR flow");
        let next = format!("entente partner confirm {quoted} WORDS");
        findings.push(Finding::warning("link", what).next(next));
    }
    if model::card::Card::read(&partner.card).is_err() {
        let what = format!("the card of {name} cannot be read: it gets CLEAR and nothing else");
        let next = format!("entente card set {quoted} FILE");
        findings.push(Finding::error("card", what).next(next));
    }
    if line.lag > LAG_RECORDS_TOLD {
        let what = format!("{} records wait for {name}", line.lag);
        findings.push(Finding::warning("link", what).next("entente partner list"));
    }
    findings
}

fn source(source: &Source) -> Option<Finding> {
    let failures = source.pulls.failures;
    if failures < FAILURES_TOLD {
        return None;
    }
    let error = source.pulls.error.as_ref().map_or("", |error| error.message.as_str());
    let what = format!("source {} has failed {failures} times: {error}", source.name);
    Some(Finding::warning("source", what).next("entente source list"))
}

/// A receiver that takes nothing, or from which findings were lost within a day.
fn receiver(receiver: &Receiver, now: Instant) -> Vec<Finding> {
    let Receiver { name, failures, waiting, dropped, .. } = receiver;
    let mut findings = Vec::new();
    if *failures >= FAILURES_TOLD {
        let error = receiver.error.as_deref().unwrap_or("no answer");
        let what = format!("webhook {name} has failed {failures} times, {waiting} wait: {error}");
        let next = format!("entente webhook test {}", quoted(name));
        findings.push(Finding::warning("webhook", what).next(next));
    }
    let lately = now.plus_seconds(-86_400);
    if receiver.dropped_at.is_some_and(|at| at > lately) {
        let what = format!("findings for webhook {name} were given up, {dropped} so far");
        let next = "entente matches; what was given up is in it".to_owned();
        findings.push(Finding::warning("webhook", what).next(next));
    }
    findings
}

/// Indicators that match more than anybody wants to hear.
pub(super) fn tripped(cells: &[CellView]) -> Vec<Finding> {
    let cells = cells.iter().take(TRIPPED_TOLD);
    let finding = |cell: &CellView| {
        let CellView { indicator, circle, count, .. } = cell;
        let what = format!("{indicator} of {circle} matches too much: {count} times so far");
        let next = format!("entente show {indicator}; entente suppress {indicator}");
        Finding::warning("matches", what).next(next)
    };
    cells.map(finding).collect()
}

/// What the running node could not look for.
pub(super) fn rules(view: &RulesView) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut found = |count: u64, what: &str, next: &str| {
        if count > 0 {
            let what = format!("{count} {what} since the start");
            findings.push(Finding::warning("rules", what).next(next));
        }
    };
    let next =
        "look for a flood of made-up addresses in the telemetry; narrow patterns with WITHIN";
    let what = "machines were forgotten for patterns over several events, for want of room";
    found(view.forgotten_machines, what, next);
    let next = "the node's log names them; entente check FILE says why";
    found(view.skipped, "rules and patterns could not be looked for", next);
    let next = "entente check FILE of the newest patterns; lower their REPEATS";
    found(view.given_up, "comparisons and searches of rules were given up", next);
    findings
}

/// What only the running node knows of its partners.
pub(super) fn links(partners: &[PartnerView]) -> Vec<Finding> {
    let failing = partners.iter().filter_map(|partner| {
        let since = partner.unreachable_since.as_ref()?;
        // Whoever has ended the partnership is told of already.
        partner.removed_us.is_none().then_some((partner, since))
    });
    failing
        .map(|(partner, since)| {
            let address = partner.address.as_deref().unwrap_or("its address");
            let what = format!("{} is not reached at {address} since {since}", partner.name);
            let (host, port) = address.rsplit_once(':').unwrap_or((address, ""));
            Finding::warning("link", what).next(format!("nc -vz {host} {port}"))
        })
        .collect()
}

/// A name as a shell takes it.
fn quoted(name: &str) -> String {
    let plain = name.chars().all(|char| char.is_alphanumeric() || matches!(char, '-' | '_' | '.'));
    if plain { name.to_owned() } else { format!("'{}'", name.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests;
