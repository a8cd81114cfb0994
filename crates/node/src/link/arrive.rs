//! A partner's batch in the writer: all of it with its cursor and its receipt, or none of it.
//! A batch that came before is answered with the receipt that was recorded then.

use super::missed::{depends_on_bounds, depends_on_list};
use super::receive::{Arrival, Content, Line, Ready, proven, unproven_yet};
use super::send::{frontier_at, origin, standing};
use super::wire::{Receipt, RefusedEntry};
use crate::apply::{Moment, Node};
use crate::command::Answer;
use crate::effect::Effect;
use crate::keys::{keys_of, member_keys, own_keys};
use crate::outlet::link_key;
use crate::quota::{self, Cost};
use formats::problem::Problem;
use model::circle::Circle;
use model::id::{CircleId, Epoch, NodeId};
use model::keys::KeySet;
use model::kind::{CIRCLE, KEYS, OBEYED, RECALL, WITHDRAW_RANGE};
use model::label::Tlp;
use model::limits::{
    GIVEN_NUMBERS_MAX, HOPS_MAX, RIVALS_MAX, SIGNED_AHEAD_SECONDS_MAX, VERSIONS_MAX,
};
use model::note::Checkpoint;
use model::record::Header;
use std::collections::BTreeMap;
use store::{Cursor, GivenReceipt, HeldReceipt, Partner, Reading, Seq, StoreError};

impl Node {
    /// Applies a batch and gives its receipt.
    pub(crate) fn arrive(
        &mut self,
        moment: &mut Moment<'_, '_>,
        arrival: Arrival,
    ) -> Result<Answer, StoreError> {
        let Some(partner) = Self::partner(&moment.tx.reading(), &arrival.partner)? else {
            return Ok(refused("E-LINK-002", "not a partner of this node"));
        };
        let first = arrival.lines.first().map_or(0, |line| line.offset);
        let keys = keys_of(&moment.tx.reading(), &partner.key)?;
        let checkpoint = match self.checked(&arrival, &keys) {
            Ok(checkpoint) => checkpoint,
            Err(answer) => return Ok(answer),
        };
        let known = moment.tx.reading().cursor(&partner.node)?;
        if self.is_over(moment, known.as_ref(), &partner.node, &checkpoint.1)? {
            return Ok(refused("E-LINK-009", "this life of the numbering is over"));
        }
        let cursor =
            known.clone().filter(|cursor| checkpoint.1 == cursor.epoch).unwrap_or(Cursor {
                partner: partner.node,
                epoch: checkpoint.1,
                next: 0,
                frontier: Vec::new(),
            });
        if first < cursor.next {
            return self.repeated(moment, &cursor, (first, &checkpoint.0));
        }
        if first > cursor.next {
            return Ok(refused(
                "E-LINK-004",
                &format!("a gap: expected entry {}, got {first}", cursor.next),
            ));
        }
        let Some(frontier) = Self::grown(moment, &cursor, &arrival.lines)? else {
            return Ok(another_history());
        };
        if frontier.root() != checkpoint.0.root || frontier.size() != checkpoint.0.size {
            return Ok(refused("E-LINK-005", "the checkpoint is not over these entries"));
        }
        let allowed = self.quotas.of(self.circles.policies.take(&partner).quota);
        let cost = cost(&arrival.lines);
        // CRASH: nothing has changed yet; the partner keeps the batch and its cursor here stands.
        if let Err(seconds) = self.quotas.spend(partner.node, allowed, cost, moment.now) {
            return Ok(Answer::Later(seconds));
        }
        let held = moment.tx.held_from(&partner.node)?;
        self.quotas.room(allowed.records_held.saturating_sub(held));
        let count = arrival.lines.len();
        let list = |circle: &Circle| (circle.id, (circle.version, circle.ceiling));
        let lists = self.circles.all().map(list).collect();
        let stated = stated(&moment.tx.reading(), &arrival.lines)?;
        let refusals = self.apply_lines(moment, (&partner, &cursor), arrival.lines)?;
        let cosigned = checkpoint.0.cosign(&self.me.name, &self.me.key, moment.now);
        let receipt = Receipt::sign(cosigned, refusals, &self.me.key);
        let next = cursor.next + count as u64;
        // A list in this batch may have turned the cursor back: then it stays there.
        if moment.tx.reading().cursor(&partner.node)? == known {
            moment.tx.put_cursor(&Cursor { next, frontier: frontier.encode(), ..cursor })?;
        }
        self.read_what_was_missed(moment, &lists, &stated)?;
        moment.tx.put_given_receipt(&GivenReceipt {
            partner: partner.node,
            epoch: checkpoint.1,
            first,
            count: u32::try_from(count).unwrap_or(u32::MAX),
            text: receipt.write(),
        })?;
        if known.is_some_and(|known| known.epoch != checkpoint.1) {
            Self::began_anew(moment, &partner.node)?;
        }
        moment.effects.push(Effect::Wake);
        Ok(Answer::Receipt(receipt))
    }

