//! Answering partners, as far as their cards say and a day's bound allows. Whoever is refused is
//! refused in the same words, whatever was seen; nothing here knows where it would be looked up.

use super::VERSION;
use super::ask::between;
use crate::apply::{Moment, Node};
use crate::command;
use crate::state::Policies;
use detect::observable::{Observable, normal};
use model::facts::{Facts, Value, ValueKind};
use model::id::{Digest, NodeId};
use model::kind::{Kind, QUESTION};
use model::limits::{
    QUESTION_HOURS_MAX, QUESTION_V4_BITS_MIN, QUESTION_V6_BITS_MIN, QUESTIONS_OF_ONE_MAX,
    QUESTIONS_PER_DAY_MAX, QUESTIONS_REFUSED_PER_DAY_MAX, QUESTIONS_WAITING_MAX, SCAN_ENTRIES_MAX,
};
use model::question::{Answer, Answers, Band, Days, Question, Told};
use model::seal::sha256;
use model::time::Instant;
use std::collections::BTreeMap;
use store::{Partner, Reading, Row, Seq, StoreError};

/// What was found of one value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Found {
    /// It was not seen.
    Never,
    /// It was seen.
    Seen {
        /// In how many events, 1 at least.
        count: u64,
        /// The earliest.
        first: Instant,
        /// The latest.
        last: Instant,
    },
    /// Not all that was seen could be asked, or the value covers too much.
    Unknown,
}

/// What was found for a question.
#[derive(Clone, Debug)]
pub struct Answering {
    /// The question's place in the log.
    pub question: Seq,
    /// For each value, in order; `None` when nothing is kept here, or was not looked up.
    pub found: Option<Vec<Found>>,
}

/// What a question asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Due {
    /// Nothing: it is answered, or gone.
    Nothing,
    /// It will be refused.
    Refusal,
    /// These values are to be looked up.
    Look(Vec<Value>),
}

/// A question without an answer.
struct Open {
    row: Row,
    partner: Partner,
    digest: Digest,
    values: Vec<Value>,
}

/// Before a node's id: on which day (UTC) it was told of how many values, and how often refused. Three
/// numbers of eight bytes, the highest first.
const ASKED_PREFIX: &str = "asked-here.";

/// What a partner has asked for in a day.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Spent {
    day: u64,
    values: u64,
    refused: u64,
}

const DAY_MICROS: i64 = 86_400 * 1_000_000;

impl Spent {
    /// What was asked for today.
    fn load(reading: &Reading<'_>, key: &str, now: Instant) -> Result<Self, StoreError> {
        let day = now.micros().div_euclid(DAY_MICROS).unsigned_abs();
        let bytes = reading.setting(key)?.unwrap_or_default();
        let (numbers, _) = bytes.as_chunks::<8>();
        let known = match numbers {
            [day, values, refused] => {
                let [day, values, refused] = [day, values, refused].map(|n| u64::from_be_bytes(*n));
                Self { day, values, refused }
            }
            _ => Self::default(),
        };
        Ok(if known.day == day { known } else { Self { day, ..Self::default() } })
    }

    fn write(self) -> Vec<u8> {
        [self.day, self.values, self.refused].iter().flat_map(|n| n.to_be_bytes()).collect()
    }
}

/// What is looked up for a value of a question; `None` for what has another spelling than ours, and
/// for networks so wide that the answer would tell who there is and not what was met.
#[must_use]
pub fn askable(value: &Value) -> Option<Observable> {
    let found = normal(value.kind, &value.text)?;
    if (found.kind, &found.text) != (value.kind, &value.text) {
        return None;
    }
    let least = match found.kind {
        ValueKind::Ipv4 => QUESTION_V4_BITS_MIN,
        ValueKind::Ipv6 => QUESTION_V6_BITS_MIN,
        ValueKind::Domain
        | ValueKind::Url
        | ValueKind::Email
        | ValueKind::Md5
        | ValueKind::Sha1
        | ValueKind::Sha256
        | ValueKind::Sha512
        | ValueKind::OtherHash
        | ValueKind::FileName
        | ValueKind::Mutex
        | ValueKind::RegistryKey
        | ValueKind::Asn
        | ValueKind::Mac
        | ValueKind::Cve
        | ValueKind::Account
        | ValueKind::UserAgent
        | ValueKind::CertSerial
        | ValueKind::Ja3
        | ValueKind::Ja4
        | ValueKind::FilePath => return Some(found),
    };
    let bits = found.text.split_once('/').map(|(_, bits)| bits.parse::<u8>());
    let narrow = bits.is_none_or(|bits| bits.is_ok_and(|bits| bits >= least));
    narrow.then_some(found)
}

/// What a question asks for.
///
/// # Errors
/// When the store cannot be read.
pub fn due(reading: &Reading<'_>, me: NodeId, seq: Seq) -> Result<Due, StoreError> {
    let Some(open) = open(reading, me, seq)? else { return Ok(Due::Nothing) };
    let says = Policies::load(reading)?.answers(&open.partner);
    Ok(if says == Answers::No { Due::Refusal } else { Due::Look(open.values) })
}

