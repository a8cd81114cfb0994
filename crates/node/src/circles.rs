//! Circles: convened here, or offered by a partner and followed by choice. Membership is never
//! merged: the convener's newest version that this node accepted is all there is.

use crate::apply::{Moment, Node};
use crate::command::Answer;
use crate::effect::Effect;
use crate::link::Ready;
use crate::state::Circles;
use crate::values::Values;
use formats::problem::{Problem, shown};
use model::circle::{Circle, Member, valid_name};
use model::facts::Facts;
use model::id::{CircleId, NodeId, ThingId};
use model::kind::{CIRCLE, Kind};
use model::label::{Label, Tlp};
use model::limits::{CIRCLES_MAX, MEMBERS_MAX, OFFERS_MAX};
use store::{CircleState, Cursor, FormerMember, Partner, StoreError};

impl Node {
    /// Convenes a new circle; this node is its first member.
    pub(crate) fn create_circle(
        &mut self,
        moment: &mut Moment<'_, '_>,
        name: String,
        default: Tlp,
        ceiling: Tlp,
        known_good: bool,
    ) -> Result<Answer, StoreError> {
        if !valid_name(&name) || name.contains(['/', ':', ',']) {
            return Ok(refused("E-CIRCLE-002", "not a name for a circle")
                .with("1 to 128 bytes, without control characters, slash, colon or comma"));
        }
        if self.circles.all().any(|circle| circle.name == name) {
            return Ok(refused(
                "E-CIRCLE-003",
                &format!("there is a circle `{}` already", shown(&name)),
            )
            .with("choose another name; `entente circle list` shows those that there are"));
        }
        if self.circles.all().count() >= CIRCLES_MAX {
            return Ok(refused(
                "E-CIRCLE-008",
                &format!("{CIRCLES_MAX} circles are followed already"),
            )
            .with("one more would slow every decision down; use one that there is"));
        }
        let id = CircleId::new(uuid::Builder::from_random_bytes(moment.bytes()).into_uuid());
        let me = Member { key: self.me.first(), name: self.me.name.clone() };
        let convener = self.me.node();
        let default = default.min(ceiling);
        let members = vec![me];
        let circle =
            Circle { id, name, version: 1, convener, default, ceiling, known_good, members };
        self.put_version(moment, &circle)?;
        Ok(Answer::Circle(id))
    }

    /// Adds a partner to a circle that this node convenes.
    pub(crate) fn add_member(
        &mut self,
        moment: &mut Moment<'_, '_>,
        circle: CircleId,
        partner: NodeId,
    ) -> Result<Answer, StoreError> {
        if let Err(problem) = self.convened(&circle) {
            return Ok(Answer::Refused(problem));
        }
        let Some(partner) = Self::partner(&moment.tx.reading(), &partner)? else {
            return Ok(refused("E-PARTNER-001", "only a partner can be added to a circle")
                .with("invite it first: entente partner invite --circle NAME"));
        };
        match self.add_to(moment, circle, &partner)? {
            Some(problem) => Ok(Answer::Refused(problem)),
            None => Ok(Answer::Circle(circle)),
        }
    }

    /// Adds a partner, or says why not; adding a member again changes nothing.
    pub(crate) fn add_to(
        &mut self,
        moment: &mut Moment<'_, '_>,
        circle: CircleId,
        partner: &Partner,
    ) -> Result<Option<Problem>, StoreError> {
        let mut next = match self.convened(&circle) {
            Ok(next) => next,
            Err(problem) => return Ok(Some(problem)),
        };
        if next.member(&partner.node).is_some() {
            return Ok(None);
        }
        if next.members.len() >= MEMBERS_MAX {
            let full = format!("the circle has {MEMBERS_MAX} members already");
            let hint = "remove one that left, or convene a second circle";
            return Ok(Some(Problem::error("E-CIRCLE-006", full).hint(hint)));
        }
        next.members.push(Member { key: partner.key, name: partner.name.clone() });
        self.put_version(moment, &next)?;
        Ok(None)
    }

    /// Removes a member from a circle that this node convenes.
    pub(crate) fn remove_member(
        &mut self,
        moment: &mut Moment<'_, '_>,
        circle: CircleId,
        partner: NodeId,
    ) -> Result<Answer, StoreError> {
        let mut next = match self.convened(&circle) {
            Ok(next) => next,
            Err(problem) => return Ok(Answer::Refused(problem)),
        };
        if partner == self.me.node() {
            return Ok(refused("E-CIRCLE-007", "the convener cannot leave its own circle")
                .with("remove the other members; nothing more is sent to who is none"));
        }
        if next.member(&partner).is_none() {
            let names: Vec<String> = next.members.iter().map(|m| shown(&m.name)).collect();
            return Ok(refused("E-CIRCLE-007", &format!("it is no member of `{}`", next.name))
                .with(&format!("its members are: {}", names.join(", "))));
        }
        next.members.retain(|member| member.node() != partner);
        self.put_version(moment, &next)?;
        Ok(Answer::Circle(circle))
    }

