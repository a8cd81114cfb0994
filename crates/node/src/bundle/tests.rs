//! What a bundle says of itself, and who is believed.

use super::*;
use crate::link::{Content, Line};
use model::id::{Digest, Epoch};

fn key(n: u8) -> SigningKey {
    SigningKey::from_seed(&[n; 32]).unwrap()
}

fn hello() -> Hello {
    Hello {
        key: key(1).public(),
        name: "CERT Alpha".to_owned(),
        epoch: Epoch::new([7; 16]),
        size: 12,
        receipted: 3,
        have: None,
        versions: "1".to_owned(),
        credit: 512,
        hpke: Some(key(1).sealing()),
        does: "returns".to_owned(),
        returns: None,
        keys: 0,
        knows: 0,
        chain: None,
    }
}

fn head() -> Head {
    Head { holds: Holds::Records, to: key(2).public().node(), from: key(1).public().node() }
}

#[test]
fn a_head_is_read_as_it_is_written_and_in_no_other_way() {
    for holds in [Holds::Records, Holds::Receipts] {
        let head = Head { holds, ..head() };
        assert_eq!(Head::read(&head.write()), Ok(head));
    }
    let text = head().write();
    let short = text.get(..20).unwrap();
    for wrong in ["", "entente/bundle/2\n", &text.replace("records", "secrets"), short] {
        assert!(Head::read(wrong).is_err(), "{wrong:?}");
    }
    assert!(Head::read(&format!("{text}more\n")).is_err());
}

#[test]
fn a_bundles_hello_is_believed_from_its_node_to_its_reader_alone() {
    let text = sign_hello(&head(), &hello(), &key(1));
    assert_eq!(read_hello(&head(), &text), Ok(hello()));
    let to_another = Head { to: key(3).public().node(), ..head() };
    let by_another = sign_hello(&head(), &hello(), &key(2));
    let as_another = Head { from: key(3).public().node(), ..head() };
    let altered = text.replace("receipted 3", "receipted 4");
    for (head, text) in [
        (&to_another, text.as_str()),
        (&head(), &by_another),
        (&as_another, &text),
        (&head(), &altered),
        (&head(), &hello().write()),
        (&head(), ""),
    ] {
        assert!(read_hello(head, text).is_err(), "{text}");
    }
}

#[test]
fn an_introduction_is_signed_with_the_key_that_it_names() {
    let text = Introduction::write("CERT Alpha", &key(1), None);
    let read = Introduction::read(&text).unwrap();
    assert_eq!((read.key, read.by), (key(1).public(), key(1).public()));
    assert_eq!((read.hpke, &read.chain), (key(1).sealing(), &None));
    let (mine, other) = (key(1).sealing().to_string(), key(2).sealing().to_string());
    assert_ne!(mine, other);
    for wrong in [text.replace(&mine, &other), text.replace("Alpha", "Beta"), String::new()] {
        assert!(Introduction::read(&wrong).is_err(), "{wrong}");
    }
}

#[test]
fn an_introduction_by_a_later_key_is_the_nodes_that_its_chain_begins_with() {
    let at = Instant::from_micros(0);
    let begun = KeyChain::begin(&key(1), None, at);
    let next = begun.last().rotated(key(5).public(), at, at);
    let chain = begun.with(next, &key(1), &key(5)).unwrap();
    let text = chain.to_string();
    // While it changes the former key signs still.
    for by in [key(5), key(1)] {
        let said = Introduction::write("CERT Alpha", &by, Some(&text));
        let read = Introduction::read(&said).unwrap();
        assert_eq!(read.key.node(), key(1).public().node());
        assert_eq!((read.key, read.by, read.hpke), (key(1).public(), by.public(), by.sealing()));
        assert_eq!(read.chain.as_ref(), Some(&chain));
    }
    // A chain that another key brings, or that leads away from the key that signed.
    let lent = Introduction::write("CERT Alpha", &key(6), Some(&text));
    let revoking = chain.last().revoking(key(1).public(), key(5).public(), at);
    let revoked = chain.with(revoking, &key(5), &key(5)).unwrap().to_string();
    let late = Introduction::write("CERT Alpha", &key(1), Some(&revoked));
    let cut = Introduction::write("CERT Alpha", &key(5), Some(text.get(..200).unwrap()));
    for wrong in [lent, late, cut] {
        assert!(Introduction::read(&wrong).is_err(), "{wrong}");
    }
}

#[test]
fn of_a_batch_only_what_was_not_read_is_new() {
    let line = |offset| {
        let (leaf, content) = (Digest::new([0; 32]), Content::Gone);
        Line { offset, leaf, hop: 0, content }
    };
    let told = |next: u64| {
        let lines = (5..8).map(line).collect();
        let partner = key(1).public().node();
        match Portion::of(Arrival { partner, lines, checkpoint: String::new() }, next) {
            Portion::Known => "known".to_owned(),
            Portion::New(batch) => {
                let numbers: Vec<u64> = batch.lines.iter().map(|line| line.offset).collect();
                format!("{numbers:?}")
            }
            Portion::Gap(from, upto) => format!("gap {from}-{upto}"),
        }
    };
    let table = [(3, "gap 3-5"), (5, "[5, 6, 7]"), (7, "[7]"), (8, "known"), (99, "known")];
    for (next, expected) in table {
        assert_eq!(told(next), expected, "{next}");
    }
}
