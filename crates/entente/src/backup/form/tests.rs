//! The form of a backup: what is written is read, and any other byte is noticed. No database.

use super::*;

fn head() -> Head {
    Head {
        version: "0.1.0".to_owned(),
        node: "01".repeat(16),
        name: "CERT Alpha".to_owned(),
        epoch: "02".repeat(16),
        head: 7,
        at: "2026-11-22T08:00:00.000000Z".to_owned(),
        files: vec![Kept { name: "node.name".to_owned(), base64: "eA==".to_owned() }],
    }
}

/// A backup of these bytes, as if they were a database.
fn made(database: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(database).unwrap();
    write_end(&mut file, &head(), &mut |_| {}).unwrap();
    file
}

fn copied(file: &mut File, parts: Parts) -> (bool, Vec<u8>) {
    let mut to = tempfile::tempfile().unwrap();
    let same = copy(file, parts, (&mut to, &mut |_| {})).unwrap();
    let mut bytes = Vec::new();
    to.seek(SeekFrom::Start(0)).unwrap();
    to.read_to_end(&mut bytes).unwrap();
    (same, bytes)
}

#[test]
fn what_was_written_is_read_again() {
    for size in [0, 1, 8_192, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES] {
        let database: Vec<u8> = (0..size).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let mut file = made(&database);
        let (head, parts) = read_end(&mut file).unwrap();
        assert_eq!((head.head, head.name.as_str(), head.files.len()), (7, "CERT Alpha", 1));
        assert_eq!(copied(&mut file, parts), (true, database));
    }
}

#[test]
fn any_changed_byte_is_noticed_and_any_missing_one() {
    let database = b"a database of some bytes".to_vec();
    let mut file = made(&database);
    let mut whole = Vec::new();
    file.seek(SeekFrom::Start(0)).unwrap();
    file.read_to_end(&mut whole).unwrap();
    let fits = |bytes: &[u8]| {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        read_end(&mut file).is_ok_and(|(_, parts)| copied(&mut file, parts).0)
    };
    assert!(fits(&whole));
    // The last byte ends the line and says nothing.
    for at in 0..whole.len() - 1 {
        let mut changed = whole.clone();
        changed[at] ^= 0x01;
        assert!(!fits(&changed), "byte {at}");
    }
    for cut in 0..whole.len() {
        assert!(!fits(&whole[..cut]), "cut at {cut}");
        assert!(!fits(&whole[whole.len() - cut..]), "only the last {cut}");
    }
}
