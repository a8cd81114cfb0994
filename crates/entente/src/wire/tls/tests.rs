//! Whose key a certificate carries.

use super::*;
use model::seal::SigningKey;

#[test]
fn a_certificate_carries_the_key_that_signs_the_nodes_records() {
    for seed in [[0; 32], [7; 32], [255; 32]] {
        let (chain, _) = credentials(&seed).unwrap();
        let key = SigningKey::from_seed(&seed).unwrap().public();
        assert_eq!(key_of(&chain[0]), Some(key));
    }
}

#[test]
fn a_key_of_another_kind_is_nobody() {
    let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let certificate = rcgen::CertificateParams::default().self_signed(&pair).unwrap();
    assert_eq!(key_of(certificate.der()), None);
    assert_eq!(key_of(&CertificateDer::from(vec![0x30, 0x00])), None);
}
