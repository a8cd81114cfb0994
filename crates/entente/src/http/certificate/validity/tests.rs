//! The end of certificates that another library has made, and of bytes that are none.

use super::{time, valid_until};

fn ending(year: i32) -> Vec<u8> {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut parameters = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    parameters.not_after = rcgen::date_time_ymd(year, 3, 9);
    parameters.self_signed(&key).unwrap().der().to_vec()
}

#[test]
fn the_end_is_read_in_both_of_its_forms() {
    for year in [2031, 2049, 2050, 2199] {
        let until = valid_until(&ending(year)).unwrap();
        assert_eq!(until.to_string().get(..10), Some(format!("{year}-03-09").as_str()));
    }
    assert_eq!(time(0x17, "990101000000Z").unwrap().to_string().get(..4), Some("1999"));
    for (kind, text) in [(0x17, "9901010000Z"), (0x18, "20310309000000"), (0x18, "2031+309000000Z")]
    {
        assert_eq!(time(kind, text), None, "{text}");
    }
}

#[test]
fn bytes_that_are_no_certificate_have_no_end() {
    let good = ending(2031);
    for length in 0..good.len().min(160) {
        assert_eq!(valid_until(&good[..length]), None, "cut at {length}");
    }
    for at in 0..160 {
        let mut bad = good.clone();
        bad[at] ^= 0xff;
        // It must not panic; a changed byte may still leave a date.
        valid_until(&bad);
    }
    assert_eq!(valid_until(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), None);
}
