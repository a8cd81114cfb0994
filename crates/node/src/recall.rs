//! Taking back: hide in one collection, withdraw from a link, recall everywhere, relabel. Each is a
//! signed record of its own, so that it is sent, proven and receipted like any other.

use crate::apply::{Moment, Node};
use crate::command::{Answer, Submitter};
use crate::effect::Effect;
use crate::link::Ready;
use crate::outlet::{audience_keys, link_key};
use crate::question::is_silenced;
use crate::read;
use crate::rebuild::facts_of;
use crate::release::placed;
use crate::word::{About, Word, named};
use formats::problem::Problem;
use model::facts::Facts;
use model::id::{CircleId, Digest, IntakeId, NodeId, ThingId};
use model::kind::{Kind, QUESTION, RECALL, RELABEL, WITHDRAW};
use model::label::{Label, Tlp};
use model::limits::LET_GO_PLACES_MAX;
use model::record::{Authorship, Header};
use model::seal::hmac;
use model::statement::{Recall, RecallMode, Relabel, Subject, Withdraw};
use model::time::Instant;
use policy::{Placed, decide};
use store::{Partner, Reading, Row, Seq, StoreError};

impl Node {
    /// A TAXII DELETE: hides entries from all readers of the collection and withdraws them from
    /// the circle's partners. Only what the same token submitted; the caller has checked rights.
    pub(crate) fn hide(
        &mut self,
        moment: &mut Moment<'_, '_>,
        submitter: &Submitter,
        circle: CircleId,
        entries: &[Seq],
    ) -> Result<Answer, StoreError> {
        let mut rows = Vec::new();
        for seq in entries {
            match self.submitted(moment, submitter.intake, circle, *seq)? {
                Some(row) => rows.push(row),
                None => {
                    let problem = Problem::error(
                        "E-TAXII-403",
                        "only its own submitter may delete an object",
                    );
                    return Ok(Answer::Refused(problem));
                }
            }
        }
        for row in rows {
            moment.tx.hide(&circle, row.seq)?;
            moment.effects.push(Effect::Unwatch(row.seq));
            let subject = subject(&row);
            let signed = self.after(moment, About::Withdraw, &row)?;
            let now = std::mem::replace(&mut moment.now, signed);
            let body = Withdraw { signer: row.signer, subject: subject.clone() }.write();
            let under = self.freest(moment, &row)?;
            let word = Word { signed: moment.now, tlp: under.tlp, freest: under.tlp };
            self.say(moment, WITHDRAW, &under, body)?;
            self.put_word(moment, About::Withdraw, (&row.signer, &circle, &subject), word)?;
            moment.now = now;
        }
        Ok(Answer::Done)
    }

    /// The entry itself if this intake brought it, or what it brought of the same version where
    /// another's copy is the one that a collection shows.
    fn submitted(
        &self,
        moment: &Moment<'_, '_>,
        intake: IntakeId,
        circle: CircleId,
        seq: Seq,
    ) -> Result<Option<Row>, StoreError> {
        let reading = moment.tx.reading();
        let own = |row: &Row| {
            row.authorship == Authorship::Carries(intake)
                && row.signer == self.me.node()
                && row.label.circle == circle
                && !row.erased
        };
        let Some(shown) = reading.row(seq)? else { return Ok(None) };
        if own(&shown) {
            return Ok(Some(shown));
        }
        for seq in reading.by_thing(&shown.thing)? {
            let row = reading.row(seq)?.filter(own).filter(|row| row.version == shown.version);
            if row.is_some() && !reading.is_hidden(&circle, seq)? {
                return Ok(row);
            }
        }
        Ok(None)
    }

    /// A signer takes its own record back, everywhere and for good.
    pub(crate) fn recall(
        &mut self,
        moment: &mut Moment<'_, '_>,
        thing: &ThingId,
        mode: RecallMode,
        reason: &str,
    ) -> Result<Answer, StoreError> {
        let said = read::recalls(&moment.tx.reading(), self.me.node(), thing)?;
        let mut mine = self.mine(&moment.tx.reading(), thing)?;
        mine.retain(|row| !said.iter().any(|(word, recall)| covers(word, recall, row, mode)));
        if mine.is_empty() {
            let first = said.iter().map(|(word, _)| word.signed).min();
            return Ok(first.map_or_else(not_mine, Answer::DoneBefore));
        }
        let mut digests = Vec::new();
        for row in mine {
            let recall = Recall { subject: subject(&row), mode, reason: reason.to_owned() };
            let under = self.freest(moment, &row)?;
            let (word, digest) = self.say(moment, RECALL, &under, recall.write())?;
            moment.tx.put_meant(word, row.seq)?;
            digests.push(digest);
            Self::await_obeyed(moment, word, None)?;
            self.bar_own(moment, row.label.circle, &recall.subject)?;
            self.obey(moment, &row, mode)?;
        }
        Ok(Answer::Statements(digests))
    }

