//! Looks for something in bytes, however it is spelt: as it is, in hexadecimal, in base64 at each
//! of its three places, and in all of this once more in what is packed with zstd.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use std::io::Read as _;

const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// What one packed part may unpack to.
const UNPACKED_MAX: u64 = 64 << 20;

/// How a text was found, each way once.
pub(super) fn found(bytes: &[u8], wanted: &[&[u8]]) -> Vec<String> {
    let mut hits = Vec::new();
    look(bytes, wanted, "", &mut hits);
    for (at, _) in bytes.windows(ZSTD.len()).enumerate().filter(|(_, window)| *window == ZSTD) {
        let mut plain = Vec::new();
        let packed = zstd::stream::read::Decoder::new(bytes.get(at..).unwrap_or_default());
        if let Ok(packed) = packed {
            // What follows the frame is no zstd: what came before that counts.
            drop(packed.single_frame().take(UNPACKED_MAX).read_to_end(&mut plain));
        }
        look(&plain, wanted, "packed ", &mut hits);
    }
    hits.sort();
    hits.dedup();
    hits
}

fn look(bytes: &[u8], wanted: &[&[u8]], how: &str, hits: &mut Vec<String>) {
    let lower = bytes.to_ascii_lowercase();
    for wanted in wanted {
        let name = String::from_utf8_lossy(wanted);
        let hex: String = wanted.iter().map(|byte| format!("{byte:02x}")).collect();
        if has(&lower, &wanted.to_ascii_lowercase()) {
            hits.push(format!("{how}{name} as it is"));
        }
        if has(&lower, hex.as_bytes()) {
            hits.push(format!("{how}{name} in hexadecimal"));
        }
        for shift in 0..3 {
            let at = bytes_of(wanted, shift);
            if has(bytes, at.as_bytes())
                || has(bytes, at.replace('+', "-").replace('/', "_").as_bytes())
            {
                hits.push(format!("{how}{name} in base64"));
            }
        }
    }
}

/// What base64 makes of a text that begins so many bytes after a multiple of three, without the
/// letters that depend on what stands beside it.
fn bytes_of(wanted: &[u8], shift: usize) -> String {
    let mut padded = vec![0; shift];
    padded.extend_from_slice(wanted);
    let text = BASE64_STANDARD.encode(&padded[..padded.len() - padded.len() % 3]);
    text.get(if shift == 0 { 0 } else { 4 }..).unwrap_or_default().to_owned()
}

fn has(bytes: &[u8], wanted: &[u8]) -> bool {
    !wanted.is_empty() && bytes.windows(wanted.len()).any(|window| window == wanted)
}

#[test]
fn it_is_found_however_it_is_spelt() {
    let wanted: &[u8] = b"canary-vault";
    for shift in 0..3 {
        let text = BASE64_STANDARD.encode([&b"xyz"[..shift], wanted, b"rest"].concat());
        assert_eq!(found(text.as_bytes(), &[wanted]).len(), 1, "{text}");
    }
    let hex: String = wanted.iter().map(|byte| format!("{byte:02X}")).collect();
    assert_eq!(found(hex.as_bytes(), &[wanted]), ["canary-vault in hexadecimal"]);
    let packed = zstd::encode_all(&b"some canary-vault in it"[..], 3).unwrap();
    let within = [b"before".to_vec(), packed, b"after".to_vec()].concat();
    let hits = found(&within, &[wanted]);
    assert!(hits.contains(&"packed canary-vault as it is".to_owned()), "{hits:?}");
    assert!(found(b"nothing of the sort", &[wanted]).is_empty());
}