    /// Begins again where records were refused for want of a list, of keys or of a freer traffic light
    /// that came since.
    fn read_what_was_missed(
        &mut self,
        moment: &mut Moment<'_, '_>,
        lists: &BTreeMap<CircleId, (u32, Tlp)>,
        stated: &BTreeMap<NodeId, Option<String>>,
    ) -> Result<(), StoreError> {
        for circle in self.circles.all() {
            let before = lists.get(&circle.id);
            if before.is_none_or(|(version, _)| *version != circle.version) {
                Self::read_missed(moment, &circle.id)?;
            }
            if before.is_none_or(|(_, ceiling)| *ceiling < circle.ceiling) {
                Self::read_missed_above(moment, &circle.id)?;
            }
        }
        for signer in std::mem::take(&mut self.freed) {
            Self::read_missed_red(moment, &signer)?;
        }
        for (node, before) in stated {
            // Keys that are the same prove no more than they did: it would come again without end.
            if moment.tx.reading().last_keys(node)? != *before {
                Self::read_missed_of(moment, node)?;
            }
        }
        Ok(())
    }

    /// Whether a life of a partner's numbering was left for another. Going back to it would have us
    /// sign two histories under one name.
    fn is_over(
        &self,
        moment: &Moment<'_, '_>,
        cursor: Option<&Cursor>,
        partner: &NodeId,
        epoch: &Epoch,
    ) -> Result<bool, StoreError> {
        let left = cursor.is_some_and(|cursor| cursor.epoch != *epoch);
        Ok(left && moment.tx.reading().given_receipt(partner, epoch, 0)?.is_some())
    }

    /// The batch's checkpoint, signed by the partner and named after this very link.
    pub(super) fn checked(
        &self,
        arrival: &Arrival,
        keys: &KeySet,
    ) -> Result<(Checkpoint, Epoch), Answer> {
        let checkpoint = Checkpoint::verify_any(&arrival.checkpoint, keys.trusted())
            .map_err(|error| refused("E-LINK-003", &error.to_string()))?;
        let epoch = checkpoint.origin.rsplit('/').next().and_then(|epoch| epoch.parse().ok());
        match epoch {
            Some(epoch) if checkpoint.origin == origin(&keys.node, &self.me.node(), &epoch) => {
                Ok((checkpoint, epoch))
            }
            _ => Err(refused("E-LINK-003", "the checkpoint belongs to another link")),
        }
    }

    fn repeated(
        &self,
        moment: &Moment<'_, '_>,
        cursor: &Cursor,
        (first, checkpoint): (u64, &Checkpoint),
    ) -> Result<Answer, StoreError> {
        let given = moment.tx.reading().given_receipt(&cursor.partner, &cursor.epoch, first)?;
        let receipt = given.and_then(|given| Receipt::read(&given.text));
        let same = receipt.as_ref().filter(|given| given.size() == Some(checkpoint.size));
        if same.is_some_and(|given| given.root() != Some(checkpoint.root)) {
            return Ok(another_history());
        }
        let own = own_keys(&moment.tx.reading(), &self.me.public())?;
        let receipt = receipt.map(|receipt| standing(receipt, &self.me, &own));
        Ok(receipt.map_or_else(
            || {
                refused(
                    "E-LINK-006",
                    &format!("these entries came before; continue at {}", cursor.next),
                )
            },
            Answer::Receipt,
        ))
    }

