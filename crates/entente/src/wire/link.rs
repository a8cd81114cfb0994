//! What the link port answers: hello, log, ack, join. Each caller is the key that its TLS
//! certificate proved; what follows from that is decided in `node`.

use super::compress::{ZSTD, unpack};
use super::keys;
use super::message::{
    ACK, HELLO, JOIN, JSON, JoinAnswer, JoinCircle, JoinRequest, KEY_ENDED, KEYS, LOG, NDJSON,
    NO_ROOM, PROBLEM, ProblemBody, REMOVED, RETURNS, TEXT,
};
use super::peer::{LinkError, note_sealing};
use super::returns;
use super::supply::{Supply, Want, supply};
use super::turns::Turns;
use crate::disk::is_scarce;
use crate::runtime::{Runtime, Unavailable, now};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use formats::problem::Problem;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use model::id::{CircleId, NodeId};
use model::keys::KeyChain;
use model::limits::{
    BATCH_WIRE_BYTES_MAX, JOIN_BYTES_MAX, LINK_AHEAD_MAX, LINK_WAIT_SECONDS_MAX, RECEIPT_BYTES_MAX,
};
use model::seal::PublicKey;
use node::command::Administer;
use node::keys::{Who, who};
use node::link::{
    Arrival, Receipt, hello as our_hello, is_partner, keys as known_keys, prepare, was_partner,
};
use node::membership::Joined;
use node::quota::later;
use node::returns::Place;
use node::{Answer, Command};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Seconds until a partner may have the log looked through for it again.
const RETURNS_LATER_SECONDS: u64 = 10;
/// How long a request's body may take: 16 MiB over a slow line.
const UPLOAD: Duration = Duration::from_secs(60);

pub(super) type Answered = Result<Response<Full<Bytes>>, Refusal>;

/// Whom a connection is with, and the node that it talks to.
pub(super) struct Caller {
    /// This node.
    pub(super) runtime: Runtime,
    /// The key that the caller proved.
    pub(super) key: PublicKey,
    /// Whose key that is.
    pub(super) node: NodeId,
    /// How much of our own chain of keys it says that it knows; 0 before its hello.
    pub(super) knows: AtomicU32,
    /// Whose batch is at hand.
    pub(super) turns: Turns,
    /// Who is being given back what it signed.
    pub(super) giving: Turns,
}

impl Caller {
    pub(super) fn node(&self) -> NodeId {
        self.node
    }
}

/// A request that is refused.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    problem: Problem,
}

