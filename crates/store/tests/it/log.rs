//! What is appended comes back byte for byte, and a body lies on disk once.

use crate::world::{
    NOW, append_all, authorships, circle, facts_of, header, key, labels, node, seal, small_log,
    thing,
};
use model::id::Digest;
use model::keys::KeySet;
use model::label::{Label, Tlp};
use model::time::Instant;
use store::{Checked, Store};

#[test]
fn every_header_and_body_comes_back_byte_for_byte() {
    let extras = ["", "since 2.0\nnew-axis x\n"];
    let bodies = ["{}", "", "{\"type\":\"indicator\",\"x\":1e400,\"name\":\"\u{fc}\"}"];
    let mut made = Vec::new();
    for label in labels() {
        for authorship in authorships() {
            for extra in extras {
                let n = u16::try_from(made.len()).unwrap();
                let mut header = header(thing("indicator", n), label.clone());
                header.authorship = authorship;
                header.extra = extra.to_owned();
                header.signed = Instant::from_micros(NOW.micros() + i64::from(n));
                made.push(seal(header, bodies[usize::from(n) % bodies.len()]));
            }
        }
    }
    let mut store = Store::memory().unwrap();
    let places = append_all(&mut store, &made);
    assert_eq!(places, (1..=i64::try_from(made.len()).unwrap()).collect::<Vec<_>>());
    let reading = store.reading();
    for (seq, made) in places.into_iter().zip(&made) {
        let (record, header) = (&made.record, made.record.header());
        let parts = reading.parts(seq).unwrap().unwrap();
        assert_eq!(parts.head, record.head());
        assert_eq!(parts.body, record.body());
        let keys = KeySet::from(key().public());
        assert_eq!(parts.clone().verify_held(&keys).unwrap().digest(), record.digest());
        let (row, body) = reading.row_and_body(seq).unwrap().unwrap();
        assert_eq!(body, record.body());
        assert_eq!(reading.body(seq).unwrap().unwrap(), record.body());
        assert_eq!(Some(&row), reading.row(seq).unwrap().as_ref());
        assert_eq!(*row.label, header.effective_label());
        assert_eq!(row.authorship, header.authorship);
        assert_eq!(row.leaf, record.leaf());
        assert_eq!((row.via, row.hop, row.at), (Some(node(3)), 1, NOW));
        let light = reading.light(seq).unwrap().unwrap();
        assert_eq!(reading.label(light.label_id).unwrap(), row.label);
        assert_eq!(reading.node_of(light.signer_id).unwrap(), Some(row.signer));
        assert_eq!(reading.kind_of(light.kind_id).unwrap(), row.thing.kind);
        assert_eq!(reading.circle_of(light.circle_id).unwrap(), row.label.circle);
    }
    assert_eq!(reading.node_of(0).unwrap(), None);
}

#[test]
fn a_large_body_comes_back_whole() {
    let text: String = (0..200_000).map(|n: u32| char::from(b' ' + (n % 89) as u8)).collect();
    let made = seal(header(thing("report", 1), Label::new(Tlp::Clear, circle(1))), &text);
    let mut store = Store::memory().unwrap();
    let places = append_all(&mut store, &[made]);
    assert_eq!(store.reading().body(places[0]).unwrap().unwrap(), text.as_bytes());
}

#[test]
fn the_same_body_placed_twice_is_stored_once_and_outlives_its_first_holder() {
    // Noise, so that the size of the database tells whether it was stored again.
    let noise: String =
        (0..2_000_u32).map(|n| model::seal::sha256(&[&n.to_le_bytes()]).to_string()).collect();
    let in_circle = |n| seal(header(thing("report", 1), Label::new(Tlp::Clear, circle(n))), &noise);
    let mut store = Store::memory().unwrap();
    append_all(&mut store, &[in_circle(1)]);
    let once = store.image().unwrap().len();
    append_all(&mut store, &[in_circle(2), in_circle(3)]);
    let grown = store.image().unwrap().len() - once;
    assert!(grown < noise.len() / 4, "grew by {grown}");

    for gone in [1, 2] {
        let mut tx = store.begin().unwrap();
        tx.erase(gone, &mut |_, body| facts_of(body)).unwrap();
        tx.commit().unwrap();
        assert_eq!(store.reading().body(gone).unwrap(), None);
        assert_eq!(store.reading().body(3).unwrap().unwrap(), noise.as_bytes());
    }
    // Another version of the same thing, and another body of the same version, are kept apart.
    let mut other = header(thing("report", 1), Label::new(Tlp::Clear, circle(1)));
    other.version = "other".to_owned();
    let twice = [seal(other, &noise), seal(in_circle(1).record.header().clone(), "short")];
    let places = append_all(&mut store, &twice);
    assert_eq!(store.reading().body(places[1]).unwrap().unwrap(), b"short");
    assert_eq!(store.reading().parts(places[0]).unwrap().unwrap().body, noise.as_bytes());
}

#[test]
fn an_image_carries_everything_into_a_new_memory() {
    let mut store = Store::memory().unwrap();
    append_all(&mut store, &small_log());
    let image = store.image().unwrap();
    let mut other = Store::from_image(&image).unwrap();
    let read = |store: &Store| {
        let mut rows = Vec::new();
        store
            .check(&mut |checked: Checked| {
                rows.push((checked.row.clone(), checked.leaf().is_none()));
            })
            .unwrap();
        rows
    };
    assert_eq!(read(&store), read(&other));
    assert!(read(&other).iter().all(|(_, leaf_ok)| *leaf_ok));
    // The copy goes on by itself.
    append_all(&mut other, &small_log());
    assert_eq!((store.reading().head().unwrap(), other.reading().head().unwrap()), (40, 80));
}

#[test]
fn check_names_the_entry_whose_bytes_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let mut store = Store::open(&path, &crate::writing::options()).unwrap();
    append_all(&mut store, &small_log());
    store.close().unwrap();
    // Someone changes one leaf in the file itself.
    let victim = small_log()[4].record.leaf();
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.windows(32).position(|bytes| bytes == victim.as_bytes()).unwrap();
    bytes[at] ^= 1;
    std::fs::write(&path, bytes).unwrap();

    let store = Store::open(&path, &crate::writing::options()).unwrap();
    let mut wrong = Vec::new();
    let mut each = |checked: Checked| {
        if checked.leaf().is_some() {
            wrong.push((checked.seq, checked.row.unwrap().leaf));
        }
    };
    store.check(&mut each).unwrap();
    let mut bent = *victim.as_bytes();
    bent[0] ^= 1;
    assert_eq!(wrong, [(5, Digest::new(bent))]);
}