    /// A signer gives its own record another traffic light: the only loosening there is.
    pub(crate) fn relabel(
        &mut self,
        moment: &mut Moment<'_, '_>,
        thing: &ThingId,
        tlp: Tlp,
    ) -> Result<Answer, StoreError> {
        let mine = self.mine(&moment.tx.reading(), thing)?;
        if mine.is_empty() {
            return Ok(not_mine());
        }
        let above = mine.iter().any(|row| {
            self.circles.by_id(&row.label.circle).is_none_or(|circle| tlp > circle.ceiling)
        });
        if above {
            let problem = Problem::error("E-LABEL-001", "above the circle's ceiling")
                .hint("`entente circle list` shows each circle's ceiling");
            return Ok(Answer::Refused(problem));
        }
        let mut digests = Vec::new();
        for row in mine {
            // Whoever gives it a traffic light has judged the marking that was not known here.
            let label = Label { tlp, unknown: false, ..row.label.as_ref().clone() };
            let relabel = Relabel { subject: subject(&row), tlp };
            let before = self.freest(moment, &row)?;
            let signed = self.after(moment, About::Relabel, &row)?;
            let now = std::mem::replace(&mut moment.now, signed);
            // Sent under the loosest of its labels: who has it, or may have it from now on, must
            // learn of it.
            let under = Label { tlp: tlp.min(before.tlp), unknown: false, ..before };
            let (place, digest) = self.say(moment, RELABEL, &under, relabel.write())?;
            if tightens(tlp, &row) {
                moment.tx.put_meant(place, row.seq)?;
            }
            digests.push(digest);
            let about = (&row.signer, &row.label.circle, &relabel.subject);
            let word = Word { signed: moment.now, tlp, freest: under.tlp };
            self.put_word(moment, About::Relabel, about, word)?;
            moment.now = now;
            self.set_label(moment, &row, &label)?;
        }
        Ok(Answer::Statements(digests))
    }

    /// When a word about a row is signed: after the row and after the last such word, also when the
    /// clock was set back, or partners would take it for an older one.
    fn after(
        &self,
        moment: &Moment<'_, '_>,
        about: About,
        row: &Row,
    ) -> Result<Instant, StoreError> {
        let key = (&row.signer, &row.label.circle, &subject(row));
        let word = self.word(&moment.tx.reading(), about, key)?;
        let last = word.map_or(row.signed, |word| word.signed.plus_micros(1));
        Ok(moment.now.max(row.signed).max(last))
    }

    /// A row's label with the freest traffic light that it ever had.
    fn freest(&self, moment: &Moment<'_, '_>, row: &Row) -> Result<Label, StoreError> {
        let label = row.label.as_ref().clone();
        let about = (&row.signer, &label.circle, &subject(row));
        let word = self.word(&moment.tx.reading(), About::Relabel, about)?;
        let now = label.effective_tlp();
        Ok(Label { tlp: word.map_or(now, |word| word.freest.min(now)), ..label })
    }

