//! Recalls to their end. Who obeyed one says so to whoever sent it: applied, purged, and once all
//! that it was passed on to have come as far, through. So a word goes back the way that the recall
//! came, hop by hop, and names nobody further: only a count.
//!
//! It obeys nothing and purges nothing, and believes a partner's word as far as a signature goes.

use crate::apply::{Moment, Node};
use crate::command::Answer;
use crate::link::Ready;
use crate::outlet::link_of;
use crate::read::{recall_at, recalls};
use formats::problem::Problem;
use model::facts::Facts;
use model::id::{NodeId, ThingId};
use model::kind::{Kind, OBEYED, RECALL};
use model::label::{Label, Tlp};
use model::ledger::{Note, ledger_of};
use model::limits::OBEYED_STEP;
use model::obeyed::{Obeyed, ObeyedLine, Stage};
use model::statement::{Recall, RecallMode};
use model::time::Instant;
use std::collections::BTreeMap;
use store::{Awaited, Outlet, Owed, Partner, Reading, Seq, StoreError, Told};

/// Somebody was told of a recall by a person.
#[derive(Clone, Debug)]
pub struct Telling {
    /// What is recalled.
    pub thing: ThingId,
    /// Who was told: a reader's or partner's name, as the recall lists it.
    pub reader: String,
    /// Who told it.
    pub who: String,
    /// How, for people; may be empty.
    pub why: String,
}

impl Node {
    /// Awaits the word of each partner that had something which a recall takes back; not of the one
    /// that sent the recall. What is erased gets no number any more, so nobody is added later.
    pub(crate) fn await_obeyed(
        moment: &mut Moment<'_, '_>,
        recall: Seq,
        from: Option<&NodeId>,
    ) -> Result<(), StoreError> {
        let reading = moment.tx.reading();
        let meant = reading.meant_by(recall)?;
        let mut had = Vec::new();
        for outlet in if meant.is_empty() { Vec::new() } else { reading.outlets()? } {
            let Some(partner) = link_of(&outlet.key).filter(|node| Some(node) != from) else {
                continue;
            };
            if !had.contains(&partner) && has_any(&reading, &outlet, &meant)? {
                had.push(partner);
            }
        }
        for partner in had {
            moment.tx.put_awaited(&Awaited {
                recall,
                partner,
                said: None,
                passed: 0,
                since: moment.now,
                applied: None,
                purged: None,
                through: None,
                done: false,
                told: false,
            })?;
        }
        Ok(())
    }

    /// A recall came from a partner, for the first time or again: it hears how far this node is.
    pub(crate) fn owe_obeyed(
        &mut self,
        moment: &mut Moment<'_, '_>,
        partner: &NodeId,
        recall: Seq,
    ) -> Result<(), StoreError> {
        self.hurried = true;
        moment.tx.owe(recall, partner, moment.now)
    }

    /// Says a bounded part of what is owed and new; the rest follows at the next tick.
    // CRASH: what is said and what is remembered as said are one commit, and whether the purge is
    // through is asked of the store, which remembers it over a restart.
    pub(crate) fn say_obeyed(&mut self, moment: &mut Moment<'_, '_>) -> Result<(), StoreError> {
        let purged = self.unpurged.is_none() && !moment.tx.is_purge_wanted()?;
        let due = moment.tx.reading().owed_now(purged, OBEYED_STEP)?;
        self.hurried |= due.len() >= OBEYED_STEP;
        let mut words: BTreeMap<NodeId, Vec<ObeyedLine>> = BTreeMap::new();
        for mut owed in due {
            let stand = stand(&moment.tx.reading(), &owed, purged, moment.now)?;
            let mut waits = false;
            if let Some(stand) = stand {
                waits = stand.waits;
                if owed.said.is_none_or(|said| said < stand.line.stage) {
                    owed.said = Some(stand.line.stage);
                    words.entry(owed.giver).or_default().push(stand.line);
                }
            }
            moment.tx.put_owed(&owed, waits)?;
        }
        for (giver, lines) in words {
            if Self::partner(&moment.tx.reading(), &giver)?.is_some() {
                self.tell_obeyed(moment, giver, lines)?;
            }
        }
        Ok(())
    }

