//! A checkpoint is signed by one side, countersigned by the other, and cannot be altered.

use super::*;

fn keys() -> (SigningKey, SigningKey) {
    (SigningKey::from_seed(&[1; 32]).unwrap(), SigningKey::from_seed(&[2; 32]).unwrap())
}

#[test]
fn both_signatures_verify_and_nobody_elses() {
    let (alpha, beta) = keys();
    let head = Checkpoint { origin: "entente/a/b/e".into(), size: 3, root: sha256(&[b"x"]) };
    let note = head.sign("CERT Alpha", &alpha);
    assert_eq!(Checkpoint::verify(&note, &alpha.public()), Ok(head.clone()));
    assert_eq!(Checkpoint::verify(&note, &beta.public()), Err(NoteError::Unsigned));

    let now = Instant::from_micros(1_795_000_000_000_000);
    let receipt = head.cosign("CERT Beta", &beta, now);
    assert_eq!(Checkpoint::verify_cosigned(&receipt, &beta.public()), Ok((head, now)));
    assert!(Checkpoint::verify(&receipt, &beta.public()).is_err(), "a receipt is no checkpoint");
    assert!(Checkpoint::verify_cosigned(&note, &alpha.public()).is_err());
}

#[test]
fn an_altered_note_is_refused() {
    let (alpha, _) = keys();
    let head = Checkpoint { origin: "entente/a/b/e".into(), size: 3, root: sha256(&[b"x"]) };
    let note = head.sign("alpha", &alpha);
    for changed in [note.replace("\n3\n", "\n4\n"), note.replace("a/b/e", "a/b/f")] {
        assert_eq!(Checkpoint::verify(&changed, &alpha.public()), Err(NoteError::Unsigned));
    }
    assert_eq!(Checkpoint::verify("", &alpha.public()), Err(NoteError::Form));
}
