//! What a key's file may say, and that a change of key leaves a key that works at every step.

use super::*;

fn folder() -> (tempfile::TempDir, Folder) {
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::new(place.path());
    folder.write_secret(KEY_FILE, &Digest::new([1; 32]).to_string()).unwrap();
    (place, folder)
}

#[test]
fn a_key_file_is_a_seed_alone_or_with_the_first_key() {
    let seed = Digest::new([7; 32]).to_string();
    assert!(KeyFile::read(&seed).unwrap().first.is_none());
    let first = SigningKey::from_seed(&[1; 32]).unwrap().public();
    let later = KeyFile::read(&format!("{seed} {first}\n")).unwrap();
    assert_eq!(later.key().unwrap().public().node(), first.node());
    for bad in ["", "no", &format!("{seed} no"), &format!("{seed} {first} more")] {
        assert!(KeyFile::read(bad).is_none(), "{bad}");
    }
}

#[test]
fn at_every_step_of_a_change_there_is_a_key_and_it_is_the_nodes() {
    let (_place, folder) = folder();
    let first = folder.public().unwrap();
    let next = folder.make_next_key(first, &mut |bytes| bytes.fill(9)).unwrap();
    assert_eq!(folder.public().unwrap(), first, "the next key signs nothing yet");
    // Whoever was stopped here asks again, and gets the same key.
    let again = folder.make_next_key(first, &mut |bytes| bytes.fill(8)).unwrap();
    assert_eq!(again.seed, next.seed);
    folder.change_key().unwrap();
    let now = folder.public().unwrap();
    assert_eq!((now, now.node()), (next.key().unwrap().public(), first.node()));
    assert!(folder.next_key().unwrap().is_none());
    assert_eq!(folder.former_key().unwrap().seed, [1; 32]);
}