    /// Signs the word to this partner alone, in a circle of this node's own that no other sees.
    fn tell_obeyed(
        &mut self,
        moment: &mut Moment<'_, '_>,
        to: NodeId,
        lines: Vec<ObeyedLine>,
    ) -> Result<(), StoreError> {
        let uuid = uuid::Builder::from_random_bytes(moment.bytes()).into_uuid();
        let thing = ThingId { kind: Kind::ours(OBEYED), uuid };
        let circle = ledger_of(&self.me.node());
        let label = Label { to: Some([to].into()), hops: 0, ..Label::new(Tlp::Green, circle) };
        let body = Obeyed { lines }.write();
        self.state(moment, thing, "1".to_owned(), label, (body, &Facts::default()))?;
        Ok(())
    }

    /// A partner says how far it has come. Only its own word to this node counts, about recalls that
    /// it was sent from here; one that says nothing new is not kept.
    pub(crate) fn hear_obeyed(
        &mut self,
        moment: &mut Moment<'_, '_>,
        (partner, hop): (&Partner, u8),
        ready: &Ready,
    ) -> Result<Result<Option<Seq>, Problem>, StoreError> {
        let refuse = |message: &str| Problem::error("E-LINK-044", message.to_owned());
        let (header, me) = (ready.sealed.header(), self.me.node());
        let meant = header.label.to.as_ref().is_some_and(|to| to.iter().eq([&me]));
        if header.signer != partner.node || hop != 1 || !meant {
            return Ok(Err(refuse("how far a recall is obeyed is its sender's own word")));
        }
        let text = std::str::from_utf8(ready.sealed.body()).unwrap_or_default();
        let Ok(word) = Obeyed::read(text) else {
            return Ok(Err(refuse("not a word on recalls that can be read")));
        };
        let mut news = Vec::new();
        let mut outlets = moment.tx.reading().outlets()?;
        outlets.retain(|outlet| link_of(&outlet.key) == Some(partner.node));
        for line in &word.lines {
            let Some(recall) = sent(&moment.tx.reading(), &outlets, line)? else {
                return Ok(Err(refuse("about a recall that was never sent there")));
            };
            news.push((recall, *line));
        }
        if let Some(seq) = self.held_as(moment, ready)? {
            return Ok(Ok(Some(seq)));
        }
        let mut new = false;
        for ((recall, mode), line) in news {
            new |= self.come_further(moment, (recall, mode), (&partner.node, &line))?;
        }
        if !new {
            return Ok(Ok(None));
        }
        let from = Some((partner.node, hop));
        self.append(moment, &ready.sealed, &ready.facts, &ready.values, from).map(Some).map(Ok)
    }

    /// Whether a line says more than was known.
    fn come_further(
        &mut self,
        moment: &mut Moment<'_, '_>,
        (recall, mode): (Seq, RecallMode),
        (partner, line): (&NodeId, &ObeyedLine),
    ) -> Result<bool, StoreError> {
        // Who never had the record is sent the recall all the same where its label allows that.
        let Some(mut known) = moment.tx.reading().awaited_of(recall, partner)? else {
            return Ok(false);
        };
        if known.said.is_some_and(|said| said >= line.stage) {
            return Ok(false);
        }
        let at = Some(line.at.min(moment.now));
        match line.stage {
            Stage::Applied => known.applied = at,
            Stage::Purged => known.purged = at,
            Stage::Through => known.through = at,
        }
        (known.said, known.passed) = (Some(line.stage), line.passed);
        known.done = ends(mode, line.stage, line.passed);
        moment.tx.put_awaited(&known)?;
        if known.done {
            self.hurried |= moment.tx.look_at_owed(recall)?;
        }
        Ok(true)
    }