impl Refusal {
    /// Over its quota: nothing was done, and it may come again.
    fn later(seconds: u64) -> Self {
        Self { status: StatusCode::TOO_MANY_REQUESTS, problem: later(seconds) }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        let status = match problem.code {
            "E-LINK-002" | KEY_ENDED | "E-KEY-003" | REMOVED | "E-PARTNER-002"
            | "E-PARTNER-003" | "E-PARTNER-004" => StatusCode::FORBIDDEN,
            "E-LINK-004" | "E-LINK-006" | "E-LINK-008" | "E-LINK-009" | "E-LINK-030"
            | "E-LINK-031" | "E-LINK-039" | "E-LINK-043" => StatusCode::CONFLICT,
            "E-LINK-034" => StatusCode::NOT_FOUND,
            "E-LINK-035" => StatusCode::PAYLOAD_TOO_LARGE,
            "E-LINK-036" => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        Self { status, problem }
    }
}

impl From<Unavailable> for Refusal {
    fn from(error: Unavailable) -> Self {
        if matches!(error, Unavailable::Full) {
            let problem = Problem::error(NO_ROOM, "this node has no room for more now");
            let problem = problem.hint("nothing was taken; it is asked for again by itself");
            return Self { status: StatusCode::INSUFFICIENT_STORAGE, problem };
        }
        // What is wrong with our store is nobody else's business.
        tracing::warn!(%error, "a partner's request cannot be answered");
        let problem = Problem::error("E-LINK-033", "this node cannot answer now");
        Self { status: StatusCode::SERVICE_UNAVAILABLE, problem }
    }
}

/// Answers one request.
pub(super) async fn answer(caller: &Caller, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let answered = route(caller, request).await;
    answered.unwrap_or_else(|Refusal { status, problem }| {
        let body = ProblemBody::of(status.as_u16(), &problem);
        respond(status, PROBLEM, serde_json::to_vec(&body).unwrap_or_default())
    })
}

async fn route(caller: &Caller, request: Request<Incoming>) -> Answered {
    let (head, body) = request.into_parts();
    if (&head.method, head.uri.path()) == (&Method::POST, JOIN) {
        return join(caller, body).await;
    }
    match (&head.method, head.uri.path()) {
        (&Method::GET, KEYS) => {
            return keys::give(caller, head.uri.query().unwrap_or_default()).await;
        }
        (&Method::POST, KEYS) => return keys::hear(caller, body).await,
        _ => {}
    }
    let (node, key) = (caller.node(), caller.key);
    let known = move |reading: &node::Reading<'_>| {
        Ok((who(reading, &key, now())?, is_partner(reading, &node)?))
    };
    let (who, partner) = caller.runtime.read(known).await?;
    if let Some(problem) = worthless(who) {
        return Err(problem.into());
    }
    if !partner || who.node() != node {
        return Err(outsider(caller).await?.into());
    }
    caller.runtime.meters().links.heard(node, now());
    match (head.method.as_str(), head.uri.path()) {
        ("GET", HELLO) => hello(caller, head.uri.query().unwrap_or_default()).await,
        ("GET", LOG) => log(caller, head.uri.query().unwrap_or_default(), &head.headers).await,
        ("POST", LOG) => pushed(caller, &head.headers, body).await,
        ("POST", ACK) => acknowledged(caller, body).await,
        ("GET", RETURNS) => give_back(caller, head.uri.query().unwrap_or_default()).await,
        ("POST", RETURNS) => came_back(caller, body).await,
        _ => Err(Problem::error("E-LINK-034", "the link has no such resource").into()),
    }
}

/// The refusal for who shows a key that counts no more.
fn worthless(who: Who) -> Option<Problem> {
    match who {
        Who::Node(_) => None,
        Who::Ended(_) => Some(
            Problem::error(KEY_ENDED, "your node has changed its key since")
                .hint("it was put back to an older time; `entente keys show` there says more"),
        ),
        Who::Revoked(_) => Some(
            Problem::error("E-KEY-003", "your node has revoked this key")
                .hint("only the key that it states now is spoken to"),
        ),
    }
}

/// The refusal for who is no partner. A key that was one is told so, and need not knock for ever;
/// a stranger learns nothing from it.
async fn outsider(caller: &Caller) -> Result<Problem, Unavailable> {
    let node = caller.node();
    Ok(match caller.runtime.read(move |reading| was_partner(reading, &node)).await? {
        true => Problem::error(REMOVED, "this node has ended the partnership")
            .hint("only a new invitation begins it again"),
        false => Problem::error("E-LINK-002", "not a partner of this node"),
    })
}

