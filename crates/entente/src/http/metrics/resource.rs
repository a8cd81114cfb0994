//! What the page holds, and who may read it: anyone on this machine, elsewhere the administrator.
//! Numbers only: no name of a circle, partner, token or value.

use super::Page;
use crate::http::api::answer::{Refusal, administers};
use crate::http::api::rules::RulesView;
use crate::http::caller::identify;
use crate::http::gate::Peer;
use crate::machine;
use crate::runtime::{Runtime, Unavailable, now};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use model::time::Instant;
use std::sync::PoisonError;

pub(in crate::http) fn routes() -> Router<Runtime> {
    Router::new().route("/metrics", get(metrics))
}

async fn metrics(State(runtime): State<Runtime>, request: Request) -> Response {
    let peer = request.extensions().get::<Peer>().copied();
    if !peer.is_some_and(|peer| peer.is_nearby(request.headers())) {
        let refused = match identify(request.headers(), &runtime).await {
            Ok(caller) => administers(&caller).err().map(Refusal::into_response),
            Err(unknown) => Some(unknown.into_response()),
        };
        if let Some(refused) = refused {
            return refused;
        }
    }
    let kept = match kept(&runtime).await {
        Ok(kept) => kept,
        Err(error) => return crate::http::unavailable(error),
    };
    let mut page = Page::default();
    counted(&mut page, &runtime);
    held(&mut page, &runtime, &kept);
    surroundings(&mut page, &runtime);
    let headers =
        [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"), (CACHE_CONTROL, "no-store")];
    (headers, page.text()).into_response()
}

/// What the store says.
struct Kept {
    head: i64,
    partners: usize,
    up: usize,
    lag: u64,
    lag_max: u64,
    backup: Option<Instant>,
    recalls_overdue: u64,
    findings_waiting: u64,
    receivers_failing: usize,
}

async fn kept(runtime: &Runtime) -> Result<Kept, Unavailable> {
    let inside = runtime.clone();
    let asked = move |reading: &node::Reading<'_>| {
        let lines = node::read::partners(reading)?;
        let receivers = node::receiver::all(reading)?;
        let (links, at) = (&inside.meters().links, now());
        let grace = inside.settings().recall.grace(at);
        Ok(Kept {
            head: reading.head()?,
            findings_waiting: receivers.iter().map(|receiver| receiver.waiting).sum(),
            receivers_failing: receivers.iter().filter(|one| one.failures > 0).count(),
            partners: lines.len(),
            up: lines.iter().filter(|line| links.is_up(&line.partner.node, at)).count(),
            lag: lines.iter().map(|line| line.lag).sum(),
            lag_max: lines.iter().map(|line| line.lag).max().unwrap_or_default(),
            backup: node::backup::last(reading)?.map(|backed| backed.at),
            recalls_overdue: node::read::overdue_count(reading, grace)?,
        })
    };
    runtime.read(asked).await
}

fn counted(page: &mut Page, runtime: &Runtime) {
    let meters = runtime.meters();
    page.family(("http_requests_total", "counter"), "Requests answered.");
    for ((resource, status), count) in meters.requests() {
        let labels: [(&str, &dyn std::fmt::Display); 2] =
            [("resource", &resource.name()), ("status", &status)];
        page.number("http_requests_total", &labels, count);
    }
    page.family(("http_request_seconds", "histogram"), "Seconds until an answer began.");
    for (resource, durations) in meters.durations().filter(|(_, one)| one.count() > 0) {
        page.histogram("http_request_seconds", Some(("resource", resource.name())), durations);
    }
    page.family(("objects_total", "counter"), "Objects handed in, by what became of them.");
    let fates = [
        ("accepted", &meters.accepted),
        ("duplicate", &meters.duplicate),
        ("refused", &meters.refused),
    ];
    for (fate, count) in fates {
        page.number("objects_total", &[("fate", &fate)], count.get());
    }
    page.family(("commit_seconds", "histogram"), "Seconds of commits with their fdatasync.");
    page.histogram("commit_seconds", None, &meters.commits);
    page.family(("sightings_total", "counter"), "Sightings, by who made them.");
    for (by, count) in [("own", &meters.sighted_here), ("partner", &meters.sighted_there)] {
        page.number("sightings_total", &[("by", &by)], count.get());
    }
    page.counter("events_total", "Events of telemetry matched.", meters.events.get());
    page.family(
        ("events_read_total", "counter"),
        "Events of telemetry, by the form of their line.",
    );
    for (kind, count) in detect::reading::Kind::ALL.iter().zip(&meters.forms) {
        page.number("events_read_total", &[("form", &kind.name())], count.get());
    }
    let help = "Lines of telemetry that could not be read whole.";
    page.counter("bad_lines_total", help, meters.bad_lines.get());
    let help = "Bytes of lines too long, which were passed over.";
    page.counter("skipped_bytes_total", help, meters.skipped_bytes.get());
    let help = "Distinct values of deliveries that were kept for looking back.";
    page.counter("seen_rows_total", help, meters.seen_rows.get());
    let help = "The same that were not kept, for want of room.";
    page.counter("seen_skipped_total", help, meters.seen_skipped.get());
    let help = "Messages of syslog that were lost for want of room.";
    page.counter("syslog_dropped_total", help, meters.dropped.get());
    page.counter("matches_total", "Matches in them.", meters.matches.get());
    let help = "Matches that are counted only: of an indicator with many, or for want of room.";
    page.counter("matches_unkept_total", help, meters.unkept.get());
    let help = "Matches that were counted and not told, by the reason and the known-good list.";
    page.family(("silenced_total", "counter"), help);
    for ((why, list), count) in runtime.known_good().counts() {
        page.number("silenced_total", &[("why", &why), ("list", &list)], count);
    }
    let help = "Indicators that matched too much since the start.";
    page.gauge("indicators_tripped", help, runtime.known_good().tripped().all().len());
    page.family(("findings_total", "counter"), "Findings for receivers, by what became of them.");
    let fates = [
        ("taken", &meters.findings_sent),
        ("failed", &meters.findings_failed),
        ("dropped", &meters.findings_dropped),
    ];
    for (fate, count) in fates {
        page.number("findings_total", &[("fate", &fate)], count.get());
    }
    page.family(("source_pulls_total", "counter"), "Pulls of sources, by their end.");
    for (result, count) in [("ok", &meters.pulls), ("failed", &meters.pulls_failed)] {
        page.number("source_pulls_total", &[("result", &result)], count.get());
    }
}

