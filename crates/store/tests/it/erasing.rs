//! Erasing: the stub stays, and no file holds anything of what was erased.

use crate::world::{append_all, circle, facts_of, header, labels, seal, small_log, thing};
use crate::writing::options;
use model::facts::ValueKind;
use model::label::{Label, Tlp};
use std::path::Path;
use store::{Seq, Store};

const CANARY: &str = "zqcanaryzq";

/// Files of the folder that hold these bytes.
fn holders(folder: &Path, bytes: &[u8]) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap());
    let holds = |path: &Path| {
        std::fs::read(path).unwrap().windows(bytes.len()).any(|window| window == bytes)
    };
    files
        .filter(|file| holds(&file.path()))
        .map(|file| file.file_name().into_string().unwrap())
        .collect()
}

fn purge(store: &mut Store) {
    for _ in 0..1_000 {
        if store.purge().unwrap() {
            return;
        }
    }
    panic!("a purge without end");
}

#[test]
fn nothing_of_an_erased_entry_is_left_in_any_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&folder.path().join("log.db"), &options()).unwrap();
    let mut made = small_log();
    let mut head = header(thing("indicator", 900), Label::new(Tlp::Green, circle(1)));
    head.version = format!("version-{CANARY}");
    head.extra = format!("x-note extra-{CANARY}\n");
    // Not compressible to a reference: the canary stands in the frame as it is.
    let body = format!("{CANARY}\ntitle {CANARY}t\ntext words {CANARY}w\nvalue {CANARY}.example\n");
    made.insert(20, seal(head, &body));
    append_all(&mut store, &made);
    // As in service: part of it is in the database file, part in the write-ahead log.
    for _ in 0..5 {
        append_all(&mut store, &small_log());
        store.checkpoint().unwrap();
    }
    let uuid = thing("indicator", 900).uuid;
    assert!(!holders(folder.path(), CANARY.as_bytes()).is_empty());
    assert!(!holders(folder.path(), uuid.as_bytes()).is_empty());
    let leaf = store.reading().row(21).unwrap().unwrap().leaf;

    let mut tx = store.begin().unwrap();
    tx.erase(21, &mut |_, body| facts_of(body)).unwrap();
    tx.erase(21, &mut |_, body| facts_of(body)).unwrap();
    tx.commit().unwrap();
    // Applied: no question finds it any more.
    let reading = store.reading();
    let row = reading.row(21).unwrap().unwrap();
    assert!(row.erased && row.version.is_empty() && row.thing.uuid.is_nil());
    assert_eq!(row.leaf, leaf);
    assert_eq!((reading.body(21).unwrap(), reading.row_and_body(21).unwrap()), (None, None));
    assert!(reading.parts(21).unwrap().is_none());
    assert_eq!(reading.by_thing(&thing("indicator", 900)).unwrap(), []);
    let value = format!("{CANARY}.example");
    assert_eq!(reading.by_value(ValueKind::Domain, &value, None, 9).unwrap(), []);
    assert_eq!(reading.search(&format!("{CANARY}w"), None, 9).unwrap(), []);
    assert!(reading.scan_circle(circle(1), 20, 21, 9).unwrap().is_empty());
    assert!(reading.scan(20, 21, 9).unwrap()[0].erased);

    // Purged: no file holds it, in service.
    purge(&mut store);
    assert_eq!(holders(folder.path(), CANARY.as_bytes()), Vec::<String>::new());
    assert_eq!(holders(folder.path(), b"canaryz"), Vec::<String>::new());
    assert_eq!(holders(folder.path(), uuid.as_bytes()), Vec::<String>::new());
    assert!(store.purge().unwrap(), "nothing more to do");
    // The rest is as it was.
    assert_eq!(store.reading().search("common", None, 999).unwrap().len(), 240);
    let mut wrong = 0;
    store.check(&mut |checked| wrong += u32::from(checked.leaf().is_some())).unwrap();
    assert_eq!(wrong, 0);
}

#[test]
fn an_entry_whose_last_rival_is_erased_has_none() {
    let about = |n| header(thing("malware", 1), Label::new(Tlp::Green, circle(n)));
    let mut store = Store::memory().unwrap();
    let bare = labels().into_iter().map(|label| seal(header(thing("tool", 2), label), "{}"));
    append_all(&mut store, &[seal(about(1), "one"), seal(about(2), "two")]);
    append_all(&mut store, &bare.collect::<Vec<_>>());
    let rival = |store: &Store, seq: Seq| store.reading().light(seq).unwrap().unwrap().rival;
    assert!(rival(&store, 1) && rival(&store, 2) && rival(&store, 3));
    let mut tx = store.begin().unwrap();
    tx.erase(2, &mut |_, body| facts_of(body)).unwrap();
    tx.erase(3, &mut |_, body| facts_of(body)).unwrap();
    assert!(tx.erase(999, &mut |_, body| facts_of(body)).is_err());
    tx.commit().unwrap();
    assert!(!rival(&store, 1) && !rival(&store, 2) && !rival(&store, 3) && rival(&store, 4));
    assert_eq!(store.reading().body(4).unwrap().unwrap(), b"{}");
}
