//! `/api/v1/bundle`: the link by file. A sealed file for a partner is given out, one from a partner
//! is taken, and nodes that no link reaches make themselves known. Administration only.

use super::answer::{Answered, Refusal, done, json, odd, read_json, typed};
use super::asked::{Asked as Query, Pairs};
use super::ruled::refused;
use super::{body, partners};
use crate::bundle::{Asked, ExportError, ImportError, Spool, export, import};
use crate::http::Administrator;
use crate::runtime::Runtime;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::IntoResponse as _;
use formats::problem::{Problem, shown};
use http::{HeaderName, HeaderValue, StatusCode};
use http_body_util::BodyExt as _;
use model::limits::{
    BODY_FRAME_SECONDS, BUNDLE_BYTES_MAX, BUNDLE_BYTES_USUAL, BUNDLES_AT_ONCE_MAX,
};
use model::seal::SealingKey;
use node::bundle::Introduction;
use node::command::Administer;
use node::{Command, PartnerState};
use serde::{Deserialize, Serialize};
use std::io::{self, Read};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc};

/// Bundles under way: each holds a thread that waits for others of the same few.
static UNDER_WAY: Semaphore = Semaphore::const_new(BUNDLES_AT_ONCE_MAX);

/// The media type of a bundle.
pub(crate) const BUNDLE: &str = "application/vnd.entente.bundle";
/// Says the number of a bundle's first entry.
pub(crate) const FIRST: &str = "entente-first";
/// Says the number after a bundle's last entry.
pub(crate) const NEXT: &str = "entente-next";
/// Says whether more waits than the bundle had room for.
pub(crate) const MORE: &str = "entente-more";

/// What this node says of itself to nodes that no link reaches.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct KeyView {
    pub(crate) node: String,
    pub(crate) hpke: String,
    /// The text for the other node, signed.
    pub(crate) key: String,
}

/// Another's key to be pinned.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyWanted {
    /// The partner's name here.
    pub(crate) of: String,
    /// Its text, or for a partner the key alone in hexadecimal.
    pub(crate) key: String,
}

/// A node whose key was pinned.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct PinnedView {
    pub(crate) name: String,
    pub(crate) node: String,
    pub(crate) words: String,
    pub(crate) confirmed: bool,
}

/// Makes a bundle; 204 when nothing waits for the partner.
pub(super) async fn get(
    State(runtime): State<Runtime>,
    _: Administrator,
    query: Pairs,
) -> Answered {
    let mut asked = Query::of(query);
    let name = asked.one("partner")?;
    let name = name.ok_or_else(|| Refusal::malformed("`partner` is missing"))?;
    let from: Option<u64> = asked.parsed("from")?;
    let max: u64 = asked.parsed("max")?.unwrap_or(BUNDLE_BYTES_USUAL);
    asked.end()?;
    if max > BUNDLE_BYTES_MAX {
        return Err(Refusal::malformed(format!("`max` is at most {BUNDLE_BYTES_MAX}")));
    }
    let partner = partners::find(&runtime, &name).await?;
    let asked = Asked { partner, from, max };
    let turn = UNDER_WAY.acquire().await.map_err(|_| odd())?;
    let work = move || {
        let folder = runtime.folder().ok_or(io::ErrorKind::NotFound);
        let spool = folder.map_err(io::Error::from).and_then(Spool::new);
        let spool = spool.map_err(crate::bundle::BundleError::from)?;
        export(&runtime, &Handle::current(), asked, spool)
    };
    let made = tokio::task::spawn_blocking(work).await.map_err(|_| odd())?;
    drop(turn);
    let Some(mut made) = made.map_err(refused_export)? else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let length = made
        .spool
        .rewind()
        .map_err(|error| Refusal::from(Problem::from(crate::bundle::BundleError::from(error))))?;
    let mut spool = made.spool;
    let mut response = typed(BUNDLE, body::pulled(std::iter::from_fn(move || spool.piece())));
    let numbers = [
        (http::header::CONTENT_LENGTH, length),
        (HeaderName::from_static(FIRST), made.first),
        (HeaderName::from_static(NEXT), made.next),
        (HeaderName::from_static(MORE), u64::from(made.more)),
    ];
    response.headers_mut().extend(numbers.map(|(name, number)| (name, HeaderValue::from(number))));
    Ok(response)
}

/// Takes a bundle in.
pub(super) async fn post(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    bundle: Body,
) -> Answered {
    let _turn = UNDER_WAY.acquire().await.map_err(|_| odd())?;
    let (pieces, read) = mpsc::channel(4);
    let feeding = tokio::spawn(feed(bundle, pieces));
    let inside = runtime.clone();
    let work = move || import(&inside, &Handle::current(), Pieces::of(read));
    let imported = tokio::task::spawn_blocking(work).await.map_err(|_| odd())?;
    feeding.abort();
    match imported {
        Ok(imported) => Ok(json(&imported)),
        Err(ImportError::Refused(problem)) => {
            Err(refused(&runtime, &caller, ("bundle", problem)).await)
        }
        Err(ImportError::File(error)) => {
            Err(refused(&runtime, &caller, ("bundle", error.into())).await)
        }
        Err(ImportError::Unavailable(error)) => Err(error.into()),
        Err(ImportError::Later(seconds)) => Err(over_quota(seconds)),
    }
}

