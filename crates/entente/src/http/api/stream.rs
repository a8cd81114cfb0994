//! `GET /api/v1/stream`: sightings as they come, as server-sent events. `Last-Event-ID` goes on
//! where a broken connection ended. Nothing is sent for what the caller may not read.

use super::answer::{Answered, lens, reads, typed};
use super::body::pushed;
use super::names::Names;
use super::sightings::{SightingView, after, view};
use crate::http::Caller;
use crate::http::reads::note_entries;
use crate::runtime::{Runtime, now};
use axum::body::Bytes;
use axum::extract::State;
use http::HeaderMap;
use model::limits::RESULTS_MAX;
use model::time::Instant;
use node::release::Lens;
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::sync::watch;

/// Between two comments that keep the connection open through proxies.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub(super) async fn get(
    State(runtime): State<Runtime>,
    Caller(caller): Caller,
    headers: HeaderMap,
) -> Answered {
    reads(&caller)?;
    let resumed = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let from = resumed.and_then(|text| text.parse().ok()).unwrap_or_else(now);
    let (sender, body) = pushed();
    let lens = lens(&caller);
    tokio::spawn(push(runtime, (caller, lens), from, sender));
    let mut response = typed("text/event-stream", body);
    let headers = response.headers_mut();
    headers.insert(http::header::CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Sends until the reader goes away, its token is void, or the node stops.
async fn push(
    runtime: Runtime,
    (caller, lens): (node::token::Caller, Lens),
    mut from: Instant,
    sender: Sender<Bytes>,
) {
    let (mut sighted, mut stopping) = (runtime.sighted(), runtime.stopping());
    if sender.send(Bytes::from_static(b"retry: 2000\n\n")).await.is_err() {
        return;
    }
    loop {
        // What was announced before this look is found by it.
        sighted = sighted.resubscribe();
        let (inside, eyes) = (runtime.clone(), Lens { now: now(), ..lens.clone() });
        let token = caller.name.clone();
        let lines = runtime.read(move |reading| {
            if !node::token::is_good(reading, &token, eyes.now)? {
                return Ok(None);
            }
            let names = Names::load(reading, inside.me())?;
            let lines = after(reading, &eyes, Some(from), RESULTS_MAX)?;
            let last = lines.last().map(|line| line.at);
            let places = lines.iter().map(|line| line.seq).collect::<Vec<_>>();
            let views = lines.iter().map(|line| view(line, &names)).collect::<Vec<_>>();
            Ok(Some((last, places, views)))
        });
        let Ok(Some((last, places, views))) = lines.await else { return };
        if note_entries(&runtime, &caller, places).await.is_err() {
            return;
        }
        from = last.unwrap_or(from);
        for (view, next) in views.iter().zip(views.iter().skip(1).map(Some).chain([None])) {
            // Sightings of one instant are one step: only the last of them is a place to go on.
            let whole = next.is_none_or(|next| next.at != view.at);
            if sender.send(event(view, whole)).await.is_err() {
                return;
            }
        }
        if views.len() >= RESULTS_MAX {
            continue;
        }
        tokio::select! {
            // To have missed some is a reason to look, too.
            _ = sighted.recv() => {}
            () = stopped(&mut stopping) => return,
            () = tokio::time::sleep(KEEP_ALIVE) => {
                if sender.send(Bytes::from_static(b": still here\n\n")).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Ends when the node is to stop.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    stopping.wait_for(|stop| *stop).await.ok();
}

fn event(view: &SightingView, whole: bool) -> Bytes {
    let data = serde_json::to_string(view).unwrap_or_default();
    let id = if whole { format!("id: {}\n", view.at) } else { String::new() };
    Bytes::from(format!("event: sighting\n{id}data: {data}\n\n"))
}