pub(super) fn respond(
    status: StatusCode,
    kind: &'static str,
    body: Vec<u8>,
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

async fn hello(caller: &Caller, query: &str) -> Answered {
    let (runtime, node) = (caller.runtime.clone(), caller.node());
    let knows = asked(query, "knows").and_then(|number| number.parse().ok()).unwrap_or(0);
    caller.knows.store(knows, Ordering::Relaxed);
    if let Err(LinkError::Unavailable(error)) = keys::note_heard(&runtime, node, knows).await {
        return Err(error.into());
    }
    let told = asked(query, "hpke").and_then(|key| key.parse().ok());
    note_sealing(&runtime, node, told).await?;
    let asked = move |reading: &node::Reading<'_>| our_hello(runtime.me(), reading, &node);
    let hello = caller.runtime.read(asked).await?;
    Ok(respond(StatusCode::OK, TEXT, hello.write().into_bytes()))
}

/// The value of a name in a query.
pub(super) fn asked<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// A partner asks for its log, and waits until there is something.
async fn log(caller: &Caller, query: &str, headers: &HeaderMap) -> Answered {
    let (after, epoch) =
        (asked(query, "after").and_then(|n| n.parse().ok()), asked(query, "epoch"));
    let (Some(after), Some(Ok(epoch))) = (after, epoch.map(str::parse)) else {
        return Err(Problem::error("E-LINK-032", "`after` and `epoch` are wanted").into());
    };
    let wait: u64 = asked(query, "wait").and_then(|n| n.parse().ok()).unwrap_or(0);
    let patience = Duration::from_secs(wait.min(LINK_WAIT_SECONDS_MAX));
    let encodings = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|v| v.to_str().ok());
    let packed = encodings.flat_map(|v| v.split(',')).any(|encoding| encoding.trim() == ZSTD);
    let credit = asked(query, "credit").and_then(|n| n.parse().ok()).unwrap_or(LINK_AHEAD_MAX);
    let want = Want { partner: caller.node(), epoch, after, credit, packed };
    let supplied = tokio::select! {
        biased;
        unaware = until_unaware(caller) => {
            unaware?;
            return Err(Problem::error("E-LINK-030", "the keys changed; say hello again").into());
        }
        supplied = supply(&caller.runtime, want, patience) => supplied?,
    };
    match supplied {
        Supply::Batch { packed, bytes, .. } => {
            let mut response = respond(StatusCode::OK, NDJSON, bytes);
            if packed {
                let zstd = HeaderValue::from_static(ZSTD);
                response.headers_mut().insert(CONTENT_ENCODING, zstd);
            }
            Ok(response)
        }
        Supply::Nothing { .. } => Ok(respond(StatusCode::NO_CONTENT, NDJSON, Vec::new())),
        Supply::Stranger => Err(outsider(caller).await?.into()),
        Supply::OtherEpoch => {
            Err(Problem::error("E-LINK-030", "the numbering began anew; say hello again").into())
        }
        Supply::Beyond => {
            tracing::error!(
                partner = %caller.node(),
                "a partner holds more than this node remembers: its folder was put back to an \
                 older state; back it up and restore it with `entente restore`"
            );
            Err(beyond().into())
        }
    }
}

/// Whether a partner that hears of keys lacks our newest: only its hello tells it to ask.
async fn is_unaware(caller: &Caller) -> Result<bool, Unavailable> {
    let (me, knows) = (caller.runtime.me().node(), caller.knows.load(Ordering::Relaxed));
    let ours = caller.runtime.read(move |reading| node::keys::number(reading, &me)).await?;
    Ok(knows > 0 && knows < ours)
}

/// Ends once a partner that hears of keys lacks our newest, now or while it waits.
async fn until_unaware(caller: &Caller) -> Result<(), Unavailable> {
    // A key that changes is told to who looks after partners, after its commit.
    let mut changed = caller.runtime.partners_changed();
    while !is_unaware(caller).await? {
        if changed.changed().await.is_err() {
            return Err(Unavailable::Stopping);
        }
    }
    Ok(())
}

/// The partner holds more than this node remembers to have sent.
pub(crate) fn beyond() -> Problem {
    Problem::error("E-LINK-031", "more was sent in this epoch than the sender remembers")
        .hint("the sender was put back to an older state; restore it with `entente restore`")
}

