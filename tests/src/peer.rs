//! A partner with a key of its own that speaks the link's TLS and then says what it likes. It keeps
//! no promise of the protocol.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use model::id::NodeId;
use model::seal::{PublicKey, SigningKey};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned};
use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

/// SPEC: RFC 8410 §7: an Ed25519 private key as PKCS#8, before its 32 bytes.
const PKCS8_PREFIX: &[u8] = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";

/// A node that is none: a key, and the address of its victim.
#[derive(Debug)]
pub struct Peer {
    address: String,
    config: Arc<ClientConfig>,
    /// Its key.
    pub key: SigningKey,
    /// Whom the code of the invitation named; its own key until then.
    pub victim: PublicKey,
}

/// What the victim said.
#[derive(Clone, Debug)]
pub struct Said {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: String,
}

impl Peer {
    /// A peer that grows from this seed.
    ///
    /// # Panics
    /// When no certificate can be made of it.
    #[must_use]
    pub fn new(address: &str, seed: [u8; 32]) -> Self {
        let key = SigningKey::from_seed(&seed).expect("a seed");
        let pkcs8 = PrivatePkcs8KeyDer::from([PKCS8_PREFIX, &seed].concat());
        let pair = rcgen::KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8, &rcgen::PKCS_ED25519);
        let parameters = rcgen::CertificateParams::default();
        let certificate = parameters.self_signed(&pair.expect("a pair")).expect("a certificate");
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .expect("TLS 1.3")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anybody))
            .with_client_auth_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(pkcs8))
            .expect("its certificate");
        let victim = key.public();
        Self { address: address.to_owned(), config: Arc::new(config), key, victim }
    }

    /// Its node's id.
    #[must_use]
    pub fn node(&self) -> NodeId {
        self.key.public().node()
    }

    /// Joins by an invitation's code.
    ///
    /// # Panics
    /// When the code cannot be read or the victim refuses.
    pub fn join(&mut self, code: &str, name: &str) {
        let encoded = code.strip_prefix("ent1:").expect("a code");
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(encoded).expect("a code");
        let (_, said) = bytes.split_at(4);
        let (key, rest) = said.split_at(32);
        self.victim = PublicKey::new(key.try_into().expect("a key"));
        let (secret, _) = rest.split_at(16);
        let secret = BASE64_STANDARD.encode(secret);
        let body = serde_json::json!({ "secret": secret, "name": name }).to_string();
        let said = self.ask("POST", "/link/v1/join", &[], body.as_bytes()).expect("an answer");
        assert_eq!(said.status, 200, "{}", said.body);
    }

    /// One request on a connection of its own.
    ///
    /// # Errors
    /// When the victim hangs up.
    pub fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<Said> {
        let mut stream = self.connect()?;
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
        for (name, value) in headers {
            head.extend([*name, ": ", *value, "\r\n"]);
        }
        head.extend(["Content-Length: ", &body.len().to_string(), "\r\n\r\n"]);
        stream.write_all(head.as_bytes())?;
        // A victim that has heard enough answers and hangs up: what it said still counts.
        drop(stream.write_all(body).and_then(|()| stream.flush()));
        read(stream)
    }

    /// A connection that has shaken hands.
    ///
    /// # Errors
    /// When the victim refuses.
    pub fn connect(&self) -> io::Result<StreamOwned<ClientConnection, TcpStream>> {
        let stream = TcpStream::connect(&self.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        stream.set_write_timeout(Some(Duration::from_secs(60)))?;
        let name = ServerName::try_from("entente").map_err(io::Error::other)?;
        let connection = ClientConnection::new(Arc::clone(&self.config), name);
        Ok(StreamOwned::new(connection.map_err(io::Error::other)?, stream))
    }
}

/// Reads and never writes: what was said before a victim hung up is heard, though nothing can be said
/// to it any more.
struct Hearing(StreamOwned<ClientConnection, TcpStream>);

impl Read for Hearing {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let StreamOwned { conn, sock } = &mut self.0;
        loop {
            match conn.reader().read(to) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return read,
            }
            if conn.read_tls(sock)? == 0 {
                return Ok(0);
            }
            conn.process_new_packets().map_err(io::Error::other)?;
        }
    }
}

fn read(stream: StreamOwned<ClientConnection, TcpStream>) -> io::Result<Said> {
    let mut reader = BufReader::new(Hearing(stream));
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| io::Error::other("no answer"))?;
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Said { status, body: String::from_utf8_lossy(&body).into_owned() })
}

/// Takes anybody for its victim: who is asked is not the question here.
#[derive(Debug)]
struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }
}