/// Questions of the last `QUESTION_HOURS_MAX` hours that have no answer, the oldest first, at most
/// `QUESTIONS_WAITING_MAX`.
///
/// # Errors
/// When the store cannot be read.
pub fn unanswered(reading: &Reading<'_>, me: NodeId, now: Instant) -> Result<Vec<Seq>, StoreError> {
    let since = now.plus_seconds(-QUESTION_HOURS_MAX * 3_600);
    let (kind, head, mut after) = (Kind::ours(QUESTION), reading.head()?, 0);
    let (mut found, mut askers) = (Vec::new(), BTreeMap::new());
    loop {
        let lights = reading.scan_kind(&kind, after, head, SCAN_ENTRIES_MAX)?;
        let Some(last) = lights.last() else { return Ok(found) };
        after = last.seq;
        for light in lights.iter().filter(|light| light.via_id != 0 && light.at >= since) {
            if found.len() >= QUESTIONS_WAITING_MAX {
                return Ok(found);
            }
            let Some(open) = open(reading, me, light.seq)? else { continue };
            let asker = open.row.signer;
            // Who gets no answer any more today, or asks without end, keeps nobody else waiting.
            let heard = match askers.get(&asker) {
                Some(heard) => *heard,
                None if is_silenced(reading, &asker, now)? => QUESTIONS_OF_ONE_MAX,
                None => 0,
            };
            askers.insert(asker, heard.saturating_add(1));
            if heard < QUESTIONS_OF_ONE_MAX {
                found.push(light.seq);
            }
        }
    }
}

/// Whether a partner was refused so often today that it gets no answer any more.
pub(crate) fn is_silenced(
    reading: &Reading<'_>,
    asker: &NodeId,
    now: Instant,
) -> Result<bool, StoreError> {
    let spent = Spent::load(reading, &format!("{ASKED_PREFIX}{asker}"), now)?;
    Ok(spent.refused > QUESTIONS_REFUSED_PER_DAY_MAX)
}

fn open(reading: &Reading<'_>, me: NodeId, seq: Seq) -> Result<Option<Open>, StoreError> {
    let Some((row, parts)) = reading.row_and_parts(seq)? else { return Ok(None) };
    let asks = row.thing.kind.as_str() == QUESTION && row.via == Some(row.signer) && !row.hidden;
    let partner = Node::partner(reading, &row.signer)?.filter(|_| asks);
    let text = std::str::from_utf8(&parts.body).unwrap_or_default();
    let (Some(partner), Ok(Question { values })) = (partner, Question::read(text)) else {
        return Ok(None);
    };
    for seq in reading.by_thing(&Answer::thing(&row.thing.uuid, &row.signer, &me))? {
        if reading.row(seq)?.is_some_and(|answer| answer.signer == me) {
            return Ok(None);
        }
    }
    let digest = sha256(&[parts.head.as_bytes(), b"\n", &parts.body]);
    Ok(Some(Open { row, partner, digest, values }))
}

/// As much of what was found as this measure tells.
fn told(found: Found, says: Answers) -> Told {
    match (found, says) {
        (Found::Unknown, _) | (Found::Seen { .. }, Answers::No) => Told::Unknown,
        (Found::Never, _) => Told::No,
        (Found::Seen { .. }, Answers::YesNo) => Told::Yes,
        (Found::Seen { count, first, last }, Answers::Band) => {
            Told::Band(Band::of(count), Days::of(first, last))
        }
        (Found::Seen { count, first, last }, Answers::Count) => {
            Told::Count(count.max(1), Days::of(first, last))
        }
    }
}

impl Node {
    /// Answers a question, once; what card and bound of this moment say counts, and not those of the
    /// moment at which it was looked up.
    // CRASH: the answer and what it costs of the day are one commit; before it the question is
    // without an answer, and found again at the next start.
    pub(crate) fn answer_seen(
        &mut self,
        moment: &mut Moment<'_, '_>,
        answering: Answering,
    ) -> Result<command::Answer, StoreError> {
        let me = self.me.node();
        let Some(open) = open(&moment.tx.reading(), me, answering.question)? else {
            return Ok(command::Answer::Done);
        };
        let (asker, circle) = (open.row.signer, open.row.label.circle);
        if is_silenced(&moment.tx.reading(), &asker, moment.now)? {
            return Ok(command::Answer::Done);
        }
        let key = format!("{ASKED_PREFIX}{asker}");
        let mut spent = Spent::load(&moment.tx.reading(), &key, moment.now)?;
        let asked = u64::try_from(open.values.len()).unwrap_or(u64::MAX);
        let mut says = self.circles.policies.answers(&open.partner);
        let all = answering.found.filter(|found| found.len() == open.values.len());
        if all.is_none() || spent.values.saturating_add(asked) > QUESTIONS_PER_DAY_MAX {
            says = Answers::No;
        }
        let known = if says == Answers::No {
            spent.refused = spent.refused.saturating_add(1);
            Vec::new()
        } else {
            spent.values = spent.values.saturating_add(asked);
            all.unwrap_or_default().into_iter().map(|found| told(found, says)).collect()
        };
        moment.tx.put_setting(&key, &spent.write())?;
        if spent.refused > QUESTIONS_REFUSED_PER_DAY_MAX {
            return Ok(command::Answer::Done);
        }
        let (question, digest) = (open.row.thing.uuid, open.digest);
        let body = Answer { question, digest, says, told: known }.write();
        let thing = Answer::thing(&question, &asker, &me);
        let body = (body, &Facts::default());
        self.state(moment, thing, VERSION.to_owned(), between(circle, asker), body)?;
        Ok(command::Answer::Done)
    }
}

#[cfg(test)]
mod tests;
