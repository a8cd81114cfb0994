//! `GET /feeds/{circle}/{name}`: the feed of an audience, from the cache or rendered now, with a tag
//! by which a client asks whether it has changed.

use super::ask::Question;
use super::cache::Made;
use super::render::{RenderError, Rendered, render};
use crate::http::Caller;
use crate::http::api::answer::{Answered, Refusal, circle_for, odd, reads, typed};
use crate::http::api::asked::Pairs;
use crate::http::encoding::{Coding, packed};
use crate::http::reads::{Asker, note};
use crate::http::room::{Held, room};
use crate::runtime::{Runtime, Unavailable, now};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::routing::get;
use bytes::Bytes;
use formats::export::{Form, Stamp, with_serial};
use formats::problem::Problem;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};
use model::circle::Circle;
use model::id::Digest;
use model::limits::SERIALS_AT_ONCE;
use model::seal::sha256;
use node::release::Lens;
use node::{Answer, Command};
use std::collections::BTreeSet;
use std::sync::Arc;

pub(in crate::http) fn routes() -> Router<Runtime> {
    Router::new().route("/feeds/{circle}/{*name}", get(answer))
}

async fn answer(
    State(runtime): State<Runtime>,
    Caller(caller): Caller,
    Path((circle, name)): Path<(String, String)>,
    query: Pairs,
    headers: HeaderMap,
) -> Answered {
    reads(&caller)?;
    let asking = caller.clone();
    let circle = runtime.read(move |reading| circle_for(reading, &asking, &circle)).await?;
    // What does not exist and what this caller may not see are answered alike.
    let circle = circle.ok_or_else(|| Refusal::unknown("feed"))?;
    let question = Question::read(&name, query)?;
    let mut reader = caller.submitter.reader.clone();
    reader.circles = BTreeSet::from([circle.id]);
    let made = feed(&runtime, circle, Lens { reader, now: now() }, question).await?;
    // CRASH: nothing of the feed has left, and all of it counts as read.
    note(&runtime, &Asker::of(&caller), node::reads::LOG, &made.0.shows).await?;
    sent(&caller.name, &headers, made).await
}

/// The feed, from the cache or rendered.
async fn feed(
    runtime: &Runtime,
    circle: Circle,
    lens: Lens,
    question: Question,
) -> Result<(Arc<Made>, Form), Refusal> {
    let form = question.form;
    let stamp = || {
        let commits = *runtime.woken().borrow();
        runtime.feeds().stamp(commits, runtime.good())
    };
    // All that a decision depends on is in the reader, and nobody else's feed is under this key.
    let key = format!("{:?} {:?} {question:?}", lens.reader, (&circle.name, circle.known_good));
    if let Some(made) = runtime.feeds().fresh(&key, &stamp(), lens.now) {
        return Ok((made, form));
    }
    let turn = runtime.feeds().turns.acquire().await.map_err(|_| Unavailable::Stopping)?;
    // Somebody else may have rendered it while we waited, and time has passed.
    let lens = Lens { now: now(), ..lens };
    let stamp = stamp();
    if let Some(made) = runtime.feeds().fresh(&key, &stamp, lens.now) {
        return Ok((made, form));
    }
    let folder = format!("{:?} {:?} {:?}", lens.reader, circle.id, question.of_folder());
    let (inside, good, at) = (runtime.clone(), runtime.good(), lens.now);
    let work = move || render(&inside, (&circle, lens), &question, good);
    let rendered = tokio::task::spawn_blocking(work).await.map_err(|_| Unavailable::Stopping)?;
    let Rendered { feed, shows, until } = rendered.map_err(refused)?;
    let numbers = numbers(runtime, &folder, feed.stamps()).await?;
    let mut bytes = feed.stamped(&numbers);
    if form == Form::Rpz {
        let asked = vec![(named(&key), sha256(&[&bytes]))];
        let serial = serials(runtime, asked).await?.pop().ok_or_else(odd)?;
        bytes = with_serial(bytes, serial);
    }
    let tag = sha256(&[&bytes]).to_string();
    let made = Arc::new(Made { bytes: Bytes::from(bytes), tag, shows, stamp, at, until });
    runtime.feeds().keep(key, Arc::clone(&made));
    drop(turn);
    Ok((made, form))
}

/// What is numbered, by the audience and its question.
fn named(key: &str) -> Digest {
    sha256(&[b"entente/serial/1", key.as_bytes()])
}

