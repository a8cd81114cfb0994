//! Withdrawing from one partner by number: a person's word about one record, and what this node does
//! when a partner takes back what it gave. An entry goes when nobody gives it any more and this
//! node did not make it; it is not barred, and comes back when somebody numbers it anew.
//!
//! A recall is another thing: it is the signer's, and for everybody.

use crate::apply::{Moment, Node};
use crate::command::Answer;
use crate::effect::Effect;
use crate::link::Ready;
use crate::outlet::link_key;
use crate::rebuild::facts_of;
use formats::problem::Problem;
use model::id::{NodeId, ThingId};
use model::limits::WITHDRAWN_ERASED_MAX;
use model::statement::WithdrawRange;
use model::time::Instant;
use store::{Partner, Reading, Seq, StoreError};

/// Between two purges of what is being erased: each costs as much as writing the write-ahead log.
const PURGE_SECONDS: i64 = 30;
/// The setting that says whether a purge is owed.
const UNPURGED: &str = "unpurged";

impl Node {
    /// A person withdraws a record from one partner: every entry of it that the partner was sent. No
    /// widening gives it back; a new version is another record.
    pub(crate) fn withdraw(
        &mut self,
        moment: &mut Moment<'_, '_>,
        thing: &ThingId,
        partner: NodeId,
    ) -> Result<Answer, StoreError> {
        let reading = moment.tx.reading();
        if Self::partner(&reading, &partner)?.is_none() {
            return Ok(Answer::Refused(
                Problem::error("E-PARTNER-001", "there is no such partner")
                    .hint("`entente partner list` shows those that there are"),
            ));
        }
        let key = link_key(&partner);
        let outlet = reading.outlet(&key)?;
        let mut sent = Vec::new();
        if let Some(outlet) = &outlet {
            for seq in reading.by_thing(thing)? {
                let there = reading.row(seq)?.is_some_and(|row| !row.erased);
                if there && !reading.numbers_of(outlet.id, seq)?.is_empty() {
                    sent.push(seq);
                }
            }
        }
        let Some(outlet) = outlet.filter(|_| !sent.is_empty()) else {
            return Ok(Answer::Refused(
                Problem::error("E-RECORD-006", "it was never sent there")
                    .hint("`entente who ID` shows who may have it"),
            ));
        };
        for seq in &sent {
            moment.tx.keep_back(&outlet.key, *seq)?;
        }
        let numbers = self.withdraw_entry(moment, &key, &sent)?;
        moment.effects.push(Effect::Wake);
        Ok(Answer::Withdrawn { numbers })
    }

    /// A person lifts what was withdrawn from a partner by hand: it may be sent there again, if
    /// labels and cards allow it, under a new number.
    pub(crate) fn lift(
        &mut self,
        moment: &mut Moment<'_, '_>,
        thing: &ThingId,
        partner: NodeId,
    ) -> Result<Answer, StoreError> {
        let key = link_key(&partner);
        let mut lifted = 0;
        for seq in moment.tx.reading().by_thing(thing)? {
            let reading = moment.tx.reading();
            let Some(row) = reading.row(seq)?.filter(|row| !row.erased) else { continue };
            if reading.is_kept_back(&key, seq)? {
                moment.tx.let_go_again(&key, seq)?;
                Self::open_again(moment, &key, row.label.circle, seq)?;
                lifted += 1;
            }
        }
        if lifted == 0 {
            return Ok(Answer::Refused(
                Problem::error("E-RECORD-007", "nobody withdrew it from there")
                    .hint("`entente who ID` shows why a partner does not have it"),
            ));
        }
        moment.effects.push(Effect::Wake);
        Ok(Answer::Lifted { records: lifted })
    }