    /// A person told a reader of a recall: it is noted who, whom and when.
    pub(crate) fn tell(
        &mut self,
        moment: &mut Moment<'_, '_>,
        telling: &Telling,
    ) -> Result<Answer, StoreError> {
        let reading = moment.tx.reading();
        let me = self.me.node();
        let words = recalls(&reading, me, &telling.thing)?;
        if words.is_empty() {
            return Ok(Answer::Refused(
                Problem::error("E-RECALL-002", "this node has recalled no such record")
                    .hint("`entente recalls` shows what it has recalled"),
            ));
        }
        let mut named = false;
        let partner = reading.partners()?.into_iter().find(|one| one.name == telling.reader);
        for (word, _) in words {
            let reading = moment.tx.reading();
            let readers = crate::reads::readers_of(&reading, &reading.meant_by(word.seq)?)?;
            let told = Told { who: telling.who.clone(), at: moment.now };
            for reader in readers.iter().filter(|reader| reader.name == telling.reader) {
                named = true;
                moment.tx.put_told(word.seq, &reader.reader, &told)?;
            }
            let Some(partner) = &partner else { continue };
            if let Some(line) = moment.tx.reading().awaited_of(word.seq, &partner.node)? {
                named = true;
                moment.tx.put_awaited(&Awaited { told: true, ..line })?;
            }
        }
        if !named {
            return Ok(Answer::Refused(
                Problem::error("E-RECALL-003", "no reader of that name was given it")
                    .hint("`entente recalls ID` shows who is to be told"),
            ));
        }
        let (thing, reader) = (&telling.thing, formats::problem::shown(&telling.reader));
        let text = match telling.why.as_str() {
            "" => format!("told {reader} that {thing} is recalled"),
            why => format!("told {reader} that {thing} is recalled: {why}"),
        };
        let (about, who) = ("recall".to_owned(), telling.who.clone());
        self.note(moment, &Note { about, who, code: None, text })?;
        Ok(Answer::Done)
    }
}

/// Where this node stands with a recall.
struct Stand {
    line: ObeyedLine,
    /// The purge is not through.
    waits: bool,
}

fn stand(
    reading: &Reading<'_>,
    owed: &Owed,
    purged: bool,
    now: Instant,
) -> Result<Option<Stand>, StoreError> {
    let Some((row, Recall { mode, .. })) = recall_at(reading, owed.recall)? else {
        return Ok(None);
    };
    // Who sent it later hears nothing of those behind: its own sender does, and rings do not wait
    // for themselves.
    let behind = if owed.first { reading.awaited(owed.recall)? } else { Vec::new() };
    let waits = mode == RecallMode::Erase && !purged;
    let mine = if mode == RecallMode::Erase { Stage::Purged } else { Stage::Applied };
    let stage = match () {
        () if waits => Stage::Applied,
        () if !behind.is_empty() && behind.iter().all(|line| line.done) => Stage::Through,
        () => mine,
    };
    let passed = u64::try_from(behind.len()).unwrap_or(u64::MAX);
    let at = if stage == Stage::Applied { owed.since } else { now };
    let line = ObeyedLine { signer: row.signer, recall: row.thing.uuid, stage, at, passed };
    Ok(Some(Stand { line, waits }))
}

/// Whether nothing more is to come after this.
fn ends(mode: RecallMode, stage: Stage, passed: u64) -> bool {
    match (stage, mode) {
        (Stage::Through, _) => true,
        (Stage::Purged, _) | (Stage::Applied, RecallMode::Stop) => passed == 0,
        (Stage::Applied, RecallMode::Erase) => false,
    }
}

/// The recall that a line is about, if a number in these outlets stands for it.
fn sent(
    reading: &Reading<'_>,
    outlets: &[Outlet],
    line: &ObeyedLine,
) -> Result<Option<(Seq, RecallMode)>, StoreError> {
    let thing = ThingId { kind: Kind::ours(RECALL), uuid: line.recall };
    for seq in reading.by_thing(&thing)? {
        let Some((row, Recall { mode, .. })) = recall_at(reading, seq)? else { continue };
        if row.signer != line.signer {
            continue;
        }
        for outlet in outlets {
            if reading.place_of(outlet.id, seq)?.is_some() {
                return Ok(Some((seq, mode)));
            }
        }
    }
    Ok(None)
}

fn has_any(reading: &Reading<'_>, outlet: &Outlet, entries: &[Seq]) -> Result<bool, StoreError> {
    for seq in entries {
        if reading.place_of(outlet.id, *seq)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