fn held(page: &mut Page, runtime: &Runtime, kept: &Kept) {
    page.gauge("log_head", "The last entry of the log.", kept.head);
    page.gauge("partners", "Partners.", kept.partners);
    let help = "Recalls that a partner has not obeyed in time, each counted once a partner.";
    page.gauge("recalls_overdue", help, kept.recalls_overdue);
    page.gauge("findings_waiting", "Findings that wait for receivers.", kept.findings_waiting);
    let help = "Receivers of findings that did not take the last one.";
    page.gauge("receivers_failing", help, kept.receivers_failing);
    page.gauge("links_up", "Partners heard from just now.", kept.up);
    page.gauge("lag_records", "Records that wait for partners, all together.", kept.lag);
    page.gauge("lag_records_max", "Records that wait for the slowest partner.", kept.lag_max);
    let indexed = {
        let live = runtime.live().read().unwrap_or_else(PoisonError::into_inner);
        live.index.len()
    };
    page.gauge("indexed_values", "Values of indicators in the index.", indexed);
    ruled(page, &RulesView::of(runtime));
    page.gauge("matching", "1 once the index is loaded.", u8::from(runtime.matches()));
    if let Some(backup) = kept.backup {
        let age = now().micros().saturating_sub(backup.micros()) / 1_000_000;
        page.gauge("last_backup_age_seconds", "Since the last backup.", age);
    }
}

fn ruled(page: &mut Page, view: &RulesView) {
    page.gauge("rules", "Rules and patterns of more than values that are looked for.", view.rules);
    let help = "Comparisons and searches of rules that were given up.";
    page.counter("rules_given_up_total", help, view.given_up);
    let help =
        "Machines of which events are kept for patterns over several, once for each pattern.";
    page.gauge("windows", help, view.windows);
    let help = "What was forgotten of them for want of room: whole machines, oldest events.";
    page.family(("windows_forgotten_total", "counter"), help);
    for (what, count) in [("machines", view.forgotten_machines), ("events", view.forgotten_events)]
    {
        page.number("windows_forgotten_total", &[("what", &what)], count);
    }
}

fn surroundings(page: &mut Page, runtime: &Runtime) {
    if let Some(memory) = machine::memory() {
        page.family(("memory_bytes", "gauge"), "Memory of the process.");
        page.number("memory_bytes", &[("kind", &"resident")], memory.resident);
        page.number("memory_bytes", &[("kind", &"anonymous")], memory.anonymous);
    }
    let purging = "For how long erased bytes have waited to be gone from every file.";
    page.gauge("purge_seconds", purging, runtime.purge_seconds());
    if let Some(folder) = runtime.folder() {
        page.gauge("store_bytes", "Bytes of the database.", folder.store_bytes());
        page.gauge("wal_bytes", "Bytes of its write-ahead log.", folder.wal_bytes());
        if let Some(free) = machine::free_bytes(folder.path()) {
            page.gauge("disk_free_bytes", "Bytes free for the data folder.", free);
        }
    }
    page.family(("info", "gauge"), "The version of the program.");
    page.number("info", &[("version", &env!("CARGO_PKG_VERSION"))], 1);
}
