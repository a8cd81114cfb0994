//! How an entry stands in an outlet after numbers were taken back.

use super::{Backfill, Narrowing, Stand};
use crate::{Outlet, Runs, Segment, Seq, Store, Tx};
use model::id::{CircleId, Epoch};
use model::time::Instant;

const KEY: &str = "link:somebody";

fn outlet(tx: &mut Tx<'_>) -> i64 {
    let at = Instant::from_micros(1);
    tx.put_outlet(&Outlet {
        id: 0,
        key: KEY.to_owned(),
        epoch: Epoch::new([1; 16]),
        next: 0,
        scanned: 0,
        urgent: 0,
        alerts: 0,
        last_date: at,
        last_read: at,
        frontier: Vec::new(),
    })
    .unwrap()
}

fn segment(tx: &mut Tx<'_>, outlet: i64, first: u64, entries: &[Seq]) {
    let runs: Runs = entries.iter().copied().collect();
    let count = u32::try_from(entries.len()).unwrap();
    let date = Instant::from_micros(i64::try_from(first).unwrap() + 10);
    let (policy_version, frontier) = (0, Vec::new());
    let segment = Segment { outlet, first, count, date, runs, policy_version, frontier };
    tx.put_segment(&segment).unwrap();
}

#[test]
fn an_entry_stands_by_any_number_that_was_not_taken_back() {
    let store = Store::memory().unwrap();
    let mut tx = store.begin().unwrap();
    let id = outlet(&mut tx);
    segment(&mut tx, id, 0, &[10, 11, 12, 13]);
    assert_eq!(tx.reading().stand(id, 9).unwrap(), Stand::Never);
    assert_eq!(tx.reading().stand(id, 11).unwrap(), Stand::Given(1));
    assert!(!tx.reading().has_withdrawn(id).unwrap());
    tx.put_withdrawn(id, (1, 1)).unwrap();
    tx.put_withdrawn(id, (2, 1)).unwrap();
    assert_eq!(tx.reading().withdrawn_count(id).unwrap(), 2);
    let told: Vec<bool> =
        (0..5).map(|number| tx.reading().is_withdrawn(id, number).unwrap()).collect();
    assert_eq!(told, [false, true, true, false, false]);
    assert_eq!(tx.reading().stand(id, 11).unwrap(), Stand::Withdrawn);
    segment(&mut tx, id, 4, &[11]);
    assert_eq!(tx.reading().stand(id, 11).unwrap(), Stand::Given(4));
    assert_eq!(tx.reading().stand(id, 12).unwrap(), Stand::Withdrawn);
}

#[test]
fn what_may_have_gone_out_bare_stands_as_if_taken_back_until_it_is_through() {
    let store = Store::memory().unwrap();
    let mut tx = store.begin().unwrap();
    let id = outlet(&mut tx);
    segment(&mut tx, id, 0, &[10, 11, 12, 13]);
    tx.put_doubted(id, 3, 4).unwrap();
    tx.put_doubted(id, 2, 3).unwrap();
    let stand = |tx: &Tx<'_>, seq| tx.reading().stand(id, seq).unwrap();
    assert_eq!((stand(&tx, 11), stand(&tx, 12)), (Stand::Given(1), Stand::Withdrawn));
    assert!(tx.reading().has_withdrawn(id).unwrap() && !tx.reading().is_withdrawn(id, 2).unwrap());
    tx.delete_doubted(id).unwrap();
    assert_eq!(stand(&tx, 12), Stand::Given(2));
}

#[test]
fn passes_and_waiting_pasts_are_kept_as_they_were_put() {
    let store = Store::memory().unwrap();
    let mut tx = store.begin().unwrap();
    let id = outlet(&mut tx);
    let pass = Narrowing { next: 5, upto: 9 };
    tx.put_narrowing(id, Some(pass)).unwrap();
    assert_eq!(tx.reading().narrowing(id).unwrap(), Some(pass));
    assert_eq!(tx.reading().narrowings().unwrap(), [KEY]);
    tx.put_narrowing(id, None).unwrap();
    assert_eq!(tx.reading().narrowing(id).unwrap(), None);
    let circle = CircleId::new(uuid::Uuid::from_u128(7));
    let wait = |outlet: &str| {
        let outlet = outlet.to_owned();
        Backfill { outlet, circle, upto: 40, records: 39, refused: false }
    };
    tx.put_backfill(&wait("link:a")).unwrap();
    tx.put_backfill(&Backfill { refused: true, ..wait("link:b") }).unwrap();
    assert_eq!(tx.reading().backfills_of("link:a").unwrap(), [wait("link:a")]);
    tx.delete_backfill("link:a", &circle).unwrap();
    assert_eq!(tx.reading().backfills().unwrap().len(), 1);
    assert!(
        !tx.reading().is_kept_back(KEY, 3).unwrap() && !tx.reading().has_kept_back(KEY).unwrap()
    );
    tx.keep_back(KEY, 3).unwrap();
    assert!(tx.reading().is_kept_back(KEY, 3).unwrap() && tx.reading().has_kept_back(KEY).unwrap());
}
