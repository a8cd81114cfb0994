//! A record survives its text, and any change to it is found.

use super::*;
use crate::label::Tlp;

fn key() -> SigningKey {
    SigningKey::from_seed(&[7; 32]).unwrap()
}

fn header() -> Header {
    let circle = CircleId::new(uuid::Uuid::from_u128(1));
    Header {
        signer: key().public().node(),
        authorship: Authorship::Carries(IntakeId::new([9; 8])),
        thing: "indicator--28bb3599-77cd-5a82-a950-b5bc3caf07c4".parse().unwrap(),
        version: "2026-02-01T00:00:00.000Z".to_owned(),
        signed: Instant::from_micros(1_795_000_000_123_456),
        label: Label {
            to: Some(BTreeSet::from([NodeId::new([3; 16])])),
            embargo: Some(Instant::from_micros(1_795_000_000_000_000)),
            pap: Some(crate::label::Pap::Amber),
            ..Label::new(Tlp::AmberStrict, circle)
        },
        extra: String::new(),
    }
}

fn sealed() -> Sealed {
    Unsealed { header: header(), body: br#"{"n":9007199254740993}"#.to_vec() }.seal(&key(), [5; 16])
}

fn parts(record: &Sealed) -> Parts {
    Parts {
        head: record.head().to_owned(),
        body: record.body().to_vec(),
        salt: *record.salt(),
        signature: *record.signature(),
    }
}

#[test]
fn header_text_reads_back_to_the_same_header() {
    assert_eq!(Header::read(&header().write()), Ok(header()));
}

#[test]
fn any_other_spelling_is_refused() {
    let text = header().write();
    for changed in [
        text.replace("hops 3", "hops 03"),
        text.replace("hops 3\n", "hops 3\npersonal no\n\n"),
        text.replace("tlp amber+strict", "tlp AMBER+STRICT"),
        text.replace("123456Z", "123456000Z"),
        text.replace("hops 3", "hops 200"),
        // The same sealed bytes as without the last line, which would begin the body there.
        format!("{text}\nthe body's beginning\n"),
    ] {
        assert!(Header::read(&changed).is_err(), "{changed}");
    }
}

#[test]
fn lines_of_a_newer_version_are_kept_and_read_as_red() {
    let text = header().write() + "purpose research\n";
    let header = Header::read(&text).unwrap();
    assert_eq!(header.write(), text);
    assert_eq!(header.effective_label().effective_tlp(), Tlp::Red);
}

#[test]
fn a_changed_byte_anywhere_is_found() {
    let (record, keys) = (sealed(), KeySet::from(key().public()));
    assert!(parts(&record).verify_held(&keys).is_ok());
    let mut other_body = parts(&record);
    other_body.body.push(b' ');
    assert_eq!(other_body.verify_held(&keys).unwrap_err(), BadSignature.into());
    let mut other_head = parts(&record);
    other_head.head = other_head.head.replace("tlp amber+strict", "tlp green");
    assert_eq!(other_head.verify_held(&keys).unwrap_err(), BadSignature.into());
    let stranger = KeySet::from(SigningKey::from_seed(&[8; 32]).unwrap().public());
    assert_eq!(parts(&record).verify_held(&stranger).unwrap_err(), VerifyError::OtherSigner);
}