    /// Removes a member from a circle that this node convenes, and leaves it what it was sent there.
    pub(crate) fn part_with(
        &mut self,
        moment: &mut Moment<'_, '_>,
        circle: CircleId,
        partner: NodeId,
    ) -> Result<Answer, StoreError> {
        let member = self.circles.by_id(&circle).is_some_and(|c| c.member(&partner).is_some());
        if member && self.convened(&circle).is_ok() {
            Self::leave_there(moment, &circle, &partner)?;
        }
        self.remove_member(moment, circle, partner)
    }

    /// The next version of a circle that this node convenes, yet without a change.
    fn convened(&self, circle: &CircleId) -> Result<Circle, Problem> {
        let circle = self
            .circles
            .by_id(circle)
            .ok_or_else(|| Problem::error("E-CIRCLE-001", "this node follows no such circle"))
            .map_err(|problem| problem.hint("`entente circle list` shows those that it follows"))?;
        if circle.convener != self.me.node() {
            return Err(Problem::error("E-CIRCLE-004", "only its convener changes a circle")
                .hint("ask the convener to add or remove members"));
        }
        Ok(Circle { version: circle.version + 1, ..circle.clone() })
    }

    /// Signs, appends and follows a version of a circle convened here.
    fn put_version(
        &mut self,
        moment: &mut Moment<'_, '_>,
        circle: &Circle,
    ) -> Result<(), StoreError> {
        let text = circle.write();
        let thing = ThingId { kind: Kind::ours(CIRCLE), uuid: circle.id.uuid() };
        // A partner whose words are not compared yet is sent GREEN records, and can take them only
        // once it holds the list of their circle.
        let label = Label::new(Tlp::Green, circle.id);
        let facts = Facts { title: Some(circle.name.clone()), ..Facts::default() };
        // Followed first, so that the new version is placed in a circle that this node knows.
        self.follow(moment, circle, text.clone())?;
        self.state(moment, thing, circle.version.to_string(), label, (text, &facts))?;
        Ok(())
    }

    /// Follows a version from now on; members who joined may have more than before.
    fn follow(
        &mut self,
        moment: &mut Moment<'_, '_>,
        circle: &Circle,
        text: String,
    ) -> Result<(), StoreError> {
        let before = self.circles.by_id(&circle.id).cloned();
        moment.tx.put_circle(&CircleState {
            circle: circle.id,
            convener: circle.convener,
            accepted: Some(text),
            offered: None,
            auto_accept: true,
        })?;
        Self::put_former(moment, before.as_ref(), circle)?;
        self.circles = Circles::load(&moment.tx.reading())?;
        if before.is_none() && circle.convener != self.me.node() {
            Self::read_again(moment, circle)?;
        }
        Self::read_missed(moment, &circle.id)?;
        if before.as_ref().is_none_or(|before| before.ceiling < circle.ceiling) {
            Self::read_missed_above(moment, &circle.id)?;
        }
        for member in &circle.members {
            let node = member.node();
            let new = before.as_ref().is_none_or(|before| before.member(&node).is_none());
            if new {
                self.offer_past(moment, &circle.id, &node)?;
            }
        }
        for node in before.iter().flat_map(|before| &before.members).map(Member::node) {
            if circle.member(&node).is_none() {
                Self::dismiss(moment, &circle.id, &node)?;
            }
        }
        moment.effects.push(Effect::Wake);
        Ok(())
    }

    /// Remembers who falls out of a circle, and forgets who is back.
    fn put_former(
        moment: &mut Moment<'_, '_>,
        before: Option<&Circle>,
        circle: &Circle,
    ) -> Result<(), StoreError> {
        for Member { key, .. } in before.map(|before| before.members.as_slice()).unwrap_or_default()
        {
            if circle.member(&key.node()).is_none() {
                let (circle, node, until) = (circle.id, key.node(), moment.now);
                moment.tx.put_former_member(&FormerMember { circle, node, key: *key, until })?;
            }
        }
        for node in circle.members.iter().map(Member::node) {
            if before.is_none_or(|before| before.member(&node).is_none()) {
                moment.tx.delete_former_member(&circle.id, &node)?;
                Self::leave_no_more(moment, &circle.id, &node)?;
            }
        }
        Ok(())
    }

