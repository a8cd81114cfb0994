//! Whom we believe about names on the way to sources, and to a node that is named by its URL: the public authorities that ship with the
//! program, and those that the operator adds. Partners are none of its business: their keys are
//! pinned.

use super::failure::PullFailure;
use crate::settings::Network;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;

/// The TLS of a client that sources are asked with.
///
/// # Errors
/// When the operator's file of authorities cannot be used.
pub(crate) fn client_config(network: &Network) -> Result<Arc<ClientConfig>, PullFailure> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(path) = &network.authorities {
        let wrong = |what: &dyn std::fmt::Display| {
            PullFailure::Settings(format!("network.authorities, {}: {what}", path.display()))
        };
        let before = roots.len();
        for certificate in CertificateDer::pem_file_iter(path).map_err(|error| wrong(&error))? {
            let certificate = certificate.map_err(|error| wrong(&error))?;
            roots.add(certificate).map_err(|error| wrong(&error))?;
        }
        if roots.len() == before {
            return Err(wrong(&"there is no certificate in it"));
        }
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    // SPEC: TAXII 2.1 §8.1 asks for TLS 1.2 at least, and many servers have no more.
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| PullFailure::Settings(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