    /// A partner takes back by number what it gave. Only its own word about its own numbers counts,
    /// and it counts whenever it comes, also when it comes again.
    pub(crate) fn forget(
        &mut self,
        moment: &mut Moment<'_, '_>,
        (partner, hop): (&Partner, u8),
        ready: &Ready,
    ) -> Result<Result<Option<Seq>, Problem>, StoreError> {
        let refuse = |message: &str| Problem::error("E-LINK-042", message.to_owned());
        let header = ready.sealed.header();
        let me = self.me.node();
        let meant = header.label.to.as_ref().is_some_and(|to| to.contains(&me));
        if header.signer != partner.node || hop != 1 || !meant {
            return Ok(Err(refuse("a withdrawal by number is its sender's own word to this node")));
        }
        let text = std::str::from_utf8(ready.sealed.body()).unwrap_or_default();
        let Ok(word) = WithdrawRange::read(text) else {
            return Ok(Err(refuse("not a withdrawal by number that can be read")));
        };
        for (first, count) in &word.ranges {
            for run in moment.tx.take_arrivals((&partner.node, &word.epoch), *first, *count)? {
                moment.tx.put_leaving(&partner.node, run)?;
            }
        }
        // A batch may bring a thousand such words: what they let go of is erased in steps, one a
        // commit (`arrive`, `tick`).
        (self.leaving, self.hurried) = (true, true);
        if let Some(seq) = self.held_as(moment, ready)? {
            return Ok(Ok(Some(seq)));
        }
        if !self.quotas.place() {
            // It is obeyed, and not kept.
            return Ok(Ok(None));
        }
        let from = Some((partner.node, hop));
        self.append(moment, &ready.sealed, &ready.facts, &ready.values, from).map(Some).map(Ok)
    }

    /// A bounded part of what givers withdrew: who is given by nobody any more is erased.
    // CRASH: what is not judged yet stays on the list, which was committed with the word.
    pub(crate) fn let_leave(&mut self, moment: &mut Moment<'_, '_>) -> Result<(), StoreError> {
        let taken = moment.tx.take_leaving(WITHDRAWN_ERASED_MAX)?;
        for (partner, seq) in taken {
            self.judge(moment, &partner, seq)?;
        }
        let more = moment.tx.reading().is_anything_leaving()?;
        self.leaving = more;
        self.hurried |= more;
        let due = |since: Instant| since.plus_seconds(PURGE_SECONDS) <= moment.now;
        let more = more || self.retention.is_under_way();
        if self.unpurged.is_some_and(|since| !more || due(since)) {
            self.ask_for_purge(moment)?;
        }
        Ok(())
    }

    /// Remembers that something was erased and is to be purged, also over a crash.
    // CRASH: the wish is one commit with what was erased.
    pub(crate) fn owe_purge(&mut self, moment: &mut Moment<'_, '_>) -> Result<(), StoreError> {
        if self.unpurged.is_none() {
            self.unpurged = Some(moment.now);
            moment.tx.put_setting(UNPURGED, &[1])?;
        }
        Ok(())
    }

    /// Asks the store for the purge that is owed, if one is.
    pub(crate) fn ask_for_purge(&mut self, moment: &mut Moment<'_, '_>) -> Result<(), StoreError> {
        if self.unpurged.take().is_some() {
            moment.tx.put_setting(UNPURGED, &[0])?;
            moment.tx.want_purge()?;
        }
        Ok(())
    }

    fn judge(
        &mut self,
        moment: &mut Moment<'_, '_>,
        partner: &NodeId,
        seq: Seq,
    ) -> Result<(), StoreError> {
        // What it gave in another life of its numbering it cannot name any more, and means as well.
        let life = moment.tx.reading().cursor(partner)?.map(|cursor| cursor.epoch);
        if moment.tx.forget_giver(seq, partner, life.as_ref())? {
            // It was given under very many numbers: the rest with another commit.
            return moment.tx.put_leaving(partner, (seq, 1));
        }
        let reading = moment.tx.reading();
        let Some(light) = reading.light(seq)? else { return Ok(()) };
        let own = light.via_id == 0 || reading.kind_of(light.kind_id)?.is_word();
        if light.erased || own || !reading.givers(seq)?.is_empty() {
            return Ok(());
        }
        self.let_go_of(moment, seq)
    }

    /// Erases an entry that nobody took back everywhere; the purge is asked for once, later.
    pub(crate) fn let_go_of(
        &mut self,
        moment: &mut Moment<'_, '_>,
        seq: Seq,
    ) -> Result<(), StoreError> {
        moment.effects.extend([Effect::Unwatch(seq), Effect::Wake]);
        self.remember_place(moment, seq)?;
        if moment.tx.strip(seq, &mut facts_of)? {
            self.owe_purge(moment)?;
        }
        Ok(())
    }
}

/// What was erased and not purged when the node stopped or its last batch was not committed: due at
/// once.
pub(crate) fn unpurged(reading: &Reading<'_>) -> Result<Option<Instant>, StoreError> {
    let owed = reading.setting(UNPURGED)?.is_some_and(|owed| owed == [1]);
    Ok(owed.then_some(Instant::from_micros(0)))
}
