//! State comes back as it was put, and is replaced by what is put later.

use crate::world::{NOW, circle, node};
use model::id::{Digest, Epoch, IntakeId};
use model::label::Tlp;
use model::seal::PublicKey;
use model::time::Instant;
use store::{
    CircleState, Cursor, GivenReceipt, HeldReceipt, Invitation, Outlet, Partner, PartnerState,
    Rescan, Rights, Segment, StatusRow, Store, Token,
};

fn token(name: &str, n: u8) -> Token {
    Token {
        name: name.to_owned(),
        hash: Digest::new([n; 32]),
        intake: IntakeId::new([n; 8]),
        circles: vec![circle(2), circle(1)],
        rights: Rights::READ.with(Rights::RED),
        default: Some(Tlp::AmberStrict),
        created: NOW,
        expires: Some(NOW.plus_seconds(60)),
        revoked: None,
    }
}

#[test]
fn tokens_are_found_by_the_digest_of_their_secret() {
    let store = Store::memory().unwrap();
    let mut tx = store.begin().unwrap();
    tx.put_token(&token("soc", 1)).unwrap();
    tx.put_token(&token("misp", 2)).unwrap();
    assert!(tx.put_token(&token("thief", 1)).is_err(), "a second name for one secret");
    assert!(tx.revoke_token("misp", NOW).unwrap());
    assert!(!tx.revoke_token("misp", NOW).unwrap());
    assert!(!tx.revoke_token("nobody", NOW).unwrap());
    tx.commit().unwrap();
    let reading = store.reading();
    assert_eq!(reading.token_by_hash(&Digest::new([1; 32])).unwrap(), Some(token("soc", 1)));
    let revoked = Token { revoked: Some(NOW), ..token("misp", 2) };
    assert_eq!(reading.token_named("misp").unwrap(), Some(revoked.clone()));
    assert_eq!(reading.tokens().unwrap(), [revoked, token("soc", 1)]);
    assert_eq!(reading.token_by_hash(&Digest::new([3; 32])).unwrap(), None);
    let rights = token("soc", 1).rights;
    assert!(rights.has(Rights::RED) && !rights.has(Rights::WRITE) && !rights.has(Rights::ADMIN));
}

#[test]
fn partners_invitations_and_circles_come_back() {
    let partner = Partner {
        node: node(1),
        name: "CERT Beta".to_owned(),
        key: PublicKey::new([1; 32]),
        address: None,
        state: PartnerState::Joined,
        words: "one two three four five six".to_owned(),
        card: "card/1\n".to_owned(),
        added: NOW,
        removed_us: None,
    };
    let confirmed = Partner {
        state: PartnerState::Confirmed,
        address: Some("beta.example:8441".to_owned()),
        removed_us: Some(NOW),
        ..partner.clone()
    };
    let invitation = Invitation {
        secret_hash: Digest::new([4; 32]),
        circles: vec![circle(1)],
        trusted: true,
        expires: NOW,
        used: false,
    };
    let member = CircleState {
        circle: circle(1),
        convener: node(1),
        accepted: None,
        offered: Some("members\n".to_owned()),
        auto_accept: true,
    };
    let store = Store::memory().unwrap();
    let mut tx = store.begin().unwrap();
    tx.put_partner(&partner).unwrap();
    tx.put_partner(&confirmed).unwrap();
    tx.put_invitation(&invitation).unwrap();
    assert!(tx.use_invitation(&invitation.secret_hash).unwrap());
    assert!(!tx.use_invitation(&invitation.secret_hash).unwrap(), "once");
    tx.put_circle(&CircleState { offered: None, ..member.clone() }).unwrap();
    tx.put_circle(&member).unwrap();
    tx.commit().unwrap();
    let reading = store.reading();
    assert_eq!(reading.partners().unwrap(), std::slice::from_ref(&confirmed));
    assert_eq!(reading.partner(&node(1)).unwrap(), Some(confirmed));
    assert_eq!(reading.partner(&node(2)).unwrap(), None);
    let used = Invitation { used: true, ..invitation.clone() };
    assert_eq!(reading.invitation(&invitation.secret_hash).unwrap(), Some(used));
    assert_eq!(reading.circles().unwrap(), std::slice::from_ref(&member));
    assert_eq!(reading.circle(&circle(1)).unwrap(), Some(member));
}

fn outlet(key: &str) -> Outlet {
    Outlet {
        id: 0,
        key: key.to_owned(),
        epoch: Epoch::new([1; 16]),
        next: 0,
        scanned: 0,
        urgent: 0,
        alerts: 0,
        last_date: NOW,
        last_read: NOW,
        frontier: vec![],
    }
}

/// Ten segments of five entries, one hundred microseconds apart; the seventh goes far back.
fn segment(outlet: i64, n: i64) -> Segment {
    let start = if n == 7 { 3 } else { n * 10 + 1 };
    Segment {
        outlet,
        first: u64::try_from(n * 5).unwrap(),
        count: 5,
        date: NOW.plus_micros(n * 100),
        runs: (start..start + 5).collect(),
        policy_version: 2,
        frontier: vec![u8::try_from(n).unwrap(); 32],
    }
}

