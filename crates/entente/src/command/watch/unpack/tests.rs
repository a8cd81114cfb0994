//! Packed files, whole and broken.

use super::{broken, unpacked};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{Cursor, Read as _, Write as _};
use std::path::Path;

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(text).unwrap();
    packer.finish().unwrap()
}

fn read(bytes: Vec<u8>) -> (Vec<u8>, Option<String>) {
    let mut reader = unpacked(Path::new("x.log"), Cursor::new(bytes)).unwrap();
    let mut all = Vec::new();
    let mut buffer = [0; 777];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return (all, None),
            Ok(count) => all.extend_from_slice(&buffer[..count]),
            Err(error) => return (all, Some(broken(Path::new("x.log"), &error).code)),
        }
    }
}

#[test]
fn packed_files_are_known_by_their_first_bytes() {
    let text: Vec<u8> = (0..50_000_u32).flat_map(|n| format!("line {n}\n").into_bytes()).collect();
    assert_eq!(read(text.clone()), (text.clone(), None));
    assert_eq!(read(gzip(&text)), (text.clone(), None));
    let both = [gzip(&text), gzip(b"more\n")].concat();
    assert_eq!(read(both).0.len(), text.len() + 5, "rotated logs are joined");
    assert_eq!(read(zstd::bulk::compress(&text, 1).unwrap()), (text, None));
    assert_eq!(read(b"ab".to_vec()), (b"ab".to_vec(), None));
}

#[test]
fn what_came_before_a_fault_is_given() {
    let text: Vec<u8> = (0..50_000_u32).flat_map(|n| format!("line {n}\n").into_bytes()).collect();
    let whole = gzip(&text);
    let (given, code) = read(whole[..whole.len() / 2].to_vec());
    assert!(!given.is_empty() && text.starts_with(&given));
    assert_eq!(code.as_deref(), Some("E-TELEMETRY-006"));
    let zstd = zstd::bulk::compress(&text, 1).unwrap();
    assert_eq!(read(zstd[..zstd.len() - 9].to_vec()).1.as_deref(), Some("E-TELEMETRY-006"));
}

#[test]
fn other_packings_are_named() {
    for start in [b"\xfd7zXZ\0".as_slice(), b"BZh91", b"PK\x03\x04"] {
        let refused = unpacked(Path::new("x"), Cursor::new(start.to_vec())).err().unwrap();
        assert_eq!(refused.code, "E-TELEMETRY-005");
    }
}