/// A partner sends a batch.
async fn pushed(caller: &Caller, headers: &HeaderMap, body: Incoming) -> Answered {
    let packed = headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding == ZSTD);
    let turn = caller.turns.take(caller.node()).await.map_err(Refusal::later)?;
    let bytes = read_body(body, BATCH_WIRE_BYTES_MAX).await?;
    let arrival = arrival(&caller.runtime, caller.node(), bytes, packed).await??;
    if is_scarce(&caller.runtime) && arrival.takes_back() && is_ahead(caller, &arrival).await? {
        if let Answer::Later(seconds) = caller.runtime.write(Command::Heed(arrival)).await? {
            turn.later(seconds);
            return Err(Refusal::later(seconds));
        }
        return Err(Unavailable::Full.into());
    }
    let answer = caller.runtime.write(Command::Arrive(arrival)).await?;
    if let Answer::Later(seconds) = answer {
        turn.later(seconds);
        return Err(Refusal::later(seconds));
    }
    let Answer::Receipt(receipt) = answer else { return Err(refusal(answer)) };
    Ok(respond(StatusCode::OK, JSON, receipt.write().into_bytes()))
}

/// Whether a batch comes before its turn: its sender knows that there is no room for what is next.
async fn is_ahead(caller: &Caller, arrival: &Arrival) -> Result<bool, Unavailable> {
    let node = caller.node();
    let have = caller.runtime.read(move |reading| node::link::have(reading, &node)).await?;
    let next = have.map_or(0, |have| have.next);
    Ok(arrival.lines.first().is_some_and(|line| line.offset > next))
}

/// Unpacks, reads and proves a batch on a thread that may block.
pub(super) async fn arrival(
    runtime: &Runtime,
    partner: NodeId,
    bytes: Bytes,
    packed: bool,
) -> Result<Result<Arrival, Problem>, Unavailable> {
    let keys = runtime.read(known_keys).await?;
    let prepared = tokio::task::spawn_blocking(move || {
        if !packed {
            return prepare(partner, &bytes, &keys);
        }
        let bytes = unpack(&bytes, BATCH_WIRE_BYTES_MAX).ok_or_else(|| {
            Problem::error("E-LINK-001", "the batch cannot be unpacked, or is too large")
        })?;
        prepare(partner, &bytes, &keys)
    });
    prepared.await.map_err(|_| Unavailable::Stopping)
}

/// A partner gives its receipt for what it fetched.
async fn acknowledged(caller: &Caller, body: Incoming) -> Answered {
    let bytes = read_body(body, RECEIPT_BYTES_MAX).await?;
    let receipt = std::str::from_utf8(&bytes).ok().and_then(Receipt::read);
    let Some(receipt) = receipt else {
        return Err(Problem::error("E-LINK-032", "not a receipt").into());
    };
    let acknowledged = Command::Acknowledged { partner: caller.node(), receipt };
    let answer = caller.runtime.write(acknowledged).await?;
    let Answer::Done = answer else { return Err(refusal(answer)) };
    Ok(respond(StatusCode::NO_CONTENT, JSON, Vec::new()))
}

/// A partner that was restored asks for what it signed.
async fn give_back(caller: &Caller, query: &str) -> Answered {
    let turn = caller.giving.take(caller.node()).await.map_err(Refusal::later)?;
    let after: Option<Place> = asked(query, "after").map(str::parse).transpose()?;
    let first = after.is_none();
    let Some(page) = returns::page(&caller.runtime, caller.node(), after).await? else {
        return Err(outsider(caller).await?.into());
    };
    let page = page?;
    if first || page.next().is_none() {
        // The log was looked through from its beginning, or to its end.
        turn.later(RETURNS_LATER_SECONDS);
    }
    Ok(respond(StatusCode::OK, NDJSON, page.bytes()))
}

/// A partner gives back what this node signed and lost.
async fn came_back(caller: &Caller, body: Incoming) -> Answered {
    let _turn = caller.giving.take(caller.node()).await.map_err(Refusal::later)?;
    if !returns::is_wanted(&caller.runtime, caller.node()).await? {
        // Nothing is missed here: it is neither read nor proven.
        return Ok(respond(StatusCode::NO_CONTENT, JSON, Vec::new()));
    }
    let bytes = read_body(body, BATCH_WIRE_BYTES_MAX).await?;
    let answer = match returns::take(&caller.runtime, caller.node(), bytes).await {
        Ok(answer) => answer,
        Err(LinkError::Unacceptable(problem)) => return Err(problem.into()),
        Err(LinkError::Unavailable(error)) => return Err(error.into()),
        Err(LinkError::Client(_) | LinkError::Refused { .. } | LinkError::Form(_)) => {
            return Err(refusal(Answer::Done));
        }
    };
    if let Answer::Refused(problem) = answer {
        return Err(problem.into());
    }
    Ok(respond(StatusCode::NO_CONTENT, JSON, Vec::new()))
}

