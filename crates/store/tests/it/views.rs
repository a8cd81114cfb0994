//! Views answer the same after they were dropped and rebuilt.

use crate::world::{append_all, circle, facts_of, small_log, thing};
use model::facts::ValueKind;
use store::{Regard, Seq, Store, StoreError, views};

/// Every question to every view, as text.
pub(crate) fn answers(store: &Store) -> String {
    let reading = store.reading();
    let mut text = Vec::new();
    for n in 0..17 {
        for kind in ["indicator", "malware", "identity"] {
            let thing = thing(kind, n);
            text.push(format!("{:?}", reading.by_thing(&thing).unwrap()));
            text.push(format!("{:?}", reading.referring(&thing, None, 100).unwrap()));
        }
    }
    for n in 0..9 {
        let value = format!("h{n}.example");
        text.push(format!("{:?}", reading.by_value(ValueKind::Domain, &value, None, 9).unwrap()));
    }
    let mut watched = Vec::new();
    let next = reading.watched((3, 39), 20, &mut |seq, rival, values| {
        let light = reading.light(seq).unwrap().unwrap();
        // Its mark may outlive the rival, but is never missing.
        assert!(rival || !light.rival, "{seq}");
        watched.push(format!("{seq} {:?}", values.collect::<Vec<_>>()));
    });
    text.push(format!("{watched:?} {next:?} {}", reading.watched_count().unwrap().0));
    for words in ["common", "number 3", "case 12", "absent"] {
        text.push(format!("{:?}", reading.search(words, None, 100).unwrap()));
    }
    for n in 0..5 {
        text.push(format!("{:?}", reading.scan_circle(circle(n), 3, 30, 9).unwrap()));
    }
    for kind in ["stix/indicator", "stix/malware", "stix/absent"] {
        let kind = kind.parse().unwrap();
        text.push(format!("{:?}", reading.scan_kind(&kind, 3, 30, 9).unwrap()));
    }
    text.push(format!("{:?}", reading.scan(0, Seq::MAX, 1_000).unwrap()));
    text.join("\n")
}

#[test]
fn each_view_answers_the_same_after_it_was_rebuilt() {
    let mut store = Store::memory().unwrap();
    append_all(&mut store, &small_log());
    let mut tx = store.begin().unwrap();
    // Entries 1 and 18 are about the same thing; 36 stays. Entry 4 is alone with 21, 38.
    for seq in [18, 4, 40] {
        tx.erase(seq, &mut |_, body| facts_of(body)).unwrap();
    }
    tx.commit().unwrap();
    let before = answers(&store);
    for view in views() {
        let (taken, _) =
            store.rebuild(view, &mut |_, body| facts_of(body), &mut |_, _| {}).unwrap();
        assert_eq!(taken, 37, "{view}");
        assert_eq!(answers(&store), before, "{view}");
        // The view was dropped indeed: filled with nothing it answers otherwise.
        if matches!(view, "values" | "watched" | "references" | "text") {
            store.rebuild(view, &mut |_, _| Default::default(), &mut |_, _| {}).unwrap();
            assert_ne!(answers(&store), before, "{view}");
            store.rebuild(view, &mut |_, body| facts_of(body), &mut |_, _| {}).unwrap();
        }
    }
    assert!(matches!(
        store.rebuild("nothing", &mut |_, body| facts_of(body), &mut |_, _| {}),
        Err(StoreError::UnknownView(_))
    ));
}

