//! The certificate is renewed under the node's feet, and a bad one changes nothing.

use super::{Certificate, CertificateError};
use crate::settings::Http;
use std::path::Path;

fn write(folder: &Path) -> String {
    let key = rcgen::KeyPair::generate().unwrap();
    let parameters = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = parameters.self_signed(&key).unwrap();
    std::fs::write(folder.join("c.pem"), certificate.pem()).unwrap();
    std::fs::write(folder.join("k.pem"), key.serialize_pem()).unwrap();
    model::seal::sha256(&[certificate.der()]).to_string()
}

fn settings(folder: &Path) -> Http {
    let file = |name: &str| Some(folder.join(name));
    Http { certificate: file("c.pem"), key: file("k.pem"), ..Http::default() }
}

#[test]
fn a_new_certificate_is_taken_over_and_a_bad_one_is_refused_once() {
    let folder = tempfile::tempdir().unwrap();
    let first = write(folder.path());
    let certificate = Certificate::of(&settings(folder.path())).unwrap().unwrap();
    assert_eq!(certificate.fingerprint(), first);
    assert!(!certificate.refresh().unwrap(), "nothing has changed");
    let second = write(folder.path());
    assert!(certificate.refresh().unwrap());
    assert_eq!(certificate.fingerprint(), second);
    std::fs::write(folder.path().join("c.pem"), "half a certif").unwrap();
    assert!(matches!(certificate.refresh(), Err(CertificateError::Empty(..))));
    assert_eq!(certificate.fingerprint(), second, "the old one is kept");
    assert!(!certificate.refresh().unwrap(), "and told once");
    let third = write(folder.path());
    assert!(certificate.refresh().unwrap());
    assert_eq!(certificate.fingerprint(), third);
}

#[test]
fn a_key_of_another_certificate_or_no_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let none = Certificate::of(&settings(folder.path()));
    assert!(matches!(none, Err(CertificateError::File(..))));
    write(folder.path());
    let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
    std::fs::write(folder.path().join("k.pem"), key).unwrap();
    let other = Certificate::of(&settings(folder.path()));
    assert!(matches!(other, Err(CertificateError::Refused(_))), "{other:?}");
    assert!(Certificate::of(&Http::default()).unwrap().is_none());
}