#[test]
fn segments_are_found_by_offset_by_date_and_by_entry() {
    let store = Store::memory().unwrap();
    let mut tx = store.begin().unwrap();
    let id = tx.put_outlet(&outlet("taxii:a")).unwrap();
    let other = tx.put_outlet(&outlet("link:b")).unwrap();
    for n in 0..10 {
        tx.put_segment(&segment(id, n)).unwrap();
    }
    tx.put_segment(&segment(other, 0)).unwrap();
    let moved = Outlet { id, next: 50, scanned: 99, ..outlet("taxii:a") };
    assert_eq!(tx.put_outlet(&moved).unwrap(), id);
    tx.commit().unwrap();
    let reading = store.reading();
    assert_eq!(reading.outlet("taxii:a").unwrap(), Some(moved.clone()));
    assert_eq!(reading.outlets().unwrap().len(), 2);
    let firsts = |from, limit| -> Vec<u64> {
        reading.segments(id, from, limit).unwrap().iter().map(|segment| segment.first).collect()
    };
    assert_eq!(firsts(0, 2), [0, 5]);
    assert_eq!(firsts(4, 2), [0, 5]);
    assert_eq!(firsts(5, 1), [5]);
    assert_eq!(firsts(49, 9), [45]);
    assert_eq!((firsts(50, 9).len(), firsts(u64::MAX, 9).len(), firsts(0, 99).len()), (0, 0, 10));
    let at = |micros| {
        let found = reading.segment_at(id, Instant::from_micros(NOW.micros() + micros)).unwrap();
        found.map(|segment| segment.first)
    };
    // The last entry of a segment has the date of its first plus four.
    assert_eq!([at(-1), at(3), at(4), at(104), at(903)], [0, 0, 5, 10, 45].map(Some));
    assert_eq!(at(904), None);
    let place = |seq| {
        let found = reading.place_of(id, seq).unwrap();
        found.map(|(segment, index)| segment.first + u64::from(index))
    };
    let numbered: Vec<_> = reading.segments(id, 0, 99).unwrap();
    for (offset, seq) in numbered.iter().flat_map(|s| (s.first..).zip(s.runs.iter())) {
        assert_eq!(place(seq).and_then(|o| seq_at(&numbered, o)), Some(seq), "{offset}");
    }
    assert_eq!(place(1_000_000), None);
    assert_eq!(reading.segments(other, 0, 9).unwrap(), [segment(other, 0)]);
}

#[test]
fn cursors_receipts_and_rescans_come_back() {
    let epoch = Epoch::new([2; 16]);
    let cursor = Cursor { partner: node(1), epoch, next: 7, frontier: vec![1] };
    let given =
        GivenReceipt { partner: node(1), epoch, first: 5, count: 2, text: "receipt".to_owned() };
    let held = |size| HeldReceipt { outlet: 1, size, at: NOW, text: format!("r{size}") };
    let all = Rescan { id: 0, outlet: 1, circle: None, from: 1, upto: 9, due: NOW };
    let store = Store::memory().unwrap();
    let mut tx = store.begin().unwrap();
    tx.put_cursor(&Cursor { next: 1, ..cursor.clone() }).unwrap();
    tx.put_cursor(&cursor).unwrap();
    tx.put_given_receipt(&given).unwrap();
    for size in [1, 300, 20] {
        tx.put_held_receipt(&held(size)).unwrap();
    }
    let first = tx.put_rescan(&all).unwrap();
    let second = tx.put_rescan(&Rescan { circle: Some(circle(1)), ..all }).unwrap();
    tx.put_rescan(&Rescan { id: second, circle: Some(circle(1)), from: 5, ..all }).unwrap();
    tx.delete_rescan(first).unwrap();
    tx.commit().unwrap();
    let reading = store.reading();
    assert_eq!(reading.cursor(&node(1)).unwrap(), Some(cursor));
    assert_eq!(reading.cursor(&node(2)).unwrap(), None);
    assert_eq!(reading.given_receipt(&node(1), &epoch, 5).unwrap(), Some(given));
    assert_eq!(reading.given_receipt(&node(1), &epoch, 6).unwrap(), None);
    assert_eq!(reading.held_receipts(1, 2).unwrap(), [held(300), held(20)]);
    let left = Rescan { id: second, circle: Some(circle(1)), from: 5, ..all };
    assert_eq!(reading.rescans(1, NOW).unwrap(), [left]);
}

#[test]
fn small_marks_come_and_go() {
    let store = Store::memory().unwrap();
    let status = |id: &str, at| StatusRow {
        id: id.to_owned(),
        owner: "soc".to_owned(),
        circle: circle(1),
        at,
        text: b"{}".to_vec(),
    };
    let mut tx = store.begin().unwrap();
    tx.hide(&circle(1), 5).unwrap();
    tx.hide(&circle(1), 5).unwrap();
    tx.put_status(&status("old", NOW)).unwrap();
    tx.put_status(&status("new", NOW.plus_seconds(1))).unwrap();
    assert_eq!(tx.prune_statuses(NOW.plus_seconds(1)).unwrap(), 1);
    tx.put_erased_thing(&Digest::new([8; 32])).unwrap();
    tx.put_setting("name", b"one").unwrap();
    tx.put_setting("name", b"two").unwrap();
    tx.commit().unwrap();
    let reading = store.reading();
    assert!(
        reading.is_hidden(&circle(1), 5).unwrap() && !reading.is_hidden(&circle(1), 6).unwrap()
    );
    assert!(!reading.is_hidden(&circle(2), 5).unwrap(), "in that circle alone");
    assert_eq!(reading.status("old").unwrap(), None);
    assert_eq!(reading.status("new").unwrap(), Some(status("new", NOW.plus_seconds(1))));
    assert!(reading.is_erased_thing(&Digest::new([8; 32])).unwrap());
    assert!(!reading.is_erased_thing(&Digest::new([9; 32])).unwrap());
    assert_eq!(reading.setting("name").unwrap().unwrap(), b"two");
    assert_eq!(reading.setting("other").unwrap(), None);
}

/// The entry that has this number.
fn seq_at(segments: &[Segment], offset: u64) -> Option<store::Seq> {
    let all = segments.iter().flat_map(|s| (s.first..).zip(s.runs.iter()));
    all.into_iter().find(|(o, _)| *o == offset).map(|(_, seq)| seq)
}
