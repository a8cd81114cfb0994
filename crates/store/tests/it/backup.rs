//! A copy of the database while it is written.

use crate::world::{append_all, circle, facts_of, header, seal, small_log, thing};
use crate::writing::options;
use model::label::{Label, Tlp};
use std::fmt::Write as _;
use store::{Copied, Store, StoreError};

/// A store in a file with so many bodies of some thousand bytes.
fn filled(path: &std::path::Path, bodies: u16) -> Store {
    let mut store = Store::open(path, &options()).unwrap();
    append_all(&mut store, &small_log());
    let made: Vec<_> = (0..bodies).map(large).collect();
    append_all(&mut store, &made);
    store
}

/// Bodies that do not compress to nothing.
fn large(n: u16) -> crate::world::Made {
    let mut bits = u64::from(n) + 1;
    let mut noise = String::new();
    for _ in 0..800 {
        bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        write!(noise, "{:04x}", bits >> 48).unwrap();
    }
    let head = header(thing("report", 1_000 + n), Label::new(Tlp::Green, circle(1)));
    seal(head, &format!("title Large {n}\ntext words {noise}\n"))
}

fn bodies(store: &Store) -> Vec<Option<Vec<u8>>> {
    let reading = store.reading();
    (1..=reading.head().unwrap()).map(|seq| reading.body(seq).unwrap()).collect()
}

#[test]
fn a_copy_holds_what_was_written_between_its_steps_and_writing_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(&folder.path().join("log.db"), 1_500);
    let copy = folder.path().join("copy.db");
    let (mut steps, mut last) = (0_u16, Copied::default());
    let mut meanwhile = |copied: Copied| -> Result<(), StoreError> {
        assert!(copied.done <= copied.total, "{copied:?}");
        // Begun anew, it would come back to less and less.
        assert!(copied.done >= last.done, "{copied:?} after {last:?}");
        last = copied;
        let mut tx = store.begin()?;
        crate::world::append(&mut tx, &large(5_000 + steps))?;
        tx.erase(i64::from(steps) + 1, &mut |_, body| facts_of(body))?;
        tx.put_setting("steps", &steps.to_be_bytes())?;
        tx.commit()?;
        steps += 1;
        store.checkpoint()?;
        store.purge().map(drop)
    };
    store.copy_to(&copy, &mut meanwhile).unwrap();
    assert!(steps > 3, "{steps} steps are too few to tell");
    let copied = Store::open(&copy, &options()).unwrap();
    assert_eq!(bodies(&copied), bodies(&store));
    let count = copied.reading().setting("steps").unwrap().unwrap();
    assert_eq!(count, (steps - 1).to_be_bytes());
    assert_eq!(copied.reading().search("common", None, 99).unwrap().len(), 40 - usize::from(steps));
}

#[test]
fn nothing_erased_while_it_is_made_is_left_in_a_copy() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&folder.path().join("log.db"), &options()).unwrap();
    let canary = "zqcanaryzq";
    let head = header(thing("indicator", 900), Label::new(Tlp::Green, circle(1)));
    append_all(&mut store, &[seal(head, &format!("{canary}\ntext {canary}w\n"))]);
    append_all(&mut store, &(0..600).map(large).collect::<Vec<_>>());
    let copy = folder.path().join("copy.db");
    let mut erased = false;
    let mut meanwhile = |_| -> Result<(), StoreError> {
        if !erased {
            let mut tx = store.begin()?;
            tx.erase(1, &mut |_, body| facts_of(body))?;
            tx.commit()?;
            erased = true;
        }
        store.purge().map(drop)
    };
    store.copy_to(&copy, &mut meanwhile).unwrap();
    let copied = Store::open(&copy, &options()).unwrap();
    while !copied.purge().unwrap() {}
    copied.close().unwrap();
    let bytes = std::fs::read(&copy).unwrap();
    assert!(!bytes.windows(canary.len()).any(|window| window == canary.as_bytes()));
}

#[test]
fn a_copy_that_is_given_up_leaves_the_store_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = filled(&folder.path().join("log.db"), 600);
    let before = bodies(&store);
    let copy = folder.path().join("copy.db");
    let given_up = store.copy_to(&copy, &mut |_| Err(StoreError::OutOfRange("enough")));
    assert!(matches!(given_up, Err(StoreError::OutOfRange(_))), "{given_up:?}");
    append_all(&mut store, &small_log());
    assert_eq!(bodies(&store).len(), before.len() + 40);
}
