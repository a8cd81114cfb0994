//! Two nodes over real sockets: they meet, exchange, part. And who must not get in.

use super::client::{Client, ClientError, Content};
use super::link::arrival;
use super::message::{HELLO, KEYS, LOG, NDJSON, TEXT};
use super::supply::{Supply, Want, supply};
use super::{dial_all, join, serve};
use crate::config::Folder;
use crate::runtime::{Runtime, random};
use formats::problem::Problem;
use http::StatusCode;
use model::id::{CircleId, IntakeId, NodeId, ThingId};
use model::label::Tlp;
use model::limits::KEY_CHAIN_BYTES_MAX;
use model::note::Checkpoint;
use model::seal::SigningKey;
use node::PartnerState::{Confirmed, Joined};
use node::accept::{Prepared, Terms};
use node::command::{Administer, Fate, Submitter};
use node::link::{Content as LineContent, Receipt};
use node::{Answer, Command, Reading, StoreError};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;

/// Longer than anything here may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// The beginning of an object that is marked TLP:GREEN.
const GREEN: &str =
    r#"{"object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],"#;

/// A node that serves its link port and dials its partners.
struct Station {
    runtime: Runtime,
    address: String,
    _folder: TempDir,
}

impl Drop for Station {
    fn drop(&mut self) {
        self.runtime.stop();
    }
}

impl Station {
    async fn start(name: &str) -> Self {
        let station = Self::quiet(name).await;
        tokio::spawn(dial_all(station.runtime.clone()));
        station
    }

    /// A node that serves its link port and dials nobody yet.
    async fn quiet(name: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let folder = Folder::new(directory.path());
        let (me, store, _) = folder.create(name, &mut random).unwrap();
        let twin = folder.identity(&store).unwrap();
        let runtime = Runtime::start(
            store,
            (me, twin),
            folder.seed().unwrap(),
            crate::settings::Settings::default(),
        )
        .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(serve(runtime.clone(), listener));
        Self { runtime, address, _folder: directory }
    }

    fn node(&self) -> NodeId {
        self.runtime.me().node()
    }

    async fn act(&self, act: Administer) -> Answer {
        self.runtime.write(Command::Administer(act)).await.unwrap()
    }

    async fn circle(&self, name: &str) -> CircleId {
        let (name, default, ceiling) = (name.to_owned(), Tlp::AmberStrict, Tlp::Red);
        let known_good = false;
        let create = Administer::CreateCircle { name, default, ceiling, known_good };
        let Answer::Circle(circle) = self.act(create).await else { panic!("no circle") };
        circle
    }

    async fn invite(&self, circles: Vec<CircleId>, trusted: bool) -> String {
        let invited = self.act(Administer::Invite { circles, trusted }).await;
        let Answer::Invitation { secret } = invited else { panic!("{invited:?}") };
        join::invitation_code(&self.address, self.runtime.me().public(), secret)
    }

    async fn publish(&self, circle: CircleId, object: &str) {
        let own = self.runtime.clone();
        let lens = self.runtime.read(move |reading| own.own_lens(reading)).await.unwrap();
        let submitter = Submitter {
            name: "test".to_owned(),
            intake: IntakeId::new([1; 8]),
            reader: lens.reader,
            default: None,
        };
        let objects = Prepared::stix(object.as_bytes()).unwrap();
        let publish = Command::Publish { submitter, terms: Terms::of(circle), objects };
        let answer = self.runtime.write(publish).await.unwrap();
        let Answer::Published(outcomes) = answer else { panic!("{answer:?}") };
        assert!(outcomes.iter().all(|o| matches!(o.fate, Fate::Accepted)), "{outcomes:?}");
    }