    fn apply_lines(
        &mut self,
        moment: &mut Moment<'_, '_>,
        (partner, from): (&Partner, &Cursor),
        lines: Vec<Line>,
    ) -> Result<Vec<RefusedEntry>, StoreError> {
        let (mut refusals, mut arrived): (_, Vec<(u64, Seq)>) = (Vec::new(), Vec::new());
        let mut highest = moment.tx.reading().head()?;
        for Line { offset, hop, content, .. } in lines {
            let circle = circle_of(&content);
            let unproven = unproven_signer(&content);
            let red = red_signer(&content, &partner.node);
            let above = self.is_above_ceiling(&content);
            let problem = match self.late_proof(&moment.tx.reading(), content)? {
                Content::Verified(ready) => {
                    if ready.sealed.header().thing.kind.as_str() == WITHDRAW_RANGE {
                        moment.tx.put_arrivals((&partner.node, &from.epoch), &arrived)?;
                        arrived.clear();
                    }
                    let mut admitted = self.admit(moment, partner, hop, &ready)?;
                    if let Ok(Some(seq)) = admitted {
                        let before = seq <= highest;
                        highest = highest.max(seq);
                        let of = (&partner.node, &from.epoch);
                        if before && is_given_out(moment, of, &arrived, (offset, seq))? {
                            admitted = Err(quota::crowded());
                        }
                    }
                    arrived.extend(admitted.iter().flatten().map(|seq| (offset, *seq)));
                    admitted.err()
                }
                Content::Refused(problem) => Some(problem),
                Content::Gone | Content::Unverified(..) => None,
            };
            if let Some(problem) = problem {
                // The circle's ceiling is looked at before any card.
                let above = above && problem.code == NOT_TAKEN;
                if let Some(circle) = circle.filter(|_| depends_on_list(problem.code)) {
                    self.missed(moment, &circle, from)?;
                } else if let Some(circle) = circle.filter(|_| above) {
                    Self::missed_above(moment, &circle, from)?;
                }
                if let Some(signer) = unproven {
                    self.missed_of(moment, &signer, from)?;
                }
                if let Some(signer) = red.filter(|_| problem.code == TOO_FAR) {
                    self.missed_red(moment, &signer, from)?;
                }
                if depends_on_bounds(problem.code) && !above {
                    Self::missed_taken(moment, from)?;
                }
                self.note_key(moment, &partner.node, &problem)?;
                let reason = format!("{} {}", problem.code, problem.message);
                let reason = reason.chars().filter(|c| !c.is_control()).take(200).collect();
                refusals.push(RefusedEntry { o: offset, reason });
            }
        }
        moment.tx.put_arrivals((&partner.node, &from.epoch), &arrived)?;
        if self.leaving {
            self.let_leave(moment)?;
        }
        Ok(refusals)
    }

    /// Proves a record whose key was not at hand when the batch was read.
    pub(super) fn late_proof(
        &self,
        reading: &Reading<'_>,
        content: Content,
    ) -> Result<Content, StoreError> {
        let Content::Unverified(record, tried) = content else { return Ok(content) };
        Ok(match member_keys(reading, &self.circles, &record.header().signer)? {
            // A statement of keys in this very batch may have brought the one that proves it.
            Some(keys) if tried == Some(keys.number) => Content::Refused(unproven_yet()),
            Some(keys) => proven(*record, &keys),
            None => Content::Refused(Problem::error(
                "E-LINK-014",
                "signed by a node that is no member of any circle followed here",
            )),
        })
    }