    /// Our own records about a thing that are still there.
    fn mine(&self, reading: &Reading<'_>, thing: &ThingId) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        for seq in reading.by_thing(thing)? {
            rows.extend(
                reading.row(seq)?.filter(|row| row.signer == self.me.node() && !row.erased),
            );
        }
        Ok(rows)
    }

    /// Signs and appends a statement about a record, under that record's label.
    fn say(
        &mut self,
        moment: &mut Moment<'_, '_>,
        kind: &'static str,
        label: &Label,
        body: String,
    ) -> Result<(Seq, Digest), StoreError> {
        let uuid = uuid::Builder::from_random_bytes(moment.bytes()).into_uuid();
        let thing = ThingId { kind: Kind::ours(kind), uuid };
        // Nobody hears of a record that was never released to it: embargo and unknown marking hold
        // for what is said about it as well.
        let (tlp, hops) = (label.effective_tlp(), label.effective_hops());
        let label = Label { tlp, hops, unknown: false, ..label.clone() };
        let (seq, sealed) =
            self.state(moment, thing, "1".to_owned(), label, (body, &Facts::default()))?;
        Ok((seq, sealed.digest()))
    }

    /// Appends what a partner brought and obeys it where it is one of our own kinds.
    pub(crate) fn admitted(
        &mut self,
        moment: &mut Moment<'_, '_>,
        partner: &Partner,
        hop: u8,
        ready: &Ready,
    ) -> Result<Result<Seq, Problem>, StoreError> {
        let header = ready.sealed.header();
        let Some(said) = Said::read(ready) else {
            let problem = Problem::error("E-LINK-027", "not a statement that can be read");
            return Ok(Err(problem));
        };
        if let Some(problem) = self.misasked(&moment.tx.reading(), (partner, hop), ready)? {
            return Ok(Err(problem));
        }
        // First its place: what it means is remembered by that, and may then be erased.
        let from = Some((partner.node, hop));
        let seq = self.append(moment, &ready.sealed, &ready.facts, &ready.values, from)?;
        match said {
            Said::Recall(recall) => {
                self.obey_recall(moment, (seq, header), &recall)?;
            }
            Said::Relabel(relabel) => self.obey_relabel(moment, (seq, header), &relabel)?,
            Said::Withdraw(withdraw) => self.obey_withdraw(moment, header, &withdraw)?,
            Said::Nothing => {}
        }
        self.late_word(moment, seq, header)?;
        if header.thing.kind.as_str() == "stix/sighting" {
            moment.effects.push(Effect::Sighted { seq, by: header.signer });
        }
        let asks = header.thing.kind.as_str() == QUESTION;
        if asks && !is_silenced(&moment.tx.reading(), &header.signer, moment.now)? {
            moment.effects.push(Effect::Asked { seq });
        }
        Ok(Ok(seq))
    }

    /// Appends what this node itself signed and had lost, and obeys it where it is a word about
    /// records; false when it cannot be read.
    pub(crate) fn word_came_back(
        &mut self,
        moment: &mut Moment<'_, '_>,
        ready: &Ready,
    ) -> Result<bool, StoreError> {
        let header = ready.sealed.header();
        let Some(said) = Said::read(ready) else { return Ok(false) };
        let seq = self.append(moment, &ready.sealed, &ready.facts, &ready.values, None)?;
        match said {
            Said::Recall(recall) => {
                self.obey_recall(moment, (seq, header), &recall)?;
                self.bar_own(moment, header.label.circle, &recall.subject)?;
            }
            Said::Relabel(relabel) => self.obey_relabel(moment, (seq, header), &relabel)?,
            Said::Withdraw(withdraw) if withdraw.signer == header.signer => {
                let about = (&header.signer, &header.label.circle, &withdraw.subject);
                let tlp = header.label.tlp;
                let word = Word { signed: header.signed, tlp, freest: tlp };
                self.put_word(moment, About::Withdraw, about, word)?;
                let rows = self::about(&moment.tx.reading(), header, about.0, &withdraw.subject)?;
                for row in rows.iter().filter(|row| row.signed <= header.signed) {
                    moment.tx.hide(&row.label.circle, row.seq)?;
                    moment.effects.push(Effect::Unwatch(row.seq));
                }
            }
            Said::Withdraw(_) | Said::Nothing => {}
        }
        self.late_word(moment, seq, header)?;
        Ok(true)
    }

    /// Remembers, under a key, where a record stood that is let go of: whoever had it from here must
    /// hear what its signer says of it.
    pub(crate) fn remember_place(
        &self,
        moment: &mut Moment<'_, '_>,
        seq: Seq,
    ) -> Result<(), StoreError> {
        let Some(row) = moment.tx.reading().row(seq)?.filter(|row| !row.erased) else {
            return Ok(());
        };
        let mac = self.subject_mac(&row.signer, &row.label.circle, &subject(&row));
        let known = moment.tx.reading().let_go(&mac)?;
        if known.len() < LET_GO_PLACES_MAX {
            return moment.tx.put_let_go(&mac, 0, seq);
        }
        // Who has it come and go a thousand times gets no row for each: one for each outlet is
        // enough to know to whom a word about it goes.
        for outlet in moment.tx.reading().outlets()? {
            let new = known.iter().all(|(other, _)| *other != outlet.id);
            if new && moment.tx.reading().place_of(outlet.id, seq)?.is_some() {
                moment.tx.put_let_go(&mac, outlet.id, seq)?;
            }
        }
        Ok(())
    }

    /// A word means what was let go of here as well: it follows that to whom it went.
    fn mean_gone(
        &self,
        moment: &mut Moment<'_, '_>,
        (place, header): (Seq, &Header),
        subject: &Subject,
    ) -> Result<(), StoreError> {
        let mac = self.subject_mac(&header.signer, &header.label.circle, subject);
        if moment.tx.reading().was_let_go(&mac)? {
            moment.tx.put_meant_gone(place, &mac)?;
        }
        Ok(())
    }

    /// Whether a signer takes back, wholly or in part, a record of its own that this node holds, or
    /// held and let go of. Then its word is heard from whomever it comes.
    pub(crate) fn takes_back_held(
        &self,
        reading: &Reading<'_>,
        ready: &Ready,
    ) -> Result<bool, StoreError> {
        let header = ready.sealed.header();
        let about = |subject: &Subject| about(reading, header, &header.signer, subject);
        let gone = |subject: &Subject| {
            let mac = self.subject_mac(&header.signer, &header.label.circle, subject);
            reading.was_let_go(&mac)
        };
        Ok(match Said::read(ready) {
            Some(Said::Recall(recall)) => {
                !about(&recall.subject)?.is_empty() || gone(&recall.subject)?
            }
            Some(Said::Relabel(relabel)) => {
                about(&relabel.subject)?.iter().any(|row| tightens(relabel.tlp, row))
                    || is_tightening(header, &relabel) && gone(&relabel.subject)?
            }
            Some(Said::Withdraw(_) | Said::Nothing) | None => false,
        })
    }

    /// Whether a word makes room, or has to be obeyed however full it is: it takes back what is here.
    pub(crate) fn makes_room(
        &self,
        reading: &Reading<'_>,
        ready: &Ready,
    ) -> Result<bool, StoreError> {
        let header = ready.sealed.header();
        if let Some(Said::Withdraw(withdraw)) = Said::read(ready) {
            return Ok(!about(reading, header, &header.signer, &withdraw.subject)?.is_empty());
        }
        self.takes_back_held(reading, ready)
    }

    /// Whether a word takes back, wholly or in part, and its signer is or was one who may say so.
    pub(crate) fn may_take_back(&self, ready: &Ready) -> bool {
        let header = ready.sealed.header();
        let takes_back = match Said::read(ready) {
            Some(Said::Recall(_)) => true,
            Some(Said::Relabel(relabel)) => is_tightening(header, &relabel),
            Some(Said::Withdraw(_) | Said::Nothing) | None => false,
        };
        takes_back && self.circles.was_member(&header.label.circle, &header.signer)
    }

    /// A recall that is not kept, since nothing of it is held: what it means must not come all the
    /// same. Only of who is, or once was, a member; a stranger's would fill the disk.
    pub(crate) fn bar_ahead(
        &self,
        moment: &mut Moment<'_, '_>,
        ready: &Ready,
    ) -> Result<(), StoreError> {
        let header = ready.sealed.header();
        if let Some(Said::Recall(recall)) = Said::read(ready)
            && self.circles.was_member(&header.label.circle, &header.signer)
        {
            self.bar(moment, header, &recall.subject)?;
        }
        Ok(())
    }

    /// A signer's new traffic light, unless a newer word of it is known already.
    fn obey_relabel(
        &mut self,
        moment: &mut Moment<'_, '_>,
        (place, header): (Seq, &Header),
        relabel: &Relabel,
    ) -> Result<(), StoreError> {
        let about = (&header.signer, &header.label.circle, &relabel.subject);
        let known = self.word(&moment.tx.reading(), About::Relabel, about)?;
        if known.is_some_and(|known| known.signed > header.signed) {
            return Ok(());
        }
        let freest = known.map_or(relabel.tlp, |known| known.freest.min(relabel.tlp));
        let word = Word { signed: header.signed, tlp: relabel.tlp, freest };
        self.put_word(moment, About::Relabel, about, word)?;
        if relabel.tlp < Tlp::Red {
            self.freed.insert(header.signer);
        }
        if is_tightening(header, relabel) {
            self.mean_gone(moment, (place, header), &relabel.subject)?;
        }
        for row in self::about(&moment.tx.reading(), header, &header.signer, &relabel.subject)? {
            if row.signed <= header.signed {
                if tightens(relabel.tlp, &row) {
                    moment.tx.put_meant(place, row.seq)?;
                }
                self.obey_word(moment, &row, relabel.tlp)?;
            }
        }
        Ok(())
    }

    /// A withdrawal counts when the record's own signer says so.
    fn obey_withdraw(
        &self,
        moment: &mut Moment<'_, '_>,
        header: &Header,
        withdraw: &Withdraw,
    ) -> Result<(), StoreError> {
        // Of what others signed, nobody remembers who else has released the one copy that is kept:
        // a relay that was first could else take from us what its signer still gives.
        if withdraw.signer == header.signer {
            let about = (&header.signer, &header.label.circle, &withdraw.subject);
            let known = self.word(&moment.tx.reading(), About::Withdraw, about)?;
            if known.is_none_or(|known| known.signed < header.signed) {
                let tlp = header.label.tlp;
                let word = Word { signed: header.signed, tlp, freest: tlp };
                self.put_word(moment, About::Withdraw, about, word)?;
            }
            let rows =
                self::about(&moment.tx.reading(), header, &header.signer, &withdraw.subject)?;
            for row in rows.iter().filter(|row| row.signed <= header.signed) {
                self.remember_place(moment, row.seq)?;
                self.obey(moment, row, RecallMode::Erase)?;
            }
        }
        Ok(())
    }

    /// What the signer had said about a record before the record came.
    fn late_word(
        &mut self,
        moment: &mut Moment<'_, '_>,
        seq: Seq,
        header: &Header,
    ) -> Result<(), StoreError> {
        if !self.is_spoken_of(&moment.tx.reading(), &header.thing)? {
            return Ok(());
        }
        let subject = named(header);
        let about = (&header.signer, &header.label.circle, &subject);
        let word = self.word(&moment.tx.reading(), About::Relabel, about)?;
        if let Some(word) = word.filter(|word| word.signed >= header.signed)
            && let Some(row) = moment.tx.reading().row(seq)?
        {
            self.obey_word(moment, &row, word.tlp)?;
        }
        Ok(())
    }

    /// The label of a record that comes, with the traffic light that its signer gave it since. Lines of
    /// a newer form, which we do not know, nobody frees.
    pub(crate) fn label_meant(
        &self,
        reading: &Reading<'_>,
        header: &Header,
    ) -> Result<Label, StoreError> {
        let label = header.effective_label();
        if label.effective_tlp() != Tlp::Red || !header.extra.is_empty() {
            return Ok(label);
        }
        if !self.is_spoken_of(reading, &header.thing)? {
            return Ok(label);
        }
        let subject = named(header);
        let about = (&header.signer, &header.label.circle, &subject);
        let word = self.word(reading, About::Relabel, about)?;
        Ok(match word.filter(|word| word.signed >= header.signed) {
            Some(word) => Label { tlp: word.tlp, unknown: false, ..label },
            None => label,
        })
    }

    /// Gives a partner's record the traffic light that its signer names. A marking that the signer
    /// did not know is judged with it; lines of a newer form, which we do not know, are not.
    fn obey_word(
        &mut self,
        moment: &mut Moment<'_, '_>,
        row: &Row,
        tlp: Tlp,
    ) -> Result<(), StoreError> {
        let mut label = Label { tlp, ..row.label.as_ref().clone() };
        if label.unknown {
            let header = moment.tx.reading().parts(row.seq)?.and_then(|parts| parts.read().ok());
            label.unknown = header.is_none_or(|record| !record.header().extra.is_empty());
        }
        self.set_label(moment, row, &label)
    }

    /// When a record that was withdrawn before is signed anew: after the withdrawal, also when the
    /// clock was set back, or partners would take it for the old one.
    pub(crate) fn after_withdrawal(
        &self,
        moment: &Moment<'_, '_>,
        header: &Header,
    ) -> Result<Instant, StoreError> {
        let subject = named(header);
        let about = (&header.signer, &header.label.circle, &subject);
        let word = self.word(&moment.tx.reading(), About::Withdraw, about)?;
        Ok(word.map_or(moment.now, |word| moment.now.max(word.signed.plus_micros(1))))
    }

    /// Whether its own signer withdrew a record after it was signed.
    pub(crate) fn is_withdrawn(
        &self,
        reading: &Reading<'_>,
        header: &Header,
    ) -> Result<bool, StoreError> {
        let subject = named(header);
        let about = (&header.signer, &header.label.circle, &subject);
        let word = self.word(reading, About::Withdraw, about)?;
        Ok(word.is_some_and(|word| word.signed >= header.signed))
    }

    /// Stops using a record, and erases it where that is asked.
    fn obey(
        &self,
        moment: &mut Moment<'_, '_>,
        row: &Row,
        mode: RecallMode,
    ) -> Result<(), StoreError> {
        moment.effects.push(Effect::Unwatch(row.seq));
        match mode {
            RecallMode::Erase => moment.tx.erase(row.seq, &mut facts_of)?,
            RecallMode::Stop => moment.tx.hide(&row.label.circle, row.seq)?,
        }
        moment.effects.push(Effect::Wake);
        Ok(())
    }

    /// Takes back what a recall means; it may not come again.
    fn obey_recall(
        &self,
        moment: &mut Moment<'_, '_>,
        (place, header): (Seq, &Header),
        recall: &Recall,
    ) -> Result<(), StoreError> {
        for row in about(&moment.tx.reading(), header, &header.signer, &recall.subject)? {
            moment.tx.put_meant(place, row.seq)?;
            self.obey(moment, &row, recall.mode)?;
        }
        self.mean_gone(moment, (place, header), &recall.subject)?;
        if recall.mode == RecallMode::Erase && moment.tx.reading().means_anything(place)? {
            // What was let go of before may wait for its purge still: that is this word's as well.
            moment.tx.want_purge()?;
        }
        let from = moment.tx.reading().row(place)?.and_then(|row| row.via);
        Self::await_obeyed(moment, place, from.as_ref())?;
        self.bar(moment, header, &recall.subject)
    }

    /// Remembers, under a key, what must not come back.
    fn bar(
        &self,
        moment: &mut Moment<'_, '_>,
        header: &Header,
        subject: &Subject,
    ) -> Result<(), StoreError> {
        let mac =
            self.bar_mac(&header.signer, &header.label.circle, &subject.thing, &subject.version);
        moment.tx.put_spoken_of(&self.spoken_mac(&subject.thing))?;
        moment.tx.put_erased_thing(&mac)
    }

    /// Remembers what this node itself took back: partners would refuse it under the same version.
    fn bar_own(
        &self,
        moment: &mut Moment<'_, '_>,
        circle: CircleId,
        subject: &Subject,
    ) -> Result<(), StoreError> {
        moment.tx.put_spoken_of(&self.spoken_mac(&subject.thing))?;
        moment.tx.put_erased_thing(&self.subject_mac(&self.me.node(), &circle, subject))
    }

    /// Whether this very intake brought what this node then recalled. Another's attempt must not
    /// tell it what was held here.
    pub(crate) fn is_recalled_here(
        &self,
        reading: &Reading<'_>,
        header: &Header,
    ) -> Result<bool, StoreError> {
        if !self.is_spoken_of(reading, &header.thing)? {
            return Ok(false);
        }
        let mac = self.subject_mac(&self.me.node(), &header.label.circle, &named(header));
        reading.is_erased_thing(&mac)
    }

    /// Whether a record was recalled before it came, or comes back.
    pub(crate) fn is_barred(
        &self,
        reading: &Reading<'_>,
        header: &Header,
    ) -> Result<bool, StoreError> {
        let mac =
            self.bar_mac(&header.signer, &header.label.circle, &header.thing, &header.version);
        reading.is_erased_thing(&mac)
    }

    fn bar_mac(
        &self,
        signer: &NodeId,
        circle: &CircleId,
        thing: &ThingId,
        version: &str,
    ) -> Digest {
        let text = format!("{signer}\n{circle}\n{thing}\n{version}");
        hmac(&self.me.local_key, &[text.as_bytes()])
    }

    /// Gives a row its new label, and lets every outlet of its circle look again.
    fn set_label(
        &mut self,
        moment: &mut Moment<'_, '_>,
        row: &Row,
        label: &Label,
    ) -> Result<(), StoreError> {
        moment.tx.relabel(row.seq, label)?;
        let circle = label.circle;
        let mut keys = audience_keys(&circle).to_vec();
        let members = self.circles.by_id(&circle).map(|c| c.members.as_slice()).unwrap_or_default();
        keys.extend(members.iter().map(|member| link_key(&member.node())));
        // Whether it opens has nothing to do with when: embargoes are looked at again by themselves.
        let end = Instant::from_micros(i64::MAX);
        for key in keys {
            let Some(reader) = self.outlet_reader(&moment.tx.reading(), &key)? else { continue };
            let may = |label| decide(&Placed { label, ..placed(row) }, &reader, end).released;
            let (before, now) = (may(&row.label), may(label));
            if now && !before {
                Self::open_again(moment, &key, circle, row.seq)?;
            }
            // Told at the end of the command, once for each outlet.
            let lost = self.lost.entry(key).or_default();
            if before && !now {
                lost.insert(row.seq);
            } else {
                lost.remove(&row.seq);
            }
        }
        moment.effects.push(Effect::Wake);
        Ok(())
    }

    /// Takes back what stricter labels of this command withhold: one word an outlet, however many
    /// records were relabelled.
    pub(crate) fn tell_lost(&mut self, moment: &mut Moment<'_, '_>) -> Result<(), StoreError> {
        for (key, entries) in std::mem::take(&mut self.lost) {
            if !entries.is_empty() {
                let entries: Vec<Seq> = entries.into_iter().collect();
                self.withdraw_entry(moment, &key, &entries)?;
            }
        }
        Ok(())
    }
}