#[test]
fn views_answer_in_the_promised_order() {
    let mut store = Store::memory().unwrap();
    append_all(&mut store, &small_log());
    let reading = store.reading();
    assert_eq!(reading.by_thing(&thing("malware", 1)).unwrap(), [19]);
    assert_eq!(reading.by_thing(&thing("indicator", 1)).unwrap(), [2, 36]);
    let newest = |before| reading.by_value(ValueKind::Domain, "h0.example", before, 2).unwrap();
    assert_eq!((newest(None), newest(Some(28))), (vec![37, 28], vec![19, 10]));
    assert_eq!(reading.by_value(ValueKind::Url, "h0.example", None, 9).unwrap(), []);
    let all = reading.referring(&thing("identity", 2), None, 1_000).unwrap();
    assert!(all.is_sorted_by(|a, b| a > b) && all.ends_with(&[11, 7, 3]), "{all:?}");
    assert_eq!(reading.referring(&thing("identity", 2), Some(11), 1).unwrap(), [7]);
    assert_eq!(reading.search("common case", Some(10), 2).unwrap(), [9, 8]);
    // Rivals: things held more than once, whoever holds them.
    let rivals = reading.scan(0, Seq::MAX, 99).unwrap();
    for light in rivals {
        let row = reading.row(light.seq).unwrap().unwrap();
        assert_eq!(light.rival, reading.by_thing(&row.thing).unwrap().len() > 1, "{}", light.seq);
    }
}

#[test]
fn what_people_type_is_words_and_never_a_query() {
    let mut store = Store::memory().unwrap();
    append_all(&mut store, &small_log());
    let cases = [
        ("\"", 0),
        ("", 0),
        ("* ( ) -", 0),
        ("common OR absent", 0),
        ("common AND", 0),
        ("title:case", 0),
        ("NEAR(common words)", 0),
        ("comm*", 0),
        ("\"common words\"", 40),
        ("COMMON", 40),
        ("words common", 40),
        ("common\"words", 40),
    ];
    for (words, found) in cases {
        assert_eq!(store.reading().search(words, None, 99).unwrap().len(), found, "{words}");
    }
}

#[test]
fn what_others_make_of_an_indicator_is_found_by_it_and_goes_with_their_words() {
    let mut store = Store::memory().unwrap();
    let label = || model::label::Label::new(model::label::Tlp::Green, circle(1));
    let word = |kind: &str, n: u16, of: &str| {
        let about = format!("ref {of}\nref {}\n", thing("identity", 1));
        crate::world::seal(crate::world::header(thing(kind, n), label()), &about)
    };
    let (one, two) = (thing("indicator", 1), thing("indicator", 2));
    let all = [
        word("sighting", 1, &one.to_string()),
        word("opinion", 2, &one.to_string()),
        word("sighting", 3, &one.to_string()),
        word("note", 4, &one.to_string()),
        word("sighting", 5, &two.to_string()),
    ];
    let places = append_all(&mut store, &all);
    let told = |store: &Store, of: &model::id::ThingId| {
        let (reading, of) = (store.reading(), of.uuid.as_bytes());
        let mut sighted = Vec::new();
        let from = crate::world::NOW;
        let mut each = |one: store::Sighted| {
            sighted.push(one.seq);
            Ok(())
        };
        reading.sighted(Some(of), from, &mut each).unwrap();
        reading.sighted(Some(of), from.plus_micros(1), &mut each).unwrap();
        let opinions = reading.regards(of, Regard::Opinion, 9).unwrap();
        (sighted, reading.regards(of, Regard::Sighting, 9).unwrap(), opinions)
    };
    let [a, b, c, _, e] = places[..] else { panic!("five") };
    let both = |store: &Store| (told(store, &one), told(store, &two));
    let before = both(&store);
    assert_eq!(before, ((vec![a, c], vec![c, a], vec![b]), (vec![e], vec![e], vec![])));
    store.rebuild("esteem", &mut |_, body| facts_of(body), &mut |_, _| {}).unwrap();
    assert_eq!(both(&store), before);
    let mut tx = store.begin().unwrap();
    for seq in [b, c] {
        tx.erase(seq, &mut |_, body| facts_of(body)).unwrap();
    }
    tx.commit().unwrap();
    assert_eq!(told(&store, &one), (vec![a], vec![a], vec![]));
    let mut known = Vec::new();
    store.reading().regarded(&mut |thing| known.push(thing)).unwrap();
    known.sort_unstable();
    let mut wanted = [*one.uuid.as_bytes(), *two.uuid.as_bytes()];
    wanted.sort_unstable();
    assert_eq!(known, wanted);
}