/// What this node says of itself.
pub(super) async fn key(State(runtime): State<Runtime>, _: Administrator) -> Answered {
    let node = runtime.me().node();
    let chain = runtime.read(move |reading| node::keys::chain_of(reading, &node)).await?;
    let me = runtime.me();
    Ok(json(&KeyView {
        node: node.to_string(),
        hpke: me.key.sealing().to_string(),
        key: Introduction::write(&me.name, &me.key, chain.as_deref()),
    }))
}

/// Pins what another node says of itself.
pub(super) async fn pin(
    State(runtime): State<Runtime>,
    Administrator(caller): Administrator,
    body: Bytes,
) -> Answered {
    let KeyWanted { of, key } = read_json(&body)?;
    let node = match (key.trim().parse::<SealingKey>(), Introduction::read(&key)) {
        (Ok(key), _) => {
            let partner = partners::find(&runtime, &of).await?;
            let act = Administer::SealTo { partner, key };
            done(runtime.write(Command::Administer(act)).await?)?;
            partner
        }
        (Err(_), Ok(introduction)) => {
            let node = introduction.key.node();
            let wanted = of.clone();
            let other = runtime.read(move |reading| {
                let partners = reading.partners()?.into_iter();
                let mut same = partners.filter(|p| p.state != PartnerState::Removed);
                Ok(same.any(|p| p.name == wanted && p.node != node))
            });
            if other.await? {
                return Err(refused(&runtime, &caller, ("keys", another(&of))).await);
            }
            let introduction = Box::new(introduction);
            let act = Administer::Introduce { introduction, name: of };
            done(runtime.write(Command::Administer(act)).await?)?;
            node
        }
        (Err(_), Err(error)) => {
            let problem = no_key(&error.to_string());
            return Err(refused(&runtime, &caller, ("keys", problem)).await);
        }
    };
    let known = runtime.read(move |reading| reading.partner(&node)).await?.ok_or_else(odd)?;
    Ok(json(&PinnedView {
        name: known.name,
        node: node.to_string(),
        words: known.words,
        confirmed: known.state == PartnerState::Confirmed,
    }))
}

/// Hands a body's pieces to whoever reads them; stops when nobody does, or nothing comes.
async fn feed(mut body: Body, pieces: mpsc::Sender<io::Result<Bytes>>) {
    let mut left = BUNDLE_BYTES_MAX;
    loop {
        let frame = tokio::time::timeout(Duration::from_secs(BODY_FRAME_SECONDS), body.frame());
        let piece = match frame.await {
            Ok(None) => return,
            Ok(Some(Ok(frame))) => frame.into_data().map_or_else(|_| Ok(Bytes::new()), Ok),
            Ok(Some(Err(_))) | Err(_) => Err(io::ErrorKind::UnexpectedEof.into()),
        };
        let length = piece.as_ref().map_or(0, Bytes::len);
        let room = left.checked_sub(u64::try_from(length).unwrap_or(u64::MAX));
        left = room.unwrap_or(0);
        let piece = if room.is_some() { piece } else { Err(io::ErrorKind::InvalidData.into()) };
        let last = piece.is_err();
        if pieces.send(piece).await.is_err() || last {
            return;
        }
    }
}

/// A body as something to read, on a thread that may block.
struct Pieces {
    from: mpsc::Receiver<io::Result<Bytes>>,
    piece: Bytes,
}

impl Pieces {
    fn of(from: mpsc::Receiver<io::Result<Bytes>>) -> Self {
        Self { from, piece: Bytes::new() }
    }
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.from.blocking_recv() {
                None => return Ok(0),
                Some(piece) => self.piece = piece?,
            }
        }
        let taken = self.piece.split_to(buffer.len().min(self.piece.len()));
        for (to, from) in buffer.iter_mut().zip(&taken) {
            *to = *from;
        }
        Ok(taken.len())
    }
}

fn refused_export(error: ExportError) -> Refusal {
    match error {
        ExportError::Refused(problem) => problem.into(),
        ExportError::File(error) => Problem::from(error).into(),
        ExportError::Unavailable(error) => error.into(),
    }
}

fn over_quota(seconds: u64) -> Refusal {
    let told = node::quota::later(seconds);
    let message = format!("{}; what came before it is in", told.message);
    let told = Problem::error(told.code, message)
        .hint(format!("import the same file again in {seconds} seconds"));
    Refusal::with(StatusCode::TOO_MANY_REQUESTS, &told)
}

fn another(name: &str) -> Problem {
    let message = format!("the key is not that of the partner `{}`", shown(name));
    Problem::error("E-BUNDLE-005", message)
        .hint("name another, or remove the partner first: entente partner remove NAME")
}

fn no_key(why: &str) -> Problem {
    let message = format!("not what `entente bundle key` prints: {why}");
    Problem::error("E-BUNDLE-001", message).hint("ask for the whole file, as it was printed")
}