    /// Waits until something holds here; looks again with every commit.
    async fn until(
        &self,
        what: &str,
        holds: impl Fn(&Reading<'_>) -> Result<bool, StoreError> + Clone + Send + 'static,
    ) {
        let mut woken = self.runtime.woken();
        let wait = async {
            while !self.runtime.read(holds.clone()).await.unwrap() {
                // Receipts wake nobody: a look in between finds them.
                drop(tokio::time::timeout(Duration::from_millis(50), woken.changed()).await);
            }
        };
        let waited = tokio::time::timeout(PATIENCE, wait).await;
        assert!(waited.is_ok(), "{} waits in vain for {what}", self.runtime.me().name);
    }

    async fn until_held(&self, id: &str) {
        let held = self.held(id);
        self.until(id, held).await;
    }

    async fn holds(&self, id: &str) -> bool {
        self.runtime.read(self.held(id)).await.unwrap()
    }

    fn held(
        &self,
        id: &str,
    ) -> impl Fn(&Reading<'_>) -> Result<bool, StoreError> + Clone + Send + 'static + use<> {
        let (thing, own): (ThingId, _) = (id.parse().unwrap(), self.runtime.clone());
        move |reading| Ok(!node::read::show(reading, &own.own_lens(reading)?, &thing)?.is_empty())
    }

    /// Waits until a partner has given its receipt for everything that was numbered for it.
    async fn until_receipted(&self, partner: NodeId) {
        self.until("a receipt", move |reading| {
            let lines = node::read::partners(reading)?;
            let line = lines.iter().find(|line| line.partner.node == partner);
            Ok(line.is_some_and(|line| line.lag == 0 && line.last_receipt.is_some()))
        })
        .await;
    }

    /// A client with this station's key.
    fn client(&self, to: &Self) -> Client {
        let key = to.runtime.me().public();
        Client::new(self.runtime.seed(), &to.address, key).unwrap()
    }
}

fn indicator(n: u32) -> (String, String) {
    let id = format!("indicator--00000000-0000-4000-8000-{n:012}");
    let object = format!(
        r#"{{"type":"indicator","spec_version":"2.1","id":"{id}","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","pattern":"[domain-name:value = 'n{n}.example']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"}}"#
    );
    (id, object)
}

/// Alpha convenes a circle and invites Bravo, whose word is trusted.
async fn partners() -> (Station, Station, CircleId) {
    let (alpha, bravo) = (Station::start("Alpha").await, Station::start("Bravo").await);
    let circle = alpha.circle("Ring").await;
    let code = alpha.invite(vec![circle], true).await;
    let welcome = join::join(&bravo.runtime, &code, true).await.unwrap();
    assert_eq!((welcome.name.as_str(), welcome.node), ("Alpha", alpha.node()));
    bravo
        .until("the circle", move |reading| {
            Ok(node::read::circles(reading)?
                .iter()
                .any(|line| line.accepted && line.circle.id == circle))
        })
        .await;
    (alpha, bravo, circle)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_either_publishes_reaches_the_other_and_is_receipted_though_only_one_dials() {
    let (alpha, bravo, circle) = partners().await;
    let (from_alpha, object) = indicator(1);
    alpha.publish(circle, &object).await;
    bravo.until_held(&from_alpha).await;
    alpha.until_receipted(bravo.node()).await;

    let (from_bravo, object) = indicator(2);
    bravo.publish(circle, &object).await;
    alpha.until_held(&from_bravo).await;
    bravo.until_receipted(alpha.node()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_batch_arrives_whole() {
    let (alpha, bravo, circle) = partners().await;
    let objects: Vec<String> = (0..2_500).map(|n| indicator(n).1).collect();
    alpha.publish(circle, &format!("[{}]", objects.join(","))).await;
    for n in [0, 999, 1_000, 2_499] {
        bravo.until_held(&indicator(n).0).await;
    }
    alpha.until_receipted(bravo.node()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_compared_words_amber_waits_and_flows_once_they_are_confirmed() {
    let (alpha, bravo) = (Station::start("Alpha").await, Station::start("Bravo").await);
    let circle = alpha.circle("Ring").await;
    let code = alpha.invite(vec![circle], false).await;
    let welcome = join::join(&bravo.runtime, &code, true).await.unwrap();
    assert!(!welcome.trusted);
    let (amber, object) = indicator(1);
    alpha.publish(circle, &object).await;
    let (green, object) = indicator(2);
    alpha.publish(circle, &object.replacen('{', GREEN, 1)).await;
    // Sent after it and there before it: AMBER+STRICT was passed over.
    bravo.until_held(&green).await;
    assert!(!bravo.holds(&amber).await, "AMBER+STRICT left before the words were compared");
    for (here, there) in [(&bravo, &alpha), (&alpha, &bravo)] {
        let (partner, words) = (there.node(), welcome.words.clone());
        let confirmed = here.act(Administer::Confirm { partner, words }).await;
        assert!(matches!(confirmed, Answer::Done), "{confirmed:?}");
    }
    bravo.until_held(&amber).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_before_its_circle_was_followed_comes_again() {
    let (alpha, bravo, _) = partners().await;
    let (circle, partner) = (alpha.circle("Second").await, bravo.node());
    alpha.act(Administer::AddMember { circle, partner }).await;
    let (id, object) = indicator(1);
    alpha.publish(circle, &object).await;
    let offered = move |reading: &Reading<'_>| {
        Ok(node::read::circles(reading)?.iter().any(|line| line.circle.id == circle))
    };
    bravo.until("the offer", offered).await;
    alpha.until_receipted(partner).await;
    assert!(!bravo.holds(&id).await, "taken into a circle that nobody here has accepted");
    bravo.act(Administer::AcceptCircle(circle)).await;
    bravo.until_held(&id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn that_a_code_travelled_safely_is_for_each_side_to_say() {
    for (inviter, joiner) in [(true, true), (true, false), (false, true), (false, false)] {
        let (alpha, bravo) = (Station::quiet("Alpha").await, Station::quiet("Bravo").await);
        let code = alpha.invite(Vec::new(), inviter).await;
        let welcome = join::join(&bravo.runtime, &code, joiner).await.unwrap();
        assert_eq!((welcome.trusted_there, welcome.trusted), (inviter, inviter && joiner));
        for (here, there, confirmed) in [(&alpha, &bravo, inviter), (&bravo, &alpha, joiner)] {
            let node = there.node();
            let partner = here.runtime.read(move |reading| reading.partner(&node)).await.unwrap();
            let confirmed = if confirmed && inviter { Confirmed } else { Joined };
            assert_eq!(partner.unwrap().state, confirmed, "{inviter} {joiner}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_removed_is_told_so_and_is_back_at_once_with_a_new_invitation() {
    let (alpha, bravo, circle) = partners().await;
    let (a, b) = (alpha.node(), bravo.node());
    let said = |removed: bool| {
        move |reading: &Reading<'_>| {
            Ok(reading.partner(&a)?.is_some_and(|p| p.removed_us.is_some() == removed))
        }
    };
    assert!(matches!(alpha.act(Administer::RemovePartner(b)).await, Answer::Done));
    bravo.until("the word that it was removed", said(true)).await;
    // A stranger with the same question hears nothing of the kind.
    let charlie = Station::quiet("Charlie").await;
    for (caller, code) in [(&charlie, "E-LINK-002"), (&bravo, "E-LINK-037")] {
        let key = alpha.runtime.me().public();
        let mut client = Client::new(caller.runtime.seed(), &alpha.address, key).unwrap();
        let reply = client.get(HELLO, PATIENCE).await.unwrap();
        let body = String::from_utf8_lossy(&reply.body).into_owned();
        assert!(reply.status == StatusCode::FORBIDDEN && body.contains(code), "{body}");
    }
    let code = alpha.invite(vec![circle], true).await;
    join::join(&bravo.runtime, &code, true).await.unwrap();
    bravo.until("the partnership", said(false)).await;
    let (id, object) = indicator(7);
    alpha.publish(circle, &object).await;
    bravo.until_held(&id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_that_is_longer_than_the_door_takes_is_refused_and_stands_in_the_ledger() {
    let (alpha, bravo, _) = partners().await;
    let of = bravo.node();
    let mut client = bravo.client(&alpha);
    let chain = format!("entente/keys/1\nnode {of}\n{}", "x\n".repeat(KEY_CHAIN_BYTES_MAX));
    for _ in 0..2 {
        let bytes = chain.clone().into_bytes().into();
        let content = Content { kind: TEXT, packed: false, bytes };
        // The door closes before it has read all of it; the answer may be lost by that.
        if let Ok(reply) = client.post(KEYS, content, PATIENCE).await {
            let body = String::from_utf8_lossy(&reply.body).into_owned();
            assert!(reply.status.is_client_error() && body.contains("E-KEY-004"), "{body}");
        }
    }
    let inside = alpha.runtime.clone();
    let told = move |reading: &Reading<'_>| {
        let lens = inside.own_lens(reading)?;
        Ok(node::read::search(reading, &lens, "keys of this node were refused")?.len() == 1)
    };
    alpha.until("one entry about it", told).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_once() {
    let (alpha, bravo) = (Station::start("Alpha").await, Station::start("Bravo").await);
    let charlie = Station::start("Charlie").await;
    let code = alpha.invite(Vec::new(), true).await;
    join::join(&bravo.runtime, &code, true).await.unwrap();
    let refused: Problem = join::join(&charlie.runtime, &code, true).await.unwrap_err();
    assert_eq!(refused.code, "E-PARTNER-002");
    let own = join::join(&alpha.runtime, &code, true).await.unwrap_err();
    assert_eq!(own.code, "E-PARTNER-003");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_than_the_pinned_one_is_not_spoken_to() {
    let (alpha, bravo) = (Station::start("Alpha").await, Station::start("Bravo").await);
    let pinned = bravo.runtime.me().public();
    let mut client = Client::new(bravo.runtime.seed(), &alpha.address, pinned).unwrap();
    let answer = client.get(HELLO, PATIENCE).await;
    assert!(matches!(answer, Err(ClientError::OtherKey)), "{answer:?}");
    let code = join::invitation_code(&alpha.address, pinned, [0; 16]);
    let charlie = Station::start("Charlie").await;
    assert_eq!(join::join(&charlie.runtime, &code, true).await.unwrap_err().code, "E-PARTNER-008");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_and_removed_partners_get_nothing() {
    let (alpha, bravo, _) = partners().await;
    let stranger = Station::start("Stranger").await;
    let (mut theirs, mut bravos) = (stranger.client(&alpha), bravo.client(&alpha));
    let log = format!("{LOG}?after=0&epoch={}", alpha.runtime.me().epoch);
    for path in [HELLO, log.as_str(), "/", "/link/v1/ack"] {
        let refused = theirs.get(path, PATIENCE).await.unwrap();
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
        assert!(std::str::from_utf8(&refused.body).unwrap().contains("E-LINK-002"));
    }
    assert_eq!(bravos.get(&log, PATIENCE).await.unwrap().status, StatusCode::OK);
    alpha.act(Administer::RemovePartner(bravo.node())).await;
    // The same connection: a removal does not wait for it to end.
    for path in [HELLO, log.as_str()] {
        let refused = bravos.get(path, PATIENCE).await.unwrap();
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_epoch_or_a_place_that_never_was_is_told_so() {
    let (alpha, bravo, _) = partners().await;
    let mut client = bravo.client(&alpha);
    let epoch = alpha.runtime.me().epoch;
    let table = [
        (format!("{LOG}?after=0&epoch={}", "0".repeat(32)), StatusCode::CONFLICT, "E-LINK-030"),
        (format!("{LOG}?after=99999&epoch={epoch}"), StatusCode::CONFLICT, "E-LINK-031"),
        (format!("{LOG}?after=-1&epoch={epoch}"), StatusCode::BAD_REQUEST, "E-LINK-032"),
        (LOG.to_owned(), StatusCode::BAD_REQUEST, "E-LINK-032"),
        ("/link/v1/other".to_owned(), StatusCode::NOT_FOUND, "E-LINK-034"),
    ];
    for (path, status, code) in table {
        let reply = client.get(&path, PATIENCE).await.unwrap();
        assert_eq!(reply.status, status, "{path}");
        assert!(std::str::from_utf8(&reply.body).unwrap().contains(code), "{path}: {reply:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_that_were_lost_on_the_way_are_given_again() {
    let (alpha, bravo) = (Station::start("Alpha").await, Station::quiet("Bravo").await);
    let circle = alpha.circle("Ring").await;
    let code = alpha.invite(vec![circle], true).await;
    join::join(&bravo.runtime, &code, true).await.unwrap();
    let mut client = bravo.client(&alpha);
    // Bravo applies what it fetched, and breaks before its receipt is on the way.
    let log = format!("{LOG}?after=0&epoch={}", alpha.runtime.me().epoch);
    let fetched = client.get(&log, PATIENCE).await.unwrap();
    let arrived = arrival(&bravo.runtime, alpha.node(), fetched.body, fetched.packed).await;
    let applied = bravo.runtime.write(Command::Arrive(arrived.unwrap().unwrap())).await.unwrap();
    assert!(matches!(applied, Answer::Receipt(_)), "{applied:?}");
    // Alpha applies what Bravo sends, and its receipt is lost.
    let (id, object) = indicator(1);
    bravo.publish(circle, &object).await;
    let (partner, epoch) = (alpha.node(), bravo.runtime.me().epoch);
    let want = Want { partner, epoch, after: 0, credit: 512, packed: true };
    let supplied = supply(&bravo.runtime, want, PATIENCE).await.unwrap();
    let Supply::Batch { packed, bytes, .. } = supplied else { panic!("{supplied:?}") };
    let content = Content { kind: NDJSON, packed, bytes: bytes.into() };
    assert_eq!(client.post(LOG, content, PATIENCE).await.unwrap().status, StatusCode::OK);
    alpha.until_held(&id).await;

    tokio::spawn(dial_all(bravo.runtime.clone()));
    alpha.until_receipted(bravo.node()).await;
    bravo.until_receipted(alpha.node()).await;
}

#[test]
fn the_worked_example_of_the_protocols_page_is_what_this_program_accepts() {
    let page = include_str!("../../../../docs/protocol.md");
    let line = |start: &str, nth| page.lines().filter(|l| l.starts_with(start)).nth(nth).unwrap();
    let key = |n| SigningKey::from_seed(&[n; 32]).unwrap().public();
    let (alpha, bravo) = (key(1), key(2));
    let batch =
        format!("{}\n{}\n", line(r#"{"o":0,"hop":1"#, 0), line(r#"{"checkpoint":"entente"#, 0));
    let keys = [(alpha.node(), alpha.into())].into_iter().collect();
    let arrival = node::link::prepare(alpha.node(), batch.as_bytes(), &keys).unwrap();
    let [record] = arrival.lines.as_slice() else { panic!("{arrival:?}") };
    let LineContent::Verified(ready) = &record.content else { panic!("{record:?}") };
    for said in [format!("digest {}", ready.sealed.digest()), format!("leaf   {}", record.leaf)] {
        assert!(page.contains(&said), "{said}");
    }
    let sent = Checkpoint::verify(&arrival.checkpoint, &alpha).unwrap();
    assert_eq!(sent.root, model::tree::root(&[record.leaf]));
    let receipt = Receipt::read(line(r#"{"checkpoint":"entente"#, 1)).unwrap();
    let (receipted, _) = Checkpoint::verify_cosigned(&receipt.checkpoint, &bravo).unwrap();
    assert_eq!(receipted, sent);
    assert!(receipt.is_signed_by(&bravo) && !receipt.is_signed_by(&alpha));
}
