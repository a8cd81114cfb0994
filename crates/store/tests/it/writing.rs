//! Transactions: all or nothing, seen by others only when committed; and the files on disk.

use crate::world::{append, append_all, circle, header, node, seal, small_log, thing};
use model::label::{Label, Tlp};
use store::{Options, Store, StoreError};

pub(crate) fn options() -> Options {
    Options { cache_bytes: 1 << 20, mmap_bytes: 16 << 20, wal_bytes: 2 << 20 }
}

#[test]
fn a_transaction_that_is_dropped_leaves_nothing_not_even_names() {
    let mut store = Store::memory().unwrap();
    append_all(&mut store, &small_log());
    let before = store.image().unwrap();
    let strange = seal(header(thing("x-lost", 1), Label::new(Tlp::Red, circle(77))), "text gone\n");
    let kept = seal(header(thing("x-kept", 1), Label::new(Tlp::Green, circle(78))), "text here\n");
    let mut tx = store.begin().unwrap();
    let seq = append(&mut tx, &strange).unwrap();
    let lost = tx.reading().light(seq).unwrap().unwrap();
    assert_eq!(tx.reading().search("gone", None, 9).unwrap(), [seq]);
    drop(tx);
    assert_eq!(store.image().unwrap(), before);
    assert_eq!(store.reading().circle_id(&circle(77)).unwrap(), None);
    assert!(store.reading().label(lost.label_id).is_err());

    // The numbers that were never given go to the next names, for every reader.
    append_all(&mut store, std::slice::from_ref(&kept));
    let light = store.reading().light(seq).unwrap().unwrap();
    assert_eq!((light.label_id, light.circle_id), (lost.label_id, lost.circle_id));
    assert_eq!(*store.reading().label(light.label_id).unwrap(), kept.record.header().label);
    assert_eq!(store.reading().circle_of(light.circle_id).unwrap(), circle(78));
}

#[test]
fn a_snapshot_sees_only_what_was_committed_when_it_began() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&folder.path().join("log.db"), &options()).unwrap();
    let snapshots = store.snapshots().unwrap();
    let mut snapshot = snapshots.open().unwrap();
    let made = small_log();
    append_all(&mut store, &made[..10]);
    let head = snapshot.read(|reading| {
        let first = reading.head()?;
        let mut tx = store.begin()?;
        append(&mut tx, &made[10])?;
        assert_eq!((tx.reading().head()?, reading.head()?), (11, first));
        tx.commit()?;
        // Still the same state, though it is committed; another snapshot has the new one.
        assert_eq!(reading.head()?, first);
        let other = snapshots.open()?.read(|reading| reading.head())?;
        assert_eq!(other, 11);
        Ok::<_, StoreError>(first)
    });
    assert_eq!(head.unwrap(), 10);
    let row = snapshot.read(|reading| reading.row(11)).unwrap().unwrap();
    assert_eq!((&row.thing, row.via), (&made[10].record.header().thing, Some(node(3))));
    assert!(Store::memory().unwrap().snapshots().is_none());
}

#[test]
fn a_reader_cannot_write_and_a_failed_reading_ends_its_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("log.db"), &options()).unwrap();
    let mut snapshot = store.snapshots().unwrap().open().unwrap();
    let failed: Result<(), StoreError> = snapshot.read(|_| Err(StoreError::NoSuchEntry(1)));
    assert!(failed.is_err());
    assert_eq!(snapshot.read(|reading| reading.head()).unwrap(), 0);
}

#[test]
fn the_write_ahead_log_is_allocated_once_and_begun_anew_by_checkpoints() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let wal = folder.path().join("log.db-wal");
    let mut store = Store::open(&path, &options()).unwrap();
    let allocated = std::fs::metadata(&wal).unwrap().len();
    assert_eq!(allocated, 2 << 20);
    for _ in 0..40 {
        append_all(&mut store, &small_log());
        store.checkpoint().unwrap();
    }
    assert_eq!(std::fs::metadata(&wal).unwrap().len(), allocated, "never grew, never shrank");
    store.close().unwrap();
    let store = Store::open(&path, &options()).unwrap();
    assert_eq!(store.reading().head().unwrap(), 1600);
}

#[test]
fn what_was_committed_survives_a_process_that_never_closed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let mut store = Store::open(&path, &options()).unwrap();
    append_all(&mut store, &small_log());
    let mut tx = store.begin().unwrap();
    append(&mut tx, &small_log()[0]).unwrap();
    // The files as a crash would leave them: copied while a transaction is under way.
    let copy = tempfile::tempdir().unwrap();
    for name in ["log.db", "log.db-wal"] {
        std::fs::copy(folder.path().join(name), copy.path().join(name)).unwrap();
    }
    drop(tx);
    let recovered = Store::open(&copy.path().join("log.db"), &options()).unwrap();
    assert_eq!(recovered.reading().head().unwrap(), 40);
    let mut wrong = 0;
    recovered.check(&mut |checked| wrong += u32::from(checked.leaf().is_some())).unwrap();
    assert_eq!(wrong, 0);
}

#[test]
fn a_file_that_is_not_ours_or_of_another_version_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let foreign = folder.path().join("foreign.db");
    std::fs::write(&foreign, [b'x'; 4096]).unwrap();
    assert!(Store::open(&foreign, &options()).is_err());

    let newer = folder.path().join("newer.db");
    Store::open(&newer, &options()).unwrap().close().unwrap();
    // SPEC: SQLite file format §1.3: the user version stands at offset 60, big-endian.
    let mut bytes = std::fs::read(&newer).unwrap();
    for version in [2, 9] {
        bytes[63] = version;
        std::fs::write(&newer, &bytes).unwrap();
        let refused = Store::open(&newer, &options()).unwrap_err();
        let says = matches!(refused, StoreError::OtherVersion { found, known: 3 } if found == i64::from(version));
        assert!(says && !refused.is_damage(), "{refused}");
    }
}
