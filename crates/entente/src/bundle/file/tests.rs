//! A bundle's file for whom it is, for everybody else, and broken.

use super::*;
use model::seal::SigningKey;
use node::bundle::Holds;

fn key(n: u8) -> SigningKey {
    SigningKey::from_seed(&[n; 32]).unwrap()
}

fn file(text: &[u8]) -> Vec<u8> {
    let (to, from) = (key(2).public().node(), key(1).public().node());
    let head = Head { holds: Holds::Records, to, from };
    let mut packing = Packing::new(Vec::new(), &head, &key(2).sealing()).unwrap();
    packing.add(text).unwrap();
    packing.finish().unwrap()
}

fn read(bytes: &[u8], who: u8) -> Result<Vec<u8>, BundleError> {
    let (_, mut unpacking) = open(bytes, &key(who).public().node(), &[[who; 32]])?;
    let mut text = Vec::new();
    unpacking.read_to_end(&mut text)?;
    end(unpacking)?;
    Ok(text)
}

#[test]
fn a_file_is_read_by_whom_it_is_for_and_refused_by_everybody_else() {
    let text: Vec<u8> = (0..300_000_u32).flat_map(u32::to_be_bytes).collect();
    let bytes = file(&text);
    assert_eq!(read(&bytes, 2), Ok(text));
    assert_eq!(read(&bytes, 3), Err(BundleError::Another(key(2).public().node())));
    // The head is for everybody to read, and for nobody to alter.
    let named = |n| key(n).public().node().to_string();
    let (ours, theirs) = (named(2), named(3));
    let altered = String::from_utf8_lossy(&bytes[..120]).replace(&ours, &theirs).into_bytes();
    let altered = [altered.as_slice(), &bytes[120..]].concat();
    assert_eq!(read(&altered, 3), Err(BundleError::Damaged));
}

#[test]
fn what_is_no_bundle_and_what_is_only_half_of_one_says_so() {
    let bytes = file(&(0..80_000_u32).flat_map(u32::to_be_bytes).collect::<Vec<u8>>());
    let head = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap() + 2;
    for wrong in [&b""[..], b"{}", b"entente/bundle/1\n\n", &[b'x'; 9_000], &bytes[..head - 1]] {
        assert_eq!(read(wrong, 2), Err(BundleError::Form), "{:?}", &wrong[..wrong.len().min(20)]);
    }
    for cut in (head..bytes.len()).step_by(10_000) {
        assert_eq!(read(&bytes[..cut], 2), Err(BundleError::Cut), "{cut}");
    }
    assert_eq!(read(&[&bytes[..], b"more"].concat(), 2), Err(BundleError::Damaged));
}

/// Sealed to the node of the seed `02`, 32 times, by the one of `01`, on 22 November 2026.
const FIRST: &[u8] = include_bytes!("../../../../../testdata/link/v1.bundle");

#[test]
fn a_bundle_of_the_first_version_is_opened_for_ever() {
    let text = read(FIRST, 2).unwrap();
    assert_eq!(text, b"what was sealed once\n".repeat(5_000));
}