    /// Admits one proven record and gives its place in the log, or says why not. Nothing here
    /// depends on what else is held, but for the very same record, which is applied already.
    pub(super) fn admit(
        &mut self,
        moment: &mut Moment<'_, '_>,
        partner: &Partner,
        hop: u8,
        ready: &Ready,
    ) -> Result<Result<Option<Seq>, Problem>, StoreError> {
        let header = ready.sealed.header();
        let label = header.effective_label();
        let ahead = moment.now.plus_seconds(SIGNED_AHEAD_SECONDS_MAX);
        if header.signed > ahead {
            return Ok(Err(Problem::error("E-LINK-020", "signed in the future")));
        }
        if label.embargo.is_some_and(|until| until > ahead) {
            return Ok(Err(Problem::error("E-LINK-029", "sent before its embargo ended")));
        }
        if header.thing.kind.as_str() == WITHDRAW_RANGE {
            return self.forget(moment, (partner, hop), ready);
        }
        if header.thing.kind.as_str() == OBEYED {
            return self.hear_obeyed(moment, (partner, hop), ready);
        }
        // The first hop is the signer's own; RED is never relayed, unless its signer said since that it
        // is RED no more: that is its own signed word, whoever relays both.
        let relayed = header.signer != partner.node;
        let label = if relayed { self.label_meant(&moment.tx.reading(), header)? } else { label };
        let forbidden = relayed && (hop < 2 || label.effective_tlp() == Tlp::Red);
        let heard = self.is_heard(moment, ready)?;
        let far = hop > 1 && hop > label.effective_hops() && !heard;
        if forbidden || hop == 0 || hop > HOPS_MAX || far {
            let problem = Problem::error(TOO_FAR, "took more hops than its label allows");
            return self.unheard(moment, ready, (problem, !forbidden && hop <= HOPS_MAX && far));
        }
        if header.thing.kind.as_str() == CIRCLE {
            return Ok(self.offered(moment, partner, ready)?.map(|()| None));
        }
        if let Some(problem) = self.inadmissible(partner, ready, heard) {
            let known = self.circles.by_id(&label.circle).is_some();
            return self.unheard(moment, ready, (problem, known));
        }
        if let Some(problem) = self.taken_back(&moment.tx.reading(), header)? {
            return Ok(Err(problem));
        }
        let near = self.near(moment, ready)?;
        self.quotas.charge(&partner.node, near.all / ROWS_A_RECORD + near.alike);
        let taken = match near.held {
            Some(seq) => {
                self.came_nearer(moment, seq, hop)?;
                Ok(Some(seq))
            }
            None => self.take(moment, (partner, hop), ready, &near)?,
        };
        if let (Ok(Some(seq)), RECALL) = (&taken, header.thing.kind.as_str()) {
            self.owe_obeyed(moment, &partner.node, *seq)?;
        }
        Ok(taken)
    }

    /// What is not admitted. Whether a word about records is heard tells whether they are held: of who
    /// may take its records back, it is answered alike where nothing of it is here.
    fn unheard(
        &self,
        moment: &mut Moment<'_, '_>,
        ready: &Ready,
        (problem, tells): (Problem, bool),
    ) -> Result<Result<Option<Seq>, Problem>, StoreError> {
        self.bar_ahead(moment, ready)?;
        Ok(if tells && self.may_take_back(ready) { Ok(None) } else { Err(problem) })
    }

    /// Takes a record that is admissible and new, as far as there is room for it.
    fn take(
        &mut self,
        moment: &mut Moment<'_, '_>,
        (partner, hop): (&Partner, u8),
        ready: &Ready,
        near: &Near,
    ) -> Result<Result<Option<Seq>, Problem>, StoreError> {
        let header = ready.sealed.header();
        if header.thing.kind.as_str() == KEYS
            && let Err(problem) = self.keys_arrived(moment, ready)?
        {
            return Ok(Err(problem));
        }
        // What a signer says about its records is always heard: a recall makes room. Alerts,
        // decisions and recalls of nothing are content like any other; keys are few.
        let word = header.thing.kind.is_word();
        let frees = word
            && (header.thing.kind.as_str() == KEYS
                || self.makes_room(&moment.tx.reading(), ready)?);
        if !frees {
            let crowded = near.rivals >= RIVALS_MAX || near.all >= VERSIONS_MAX;
            let problem = if crowded {
                Some(quota::crowded())
            } else if self.is_labelled_anew(moment, partner, header)? {
                Some(quota::labelled())
            } else {
                (!self.quotas.place()).then(quota::full)
            };
            if let Some(problem) = problem {
                self.bar_ahead(moment, ready)?;
                return Ok(Err(problem));
            }
        }
        Ok(self.admitted(moment, partner, hop, ready)?.map(Some))
    }

