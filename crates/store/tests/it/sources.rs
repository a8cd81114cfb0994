//! Sources come back as they were put; a name belongs to one that is not removed.

use crate::world::{NOW, circle};
use model::id::IntakeId;
use model::label::Tlp;
use store::{Position, PullError, Pulls, Secret, Source, SourceKind, Store};

fn source(n: u8) -> Source {
    Source {
        intake: IntakeId::new([n; 8]),
        name: "feed".to_owned(),
        kind: SourceKind::Taxii,
        url: "https://taxii.example/".to_owned(),
        circle: circle(1),
        default: Some(Tlp::Amber),
        every: 600,
        secret: Some(Secret("sesame".to_owned())),
        added: NOW,
        removed: None,
        position: Position {
            etag: Some("\"1\"".to_owned()),
            modified: Some("Sun, 06 Nov 1994 08:49:37 GMT".to_owned()),
            added_after: Some(NOW.plus_seconds(1)),
            next: Some("n".to_owned()),
        },
        pulls: Pulls {
            asked: Some(NOW.plus_seconds(2)),
            last: Some(NOW.plus_seconds(3)),
            success: Some(NOW.plus_seconds(4)),
            not_before: Some(NOW.plus_seconds(5)),
            failures: 6,
            error: Some(PullError {
                code: "E-SOURCE-010".to_owned(),
                message: "m".to_owned(),
                hint: "h".to_owned(),
            }),
            refusal: Some("r".to_owned()),
            accepted: 7,
            duplicate: 8,
            refused: 9,
        },
    }
}

#[test]
fn a_source_comes_back_as_it_was_put() {
    let store = Store::memory().unwrap();
    let mut tx = store.begin().unwrap();
    tx.put_source(&source(1)).unwrap();
    let plain = Source {
        name: "plain".to_owned(),
        kind: SourceKind::List,
        default: None,
        secret: None,
        position: Position::default(),
        pulls: Pulls::default(),
        ..source(2)
    };
    tx.put_source(&plain).unwrap();
    tx.commit().unwrap();
    let reading = store.reading();
    assert_eq!(reading.sources().unwrap(), [source(1), plain.clone()]);
    assert_eq!(reading.source(&source(1).intake).unwrap(), Some(source(1)));
    assert_eq!(reading.source_named("plain").unwrap(), Some(plain));
    assert!(!format!("{:?}", source(1)).contains("sesame"));
}

#[test]
fn a_name_is_free_again_once_its_source_is_removed() {
    let store = Store::memory().unwrap();
    let mut tx = store.begin().unwrap();
    tx.put_source(&source(1)).unwrap();
    assert!(tx.put_source(&source(2)).is_err(), "two of one name");
    tx.put_source(&Source { removed: Some(NOW), ..source(1) }).unwrap();
    assert_eq!(tx.reading().source_named("feed").unwrap(), None);
    tx.put_source(&source(2)).unwrap();
    assert_eq!(tx.reading().source_named("feed").unwrap(), Some(source(2)));
}