/// The numbers of a folder's parts; only of those that say something new is the writer asked.
async fn numbers(runtime: &Runtime, folder: &str, stamps: &[Stamp]) -> Result<Vec<u32>, Refusal> {
    let asked: Vec<(Digest, Digest)> = stamps
        .iter()
        .map(|stamp| (named(&format!("{folder} {}", stamp.name)), stamp.says))
        .collect();
    let again = asked.clone();
    let known = runtime.read(move |reading| node::serial::kept(reading, &again)).await?;
    let new = known.iter().zip(asked).filter(|(known, _)| known.is_none());
    let new = serials(runtime, new.map(|(_, asked)| asked).collect()).await?;
    let mut new = new.into_iter();
    known.into_iter().map(|known| known.or_else(|| new.next()).ok_or_else(odd)).collect()
}

/// The numbers under which this audience's feeds say this.
async fn serials(runtime: &Runtime, feeds: Vec<(Digest, Digest)>) -> Result<Vec<u32>, Refusal> {
    let mut serials = Vec::with_capacity(feeds.len());
    for some in feeds.chunks(SERIALS_AT_ONCE) {
        match runtime.write(Command::NumberFeeds(some.to_vec())).await {
            Ok(Answer::Serials(some)) => serials.extend(some),
            // Without room for its number each has that of the clock, which only rises.
            Err(Unavailable::Full) => {
                let seconds = now().micros().div_euclid(1_000_000);
                let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
                serials.extend(std::iter::repeat_n(seconds, some.len()));
            }
            Ok(_) => return Err(odd()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(serials)
}

fn refused(error: RenderError) -> Refusal {
    match (error.problem(), error) {
        (_, RenderError::Unavailable(error)) => error.into(),
        // As any other name that no feed has.
        (_, RenderError::Unknown) => Refusal::unknown("feed"),
        (Some(problem), _) => Refusal::with(StatusCode::CONFLICT, &problem),
        (None, _) => odd(),
    }
}

/// SPEC: RFC 9110 §8.8.3 and §13.1.2: each coding of the same feed has a tag of its own.
async fn sent(token: &str, headers: &HeaderMap, (made, form): (Arc<Made>, Form)) -> Answered {
    let mut response = typed(form.media_type(), Body::empty());
    let answered = response.headers_mut();
    // Kept by whoever likes, and asked about each time: what is recalled leaves at once.
    answered.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    answered.insert(VARY, HeaderValue::from_static("Accept-Encoding, Authorization"));
    let known = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    if known.flat_map(|tags| tags.split(',')).any(|tag| is_same(tag, &made.tag)) {
        answered.remove(CONTENT_TYPE);
        answered.insert(ETAG, tag(&made.tag, None)?);
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(response);
    }
    let coding = Coding::preferred(headers);
    let (coding, bytes) = match coding {
        None => (None, made.bytes.clone()),
        Some(_) => {
            // A copy and its packing cost as much as what is sent: they have their room too.
            let packing = room(token, made.bytes.len()).await.map_err(|full| no_room(&full))?;
            let (coding, bytes) = packed(coding, made.bytes.to_vec()).await;
            drop(packing);
            (coding, Bytes::from(bytes))
        }
    };
    answered.insert(ETAG, tag(&made.tag, coding)?);
    if let Some(coding) = coding {
        answered.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    }
    let held = room(token, bytes.len()).await.map_err(|full| no_room(&full))?;
    *response.body_mut() = Body::from(Bytes::from_owner(Sent { bytes, _held: held }));
    Ok(response)
}

fn no_room(full: &impl std::fmt::Display) -> Refusal {
    let problem = Problem::error("E-API-503", full.to_string()).hint("take less at once");
    Refusal::with(StatusCode::SERVICE_UNAVAILABLE, &problem)
}

/// Bytes that keep their room until they are sent.
struct Sent {
    bytes: Bytes,
    _held: Held,
}

impl AsRef<[u8]> for Sent {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

fn tag(digest: &str, coding: Option<Coding>) -> Result<HeaderValue, Refusal> {
    let coding = coding.map(|coding| format!("-{}", coding.name())).unwrap_or_default();
    HeaderValue::try_from(format!("\"{digest}{coding}\"")).map_err(|_| odd())
}

/// Whether a tag of a client's is that of these bytes, in whatever coding it has them.
fn is_same(tag: &str, digest: &str) -> bool {
    let tag = tag.trim();
    let tag = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
    tag == "*" || tag.split('-').next() == Some(digest)
}