    /// Whether a record's label was never seen and is one too many of its partner's; counts it else.
    fn is_labelled_anew(
        &self,
        moment: &mut Moment<'_, '_>,
        partner: &Partner,
        header: &Header,
    ) -> Result<bool, StoreError> {
        let reading = moment.tx.reading();
        if reading.knows_label(&header.label)? {
            return Ok(false);
        }
        if reading.labels_brought(&partner.node)? >= self.quotas.labels() {
            return Ok(true);
        }
        moment.tx.label_brought(&partner.node).map(|()| false)
    }

    /// Whether a word is heard from whomever it comes, over however many hops: it takes back what is
    /// held here, or it was heard before (decision 0012).
    fn is_heard(&self, moment: &Moment<'_, '_>, ready: &Ready) -> Result<bool, StoreError> {
        let header = ready.sealed.header();
        if !header.thing.kind.is_word() {
            return Ok(false);
        }
        Ok(self.takes_back_held(&moment.tx.reading(), ready)? || self.holds(moment, ready)?)
    }

    /// Whether its signer took a record back before it came, or comes back.
    fn taken_back(
        &self,
        reading: &Reading<'_>,
        header: &Header,
    ) -> Result<Option<Problem>, StoreError> {
        if !self.is_spoken_of(reading, &header.thing)? {
            return Ok(None);
        }
        if self.is_barred(reading, header)? {
            return Ok(Some(Problem::error("E-LINK-025", "recalled by its signer")));
        }
        // The same words as for what no card takes: who sent it learns no more than that.
        if self.is_undone(reading, header)? {
            return Ok(Some(Problem::error("E-LINK-024", "not taken here")));
        }
        let withdrawn = self.is_withdrawn(reading, header)?;
        Ok(withdrawn.then(|| Problem::error("E-LINK-028", "withdrawn by its signer")))
    }

    /// What circle, card and label say against a record.
    fn inadmissible(&self, partner: &Partner, ready: &Ready, heard: bool) -> Option<Problem> {
        let header = ready.sealed.header();
        let label = header.effective_label();
        let Some(circle) = self.circles.by_id(&label.circle) else {
            return Some(Problem::error("E-LINK-022", "this node follows no such circle"));
        };
        if heard {
            return None;
        }
        if circle.member(&partner.node).is_none() || circle.member(&header.signer).is_none() {
            return Some(Problem::error(
                "E-LINK-023",
                "sender or signer is no member of the circle",
            ));
        }
        // An unknown marking reads as RED here too, but it is taken: only its use is restricted.
        if label.tlp > circle.ceiling {
            let message = format!("TLP:{} is not taken here", label.tlp);
            return Some(Problem::error(NOT_TAKEN, message));
        }
        if let Some(problem) = self.not_taken(partner, ready) {
            return Some(problem);
        }
        let me = self.me.node();
        let named = label.to.as_ref().is_none_or(|to| to.contains(&me));
        (!named || header.signer == me)
            .then(|| Problem::error("E-LINK-026", "not meant for this node"))
    }

    /// Whether a record is above its circle's ceiling, which a newer list may raise.
    fn is_above_ceiling(&self, content: &Content) -> bool {
        let header = match content {
            Content::Verified(ready) => ready.sealed.header(),
            Content::Unverified(record, _) => record.header(),
            Content::Refused(_) | Content::Gone => return false,
        };
        let label = header.effective_label();
        self.circles.by_id(&label.circle).is_some_and(|circle| label.tlp > circle.ceiling)
    }

    /// What card and policy say against a record; nothing against a word about what is held already.
    fn not_taken(&self, partner: &Partner, ready: &Ready) -> Option<Problem> {
        let header = ready.sealed.header();
        let (kind, label) = (&header.thing.kind, header.effective_label());
        if kind.is_word() {
            return None;
        }
        let take = self.circles.policies.take(partner);
        if label.tlp > take.ceiling {
            let message = format!("TLP:{} is not taken here", label.tlp);
            return Some(Problem::error(NOT_TAKEN, message));
        }
        // One wording for both: it tells a partner no more of its card than it has to.
        if !take.kinds.has(kind) || !take.circles.has(&label.circle) {
            return Some(Problem::error("E-LINK-024", "not taken here"));
        }
        let bytes = ready.sealed.body().len() as u64;
        let most = take.body_bytes.filter(|most| bytes > *most)?;
        let message = format!("larger than what is taken here ({most} bytes)");
        Some(Problem::error("E-LINK-041", message))
    }