/// What a record says about another.
enum Said {
    /// It is no word about a record.
    Nothing,
    Recall(Recall),
    Relabel(Relabel),
    Withdraw(Withdraw),
}

impl Said {
    /// `None` when it is of a kind that says something, and cannot be read.
    fn read(ready: &Ready) -> Option<Self> {
        let text = std::str::from_utf8(ready.sealed.body()).unwrap_or_default();
        match ready.sealed.header().thing.kind.as_str() {
            RECALL => Recall::read(text).ok().map(Self::Recall),
            RELABEL => Relabel::read(text).ok().map(Self::Relabel),
            WITHDRAW => Withdraw::read(text).ok().map(Self::Withdraw),
            _ => Some(Self::Nothing),
        }
    }
}

/// Whether a relabel is stricter than the freest traffic light that its record ever had, under which
/// it is sent.
fn is_tightening(header: &Header, relabel: &Relabel) -> bool {
    relabel.tlp > header.label.effective_tlp()
}

/// Whether a new traffic light is stricter than the one in force.
fn tightens(tlp: Tlp, row: &Row) -> bool {
    tlp > row.label.effective_tlp()
}

/// Whether a recall that was said before asks as much of a row that is still here.
fn covers(word: &Row, recall: &Recall, row: &Row, mode: RecallMode) -> bool {
    recall.mode == mode
        && recall.subject == subject(row)
        && word.label.circle == row.label.circle
        && word.signed >= row.signed
}

fn subject(row: &Row) -> Subject {
    Subject { thing: row.thing.clone(), version: row.version.clone(), authorship: row.authorship }
}

/// The rows that a statement is about: one signer's, in the statement's own circle.
fn about(
    reading: &Reading<'_>,
    header: &Header,
    signer: &NodeId,
    subject: &Subject,
) -> Result<Vec<Row>, StoreError> {
    let mut rows = Vec::new();
    for seq in reading.of_version(&subject.thing, &subject.version, signer)?.0 {
        let Some(row) = reading.row(seq)? else { continue };
        let meant = row.authorship == subject.authorship
            && row.label.circle == header.label.circle
            && !row.erased;
        if meant {
            rows.push(row);
        }
    }
    Ok(rows)
}

fn not_mine() -> Answer {
    Answer::Refused(
        Problem::error("E-RECORD-002", "this node has signed no such record")
            .hint("only a record's signer may recall or relabel it; `entente show ID` names it"),
    )
}
