//! The server's side of TLS: the files of the settings, and new ones in their place without a
//! restart. A bad new file changes nothing but the log.

use crate::config::{Stamp, read_file, stamp};
use crate::runtime::Runtime;
use crate::settings::Http;
use model::limits::CERTIFICATE_LOOK_SECONDS;
use model::seal::sha256;
use model::time::Instant;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// A certificate that cannot be offered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CertificateError {
    /// A file cannot be read.
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
    /// A file holds something else.
    #[error("{0} holds no {1} in PEM")]
    Empty(PathBuf, &'static str),
    /// The two don't belong together, or are of a kind that nobody speaks.
    #[error("the certificate and its key cannot be used together: {0}")]
    Refused(#[from] rustls::Error),
}

/// What is offered now.
#[derive(Clone, Debug)]
struct Offer {
    config: Arc<ServerConfig>,
    stamps: [Option<Stamp>; 2],
    fingerprint: String,
    until: Option<Instant>,
}

/// The certificate of the HTTP port. Cheap to clone; all clones change together.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    files: [PathBuf; 2],
    offer: Arc<RwLock<Offer>>,
}

impl Certificate {
    /// The certificate of the settings; `None` when they name none.
    ///
    /// # Errors
    /// When its files cannot be read or used.
    pub(crate) fn of(http: &Http) -> Result<Option<Self>, CertificateError> {
        let (Some(chain), Some(key)) = (&http.certificate, &http.key) else { return Ok(None) };
        let files = [chain.clone(), key.clone()];
        let offer = Arc::new(RwLock::new(read(&files)?));
        Ok(Some(Self { files, offer }))
    }

    /// What a new connection is offered.
    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.now().config)
    }

    /// SHA-256 of the certificate: by it the commands of this machine know the node.
    pub(crate) fn fingerprint(&self) -> String {
        self.now().fingerprint.clone()
    }

    /// When the certificate ends; `None` when it does not tell.
    pub(crate) fn until(&self) -> Option<Instant> {
        self.now().until
    }

    /// Reads the files again when they have changed. `true` when something else is offered now.
    ///
    /// # Errors
    /// When what they hold now cannot be used; the old certificate is offered on.
    pub(crate) fn refresh(&self) -> Result<bool, CertificateError> {
        let stamps = stamps(&self.files);
        if stamps == self.now().stamps {
            return Ok(false);
        }
        let read = read(&self.files);
        let mut offer = self.offer.write().unwrap_or_else(PoisonError::into_inner);
        // A bad file is complained about once, not every minute.
        offer.stamps = stamps;
        let new = read?;
        let changed = new.fingerprint != offer.fingerprint;
        *offer = new;
        Ok(changed)
    }

    fn now(&self) -> std::sync::RwLockReadGuard<'_, Offer> {
        self.offer.read().unwrap_or_else(PoisonError::into_inner)
    }
}

fn stamps(files: &[PathBuf; 2]) -> [Option<Stamp>; 2] {
    files.each_ref().map(|file| stamp(file))
}

fn read(files: &[PathBuf; 2]) -> Result<Offer, CertificateError> {
    // Before the bytes: a file that changes meanwhile is read again next time.
    let stamps = stamps(files);
    let [chain_file, key_file] = files;
    let bytes = |path: &Path| {
        read_file(path).map_err(|error| CertificateError::File(path.to_owned(), error))
    };
    let (chain, key) = (bytes(chain_file)?, bytes(key_file)?);
    let chain: Result<Vec<CertificateDer<'static>>, _> =
        CertificateDer::pem_slice_iter(&chain).collect();
    let chain = chain.ok().filter(|chain| !chain.is_empty());
    let chain = chain.ok_or_else(|| CertificateError::Empty(chain_file.clone(), "certificate"))?;
    let key = PrivateKeyDer::from_pem_slice(&key);
    let key = key.map_err(|_| CertificateError::Empty(key_file.clone(), "private key"))?;
    let first = chain.first().map_or(&[][..], |first| first.as_ref());
    let fingerprint = sha256(&[first]).to_string();
    let until = super::valid_until(first);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    // SPEC: RFC 7301; clients that name nothing speak HTTP/1.1.
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Offer { config: Arc::new(config), stamps, fingerprint, until })
}

/// Looks for new files each minute and at each SIGHUP until the node stops; `announce` is told
/// when another certificate is offered.
pub(crate) async fn keep_fresh(
    runtime: Runtime,
    certificate: Certificate,
    announce: impl Fn(&Certificate),
) {
    let mut stopping = runtime.stopping();
    // Without signals there is still the clock.
    let mut hangup = signal(SignalKind::hangup()).ok();
    let mut hung_up = async || match &mut hangup {
        Some(hangup) => drop(hangup.recv().await),
        None => std::future::pending().await,
    };
    loop {
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            () = hung_up() => {}
            () = tokio::time::sleep(Duration::from_secs(CERTIFICATE_LOOK_SECONDS)) => {}
        }
        match certificate.refresh() {
            Ok(false) => {}
            Ok(true) => {
                announce(&certificate);
                tracing::info!("another certificate is offered on the HTTP port");
            }
            Err(error) => {
                tracing::error!(%error, "the new certificate is not used; the old one is kept");
            }
        }
    }
}

#[cfg(test)]
mod tests;