    /// Whether the very same sealed record is held already, by whatever way it came. The salt does
    /// not count: it is not signed, and a relay that changed it could repeat another's word.
    pub(crate) fn holds(&self, moment: &Moment<'_, '_>, ready: &Ready) -> Result<bool, StoreError> {
        Ok(self.held_as(moment, ready)?.is_some())
    }

    /// The place of the very same sealed record, if it is held already.
    pub(crate) fn held_as(
        &self,
        moment: &Moment<'_, '_>,
        ready: &Ready,
    ) -> Result<Option<Seq>, StoreError> {
        Ok(self.near(moment, ready)?.held)
    }

    /// What is held beside a record: itself, its rivals, and how much of its thing.
    fn near(&self, moment: &Moment<'_, '_>, ready: &Ready) -> Result<Near, StoreError> {
        let reading = moment.tx.reading();
        let (sealed, header) = (&ready.sealed, ready.sealed.header());
        let (alike, all) = reading.of_version(&header.thing, &header.version, &header.signer)?;
        let mut near = Near { held: None, rivals: 0, alike: alike.len(), all };
        for seq in alike {
            let Some(row) = reading.row(seq)?.filter(|row| !row.erased) else { continue };
            let place = (row.label.circle, row.authorship);
            if place != (header.label.circle, header.authorship) {
                continue;
            }
            near.rivals += 1;
            let parts = if row.signed == header.signed { reading.parts(seq)? } else { None };
            if parts.is_some_and(|p| p.head == sealed.head() && p.body == sealed.body()) {
                near.held = Some(seq);
                break;
            }
        }
        Ok(near)
    }

    /// Begins to read the outlets of a circle's members anew: what was refused while the circle was
    /// not followed is taken now, and what is held already is applied again without effect.
    pub(crate) fn read_again(
        moment: &mut Moment<'_, '_>,
        circle: &Circle,
    ) -> Result<(), StoreError> {
        for member in &circle.members {
            if let Some(cursor) = moment.tx.reading().cursor(&member.node())? {
                let start = Cursor { next: 0, frontier: Vec::new(), ..cursor.clone() };
                Self::put_back(moment, &cursor, &start)?;
            }
        }
        Ok(())
    }

    /// Keeps a partner's receipt, if it proves what this node sent.
    pub(crate) fn acknowledged(
        &mut self,
        moment: &mut Moment<'_, '_>,
        partner: NodeId,
        receipt: &Receipt,
    ) -> Result<Answer, StoreError> {
        let reading = moment.tx.reading();
        let (Some(known), Some(outlet)) =
            (Self::partner(&reading, &partner)?, reading.outlet(&link_key(&partner))?)
        else {
            return Ok(refused("E-LINK-002", "not a partner of this node"));
        };
        let keys = keys_of(&reading, &known.key)?;
        let signed = Checkpoint::verify_cosigned_any(&receipt.checkpoint, keys.trusted());
        let Ok((checkpoint, _)) = signed else {
            return Ok(refused("E-LINK-007", "the receipt is not signed by the partner"));
        };
        if !keys.trusted().any(|key| receipt.is_signed_by(key)) {
            return Ok(refused("E-LINK-007", "the results are not signed by the partner"));
        }
        let mine = origin(&self.me.node(), &partner, &outlet.epoch);
        let root = frontier_at(&reading, outlet.id, checkpoint.size)?.map(|tree| tree.root());
        if checkpoint.origin != mine || root != Some(checkpoint.root) {
            return Ok(refused("E-LINK-008", "the receipt is not for what was sent"));
        }
        let newest = reading.held_receipts(outlet.id, 1)?.first().map_or(0, |held| held.size);
        if checkpoint.size <= newest {
            // It proves nothing new; kept again and again it would only fill the disk.
            return Ok(Answer::Done);
        }
        moment.tx.put_held_receipt(&HeldReceipt {
            outlet: outlet.id,
            size: checkpoint.size,
            at: moment.now,
            text: receipt.write(),
        })?;
        // What it has signed for makes room for more, which this very commit numbers.
        if let Some(asked) = self.asked.get_mut(&partner) {
            asked.after = asked.after.max(checkpoint.size);
        }
        Ok(Answer::Done)
    }
}

