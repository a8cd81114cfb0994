//! What is asked for is what is sent, and a bomb stays packed.

use super::Coding;
use axum::http::{HeaderMap, HeaderValue, header::ACCEPT_ENCODING};

#[test]
fn the_heaviest_coding_that_we_write_is_chosen() {
    let table = [
        ("gzip, deflate, br, zstd", Some(Coding::Zstd)),
        ("gzip, deflate", Some(Coding::Gzip)),
        ("zstd;q=0.5, gzip;q=0.8", Some(Coding::Gzip)),
        ("zstd;q=0, gzip;q=0.001", Some(Coding::Gzip)),
        ("GZIP", Some(Coding::Gzip)),
        ("gzip;q=0", None),
        ("gzip;q=nonsense", None),
        ("identity, *", None),
        ("", None),
    ];
    for (header, expected) in table {
        let value = HeaderValue::from_static(header);
        let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, value)]);
        assert_eq!(Coding::preferred(&headers), expected, "{header}");
    }
    assert_eq!(Coding::preferred(&HeaderMap::new()), None);
}

#[test]
fn what_was_packed_unpacks_up_to_its_bound_and_no_further() {
    let plain = vec![b'x'; 100_000];
    for coding in [Coding::Zstd, Coding::Gzip, Coding::Deflate] {
        let packed = coding.pack(&plain).unwrap();
        assert!(packed.len() < 1_000, "{coding:?}");
        assert_eq!(coding.unpack(&packed, 100_000).unwrap().as_deref(), Some(&plain[..]));
        assert_eq!(coding.unpack(&packed, 99_999).unwrap(), None, "{coding:?}: a bomb");
        assert!(coding.unpack(b"not packed", 10).is_err(), "{coding:?}");
        assert!(coding.unpack(&packed[..packed.len() - 5], 100_000).is_err(), "{coding:?}: cut");
    }
}

#[test]
fn deflate_is_understood_with_and_without_its_frame() {
    let plain = vec![b'x'; 1_000];
    let mut bare = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut bare, &plain).unwrap();
    let bare = bare.finish().unwrap();
    assert_eq!(Coding::Deflate.unpack(&bare, 1_000).unwrap().as_deref(), Some(&plain[..]));
    assert_eq!(Coding::Deflate.unpack(&bare, 999).unwrap(), None, "a bomb");
}
