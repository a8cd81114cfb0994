//! `GET /api/v1/stream`: sightings as they come, as server-sent events. `Last-Event-ID` goes on
//! where a broken connection ended. Nothing is sent for what the caller may not read.

use super::answer::{Answered, lens, reads, typed};
use super::body::pushed;
use super::names::Names;
use super::sightings::{SightingView, after, view};
use crate::http::Caller;
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
    tokio::spawn(push(runtime, lens(&caller), from, sender));
    let mut response = typed("text/event-stream", body);
    let headers = response.headers_mut();
    headers.insert(http::header::CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Sends until the reader goes away or the node stops.
async fn push(runtime: Runtime, lens: Lens, mut from: Instant, sender: Sender<Bytes>) {
    let (mut woken, mut stopping) = (runtime.woken(), runtime.stopping());
    if sender.send(Bytes::from_static(b"retry: 2000\n\n")).await.is_err() {
        return;
    }
    loop {
        woken.mark_unchanged();
        let (inside, eyes) = (runtime.clone(), Lens { now: now(), ..lens.clone() });
        let lines = runtime.read(move |reading| {
            let names = Names::load(reading, inside.me())?;
            let lines = after(reading, &eyes, Some(from), RESULTS_MAX)?;
            let last = lines.last().map(|line| line.at);
            Ok((last, lines.iter().map(|line| view(line, &names)).collect::<Vec<_>>()))
        });
        let Ok((last, views)) = lines.await else { return };
        from = last.unwrap_or(from);
        for view in &views {
            if sender.send(event(view)).await.is_err() {
                return;
            }
        }
        if views.len() >= RESULTS_MAX {
            continue;
        }
        tokio::select! {
            changed = woken.changed() => if changed.is_err() { return },
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

fn event(view: &SightingView) -> Bytes {
    let data = serde_json::to_string(view).unwrap_or_default();
    Bytes::from(format!("event: sighting\nid: {}\ndata: {data}\n\n", view.at))
}