/// Whether a partner gives an entry under as many numbers as it may, and this one is another.
fn is_given_out(
    moment: &Moment<'_, '_>,
    of: (&NodeId, &Epoch),
    arrived: &[(u64, Seq)],
    (number, seq): (u64, Seq),
) -> Result<bool, StoreError> {
    let known = moment.tx.reading().given_under(seq, of, GIVEN_NUMBERS_MAX)?;
    let now = arrived.iter().filter(|(_, other)| *other == seq).count();
    Ok(known.len().saturating_add(now) >= GIVEN_NUMBERS_MAX && !known.contains(&number))
}

/// What a batch costs this node, whatever becomes of its records.
pub(super) fn cost(lines: &[Line]) -> Cost {
    lines.iter().fold(Cost::default(), |cost, line| {
        let bytes = match &line.content {
            Content::Verified(ready) => ready.sealed.head().len() + ready.sealed.body().len(),
            Content::Unverified(record, _) => record.bytes(),
            Content::Refused(_) | Content::Gone => REFUSED_BYTES,
        };
        let bytes = cost.bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        Cost { records: cost.records.saturating_add(1), bytes }
    })
}

/// What is above a circle's ceiling, or no card takes.
const NOT_TAKEN: &str = "E-LINK-024";

/// What took more hops than it may.
const TOO_FAR: &str = "E-LINK-021";

/// Rows of other versions that are walked over as quickly as one record is taken.
const ROWS_A_RECORD: usize = 64;

/// What is held beside a record that comes.
struct Near {
    /// The very same one.
    held: Option<Seq>,
    /// Of the same signer, circle, thing, version and intake, as far as they were looked at.
    rivals: usize,
    /// Of the same signer, thing and version.
    alike: usize,
    /// Of the same thing.
    all: usize,
}

/// What an entry counts for whose record is not there: reading it was work all the same.
const REFUSED_BYTES: usize = 512;

/// Whose keys a batch states, and what is known of them before it.
fn stated(
    reading: &Reading<'_>,
    lines: &[Line],
) -> Result<BTreeMap<NodeId, Option<String>>, StoreError> {
    let nodes = lines.iter().filter_map(states_keys);
    nodes.map(|node| Ok((node, reading.last_keys(&node)?))).collect()
}

/// Whose keys a line states.
fn states_keys(line: &Line) -> Option<NodeId> {
    let Content::Verified(ready) = &line.content else { return None };
    let header = ready.sealed.header();
    (header.thing.kind.as_str() == KEYS).then_some(header.signer)
}

/// Whose record it says it is, where no key of it at hand proves that: a newer one may.
fn unproven_signer(content: &Content) -> Option<NodeId> {
    match content {
        Content::Verified(_) | Content::Gone | Content::Refused(_) => None,
        Content::Unverified(record, tried) => tried.map(|_| record.header().signer),
    }
}

/// Whose record it is, where another than its signer brings it and it was signed as RED.
fn red_signer(content: &Content, partner: &NodeId) -> Option<NodeId> {
    let Content::Verified(ready) = content else { return None };
    let header = ready.sealed.header();
    let red = header.effective_label().effective_tlp() == Tlp::Red;
    (red && header.signer != *partner).then_some(header.signer)
}

/// The circle that a record is placed in, proven or not.
fn circle_of(content: &Content) -> Option<CircleId> {
    match content {
        Content::Verified(ready) => Some(ready.sealed.header().label.circle),
        Content::Unverified(record, _) => Some(record.header().label.circle),
        Content::Refused(_) | Content::Gone => None,
    }
}

fn another_history() -> Answer {
    let message = "another history than was proven before in this life of the numbering";
    Answer::Refused(Problem::error("E-LINK-039", message).hint(
        "the sender was put back to an older state; it must restore a backup with \
         `entente restore`, which begins a new numbering",
    ))
}

pub(super) fn refused(code: &'static str, message: &str) -> Answer {
    Answer::Refused(Problem::error(code, message.to_owned()))
}
