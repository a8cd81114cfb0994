//! Sealed frames: the standard's own vector, other readers, and every kind of damage.

use super::*;
use model::seal::SigningKey;

fn hex(text: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(text.get(at..at + 2).unwrap(), 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}

/// SPEC: RFC 9180 A.1.1
#[test]
fn the_rfcs_own_vector_is_opened() {
    let info = hex("4f6465206f6e2061204772656369616e2055726e");
    let enc = hex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431");
    let key = hex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8");
    let mut context =
        SUITE.setup_opener(&EncapsulatedSecret(enc), &info, &HpkePrivateKey::from(key)).unwrap();
    let sealed = [
        "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a",
        "af2d7e9ac9ae7e270f46ba1f975be53c09f8d875bdc8535458c2494e8a6eab251c03d0c22a56b8ca42c2063b84",
    ];
    for (n, sealed) in sealed.into_iter().enumerate() {
        let opened = context.open(format!("Count-{n}").as_bytes(), &hex(sealed)).unwrap();
        assert_eq!(opened, b"Beauty is truth, truth beauty");
    }
    assert!(context.open(b"Count-2", &hex(sealed[0])).is_err());
}

fn sealed(seed: u8, text: &[u8]) -> ([u8; 32], Vec<u8>) {
    let to = SigningKey::from_seed(&[seed; 32]).unwrap().sealing();
    let (enc, context) = begin("info", &to).unwrap();
    let mut sealing = Sealing::new(Vec::new(), context);
    sealing.write_all(text).unwrap();
    let length = sealing.length();
    let bytes = sealing.finish().unwrap();
    assert_eq!(bytes.len() as u64, length);
    (enc, bytes)
}

/// What comes out, and how it ends.
fn opened(
    bytes: &[u8],
    (info, enc, seed): (&str, [u8; 32], u8),
) -> (Vec<u8>, Result<(), BundleError>) {
    read(Opening::new(bytes, info, enc, &[[seed; 32]]).unwrap())
}

fn read(mut opening: Opening<&[u8]>) -> (Vec<u8>, Result<(), BundleError>) {
    let mut text = Vec::new();
    match opening.read_to_end(&mut text) {
        Ok(_) => (text, opening.end()),
        Err(error) => (text, Err(error.into())),
    }
}

#[test]
fn what_is_sealed_to_a_node_that_node_opens_and_no_other() {
    for length in [0, 1, BUNDLE_FRAME_BYTES_MAX, BUNDLE_FRAME_BYTES_MAX + 1, 200_000] {
        let text: Vec<u8> = (0..=250).cycle().take(length).collect();
        let (enc, bytes) = sealed(1, &text);
        assert_eq!(opened(&bytes, ("info", enc, 1)), (text, Ok(())), "{length}");
        for other in [("info", enc, 2), ("other", enc, 1), ("info", [9; 32], 1)] {
            let (seen, end) = opened(&bytes, other);
            assert_eq!((seen.as_slice(), end), (&b""[..], Err(BundleError::Damaged)), "{other:?}");
        }
    }
}

#[test]
fn what_was_sealed_to_the_key_before_is_opened_as_well_and_to_no_third() {
    let text: Vec<u8> = (0..=250).cycle().take(2 * BUNDLE_FRAME_BYTES_MAX + 9).collect();
    let seeds = [[1; 32], [2; 32]];
    for (to, expected) in [(1, Ok(())), (2, Ok(())), (3, Err(BundleError::Damaged))] {
        let (enc, bytes) = sealed(to, &text);
        let (seen, end) = read(Opening::new(&bytes[..], "info", enc, &seeds).unwrap());
        assert_eq!((seen == text, end), (expected.is_ok(), expected), "{to}");
    }
}

#[test]
fn a_file_that_is_cut_altered_or_grown_is_noticed_wherever_it_is() {
    let text = vec![7; 3 * BUNDLE_FRAME_BYTES_MAX + 9];
    let (enc, bytes) = sealed(1, &text);
    let frame = 5 + BUNDLE_FRAME_BYTES_MAX + TAG_BYTES;
    for cut in [0, 1, 5, frame - 1, frame, frame + 1, 2 * frame, 3 * frame, bytes.len() - 1] {
        let (seen, end) = opened(&bytes[..cut], ("info", enc, 1));
        assert_eq!(end, Err(BundleError::Cut), "{cut}");
        assert_eq!(seen.len(), cut / frame * BUNDLE_FRAME_BYTES_MAX, "{cut}");
    }
    // A frame left out, two changed places, the last one said of another, one more after the end.
    let (a, b) = (&bytes[..frame], &bytes[frame..2 * frame]);
    let rest = &bytes[2 * frame..];
    let mut last = bytes[..frame].to_vec();
    last[0] = LAST;
    for wrong in [[b, rest].concat(), [b, a, rest].concat(), last, [&bytes[..], b"x"].concat()] {
        assert_eq!(opened(&wrong, ("info", enc, 1)).1, Err(BundleError::Damaged));
    }
    for at in [0, 3, 9, frame - 1, frame + 70, bytes.len() - 1] {
        let mut wrong = bytes.clone();
        wrong[at] ^= 0x40;
        assert!(opened(&wrong, ("info", enc, 1)).1.is_err(), "{at}");
    }
}