    /// A partner sent a version of a circle: kept as an offer, and followed when this node already
    /// follows the circle or said in advance that it would.
    pub(crate) fn offered(
        &mut self,
        moment: &mut Moment<'_, '_>,
        partner: &Partner,
        ready: &Ready,
    ) -> Result<Result<(), Problem>, StoreError> {
        let refuse = |message: &str| Problem::error("E-CIRCLE-005", message.to_owned());
        let header = ready.sealed.header();
        let text = std::str::from_utf8(ready.sealed.body()).unwrap_or_default();
        let Ok(circle) = Circle::read(text) else {
            return Ok(Err(refuse("not a circle's member list")));
        };
        let consistent = circle.id == header.label.circle
            && circle.id.uuid() == header.thing.uuid
            && circle.version.to_string() == header.version
            && circle.convener == header.signer
            && circle.member(&circle.convener).is_some();
        if !consistent {
            return Ok(Err(refuse("signed by another than its convener, or inconsistent")));
        }
        let reading = moment.tx.reading();
        let known = reading.circle(&circle.id)?;
        if known.as_ref().is_some_and(|known| known.convener != circle.convener) {
            return Ok(Err(refuse("the circle has another convener")));
        }
        if known.is_none() {
            let circles = reading.circles()?;
            let open = |state: &&CircleState| {
                state.accepted.is_none() && state.convener == circle.convener
            };
            // One convener's offers must not take the places of all others'.
            if circles.len() >= CIRCLES_MAX || circles.iter().filter(open).count() >= OFFERS_MAX {
                return Ok(Err(refuse("too many circles are known here")));
            }
        }
        let me = self.me.node();
        let newest = self.circles.by_id(&circle.id).map_or(0, |followed| followed.version);
        if circle.member(&me).is_none() || circle.version <= newest {
            // An older version, or a list without us: true, but nothing to follow.
            return Ok(Ok(()));
        }
        // A list is followed however full it is; only then it is not kept as a record.
        if !self.holds(moment, ready)? && self.quotas.place() {
            self.append(
                moment,
                &ready.sealed,
                &ready.facts,
                &Values::default(),
                Some((partner.node, 1)),
            )?;
        }
        let auto = known.as_ref().is_some_and(|known| known.auto_accept);
        let named_otherwise =
            self.circles.all().any(|other| other.name == circle.name && other.id != circle.id);
        if auto && !named_otherwise {
            self.follow(moment, &circle, text.to_owned())?;
        } else {
            moment.tx.put_circle(&CircleState {
                circle: circle.id,
                convener: circle.convener,
                accepted: known.and_then(|known| known.accepted),
                offered: Some(text.to_owned()),
                auto_accept: auto,
            })?;
        }
        Ok(Ok(()))
    }

    /// A list of a circle convened here that this node had lost; false when it is none. Where another
    /// was made under the same number since, members follow neither: it is signed anew above it.
    pub(crate) fn list_came_back(
        &mut self,
        moment: &mut Moment<'_, '_>,
        ready: &Ready,
    ) -> Result<bool, StoreError> {
        let (header, me) = (ready.sealed.header(), self.me.node());
        let text = std::str::from_utf8(ready.sealed.body()).unwrap_or_default();
        let Ok(list) = Circle::read(text) else { return Ok(false) };
        let (circle, uuid) = (header.label.circle, header.thing.uuid);
        if list.convener != me || list.id != circle || list.id.uuid() != uuid {
            return Ok(false);
        }
        self.append(moment, &ready.sealed, &ready.facts, &Values::default(), None)?;
        match self.circles.by_id(&list.id).cloned() {
            Some(ours) if ours.version > list.version => {}
            Some(ours) if ours.version == list.version => {
                if ours.write() != text {
                    self.put_version(moment, &Circle { version: list.version + 1, ..ours })?;
                }
            }
            Some(_) | None => self.follow(moment, &list, text.to_owned())?,
        }
        Ok(true)
    }

    /// Follows the newest version that the convener offered.
    pub(crate) fn accept_circle(
        &mut self,
        moment: &mut Moment<'_, '_>,
        circle: CircleId,
    ) -> Result<Answer, StoreError> {
        let state = moment.tx.reading().circle(&circle)?;
        let offered = state.and_then(|state| state.offered);
        let Some(version) = offered.as_deref().and_then(|text| Circle::read(text).ok()) else {
            return Ok(refused("E-CIRCLE-009", "no new version of this circle is on offer")
                .with("there is nothing to do: `entente circle list` shows what is followed"));
        };
        if self.circles.all().any(|other| other.name == version.name && other.id != circle) {
            let message = format!("another circle `{}` is followed here", shown(&version.name));
            return Ok(refused("E-CIRCLE-003", &message)
                .with("one name cannot mean two; ask one of the conveners to choose another"));
        }
        self.follow(moment, &version, offered.unwrap_or_default())?;
        Self::start_over(moment, &version)?;
        Ok(Answer::Circle(circle))
    }

    /// What a circle's members had sent before it was followed was refused; they are asked from
    /// the beginning again. What is held already is recognised by its leaf and applied already.
    fn start_over(moment: &mut Moment<'_, '_>, circle: &Circle) -> Result<(), StoreError> {
        for member in &circle.members {
            if let Some(cursor) = moment.tx.reading().cursor(&member.node())? {
                let (next, frontier) = (0, Vec::new());
                moment.tx.put_cursor(&Cursor { next, frontier, ..cursor })?;
            }
        }
        moment.effects.push(Effect::Partners);
        Ok(())
    }
}

/// A refusal, to be given its hint.
struct Refusal(Problem);

fn refused(code: &'static str, message: &str) -> Refusal {
    Refusal(Problem::error(code, message.to_owned()))
}

impl Refusal {
    fn with(self, hint: &str) -> Answer {
        Answer::Refused(self.0.hint(hint))
    }
}