/// Somebody comes with an invitation's secret: the only request of those who are no partners.
async fn join(caller: &Caller, body: Incoming) -> Answered {
    let bytes = read_body(body, JOIN_BYTES_MAX).await?;
    let request: Option<JoinRequest> = serde_json::from_slice(&bytes).ok();
    let read = request.and_then(|request| {
        let secret = BASE64_STANDARD.decode(request.secret).ok()?.try_into().ok()?;
        let key = first_key(caller.key, request.keys.as_deref())?;
        Some((Joined { secret, key, name: request.name }, request.keys))
    });
    let Some((joined, keys)) = read else {
        return Err(Problem::error("E-LINK-032", "not a request to join").into());
    };
    let answer = caller.runtime.write(Command::Administer(Administer::Join(joined))).await?;
    let Answer::Welcome { trusted, circles, .. } = answer else { return Err(refusal(answer)) };
    if let Some(keys) = keys {
        caller.runtime.write(Command::Administer(Administer::HearKeys(keys))).await?;
    }
    let me = caller.runtime.me();
    let convener = me.node().to_string();
    let circle = |id: CircleId| JoinCircle { id: id.to_string(), convener: convener.clone() };
    let circles = circles.into_iter().map(circle).collect();
    let answer = JoinAnswer { name: me.name.clone(), trusted, circles };
    Ok(respond(StatusCode::OK, JSON, serde_json::to_vec(&answer).unwrap_or_default()))
}

/// The first key of who shows this one; its chain says so where it is a later one.
fn first_key(shown: PublicKey, chain: Option<&str>) -> Option<PublicKey> {
    let Some(chain) = chain else { return Some(PublicKey::new(*shown.as_bytes())) };
    let chain = KeyChain::read(chain).ok()?;
    chain.last().live(now()).any(|live| *live == shown).then(|| chain.first())
}

/// A refusal in the node's own words; any other answer would be a mistake of ours.
fn refusal(answer: Answer) -> Refusal {
    if let Answer::Refused(problem) = answer {
        return problem.into();
    }
    Problem::error("E-LINK-036", "this node made a mistake").into()
}

pub(super) async fn read_body(body: Incoming, max: usize) -> Result<Bytes, Refusal> {
    let whole = tokio::time::timeout(UPLOAD, Limited::new(body, max).collect()).await;
    match whole {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(_)) | Err(_) => {
            let message =
                format!("the body is larger than {max} bytes, broke off or took too long");
            Err(Problem::error("E-LINK-035", message).into())
        }
    }
}

/// A body's first bytes: at most `max`, and one more where it goes on. Who judges them sees by that
/// one that it is too long, and of what it begins with.
pub(super) async fn read_start(mut body: Incoming, max: usize) -> Result<Vec<u8>, Refusal> {
    let mut start = Vec::new();
    let reading = async {
        while start.len() <= max {
            let Some(frame) = body.frame().await else { break };
            if let Ok(data) = frame?.into_data() {
                start.extend_from_slice(&data);
            }
        }
        Ok::<(), hyper::Error>(())
    };
    match tokio::time::timeout(UPLOAD, reading).await {
        Ok(Ok(())) => {
            start.truncate(max.saturating_add(1));
            Ok(start)
        }
        Ok(Err(_)) | Err(_) => {
            Err(Problem::error("E-LINK-035", "the body broke off or took too long").into())
        }
    }
}

#[cfg(test)]
mod tests;
