//! The smallest HTTP/1.1 client that can be timed: one connection, one thread, no conversion. Where
//! the server ends a connection it makes a new one; it repeats no request.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// Nothing that is measured takes longer; a server that is silent this long is not waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection that stays open as long as the server likes.
pub(super) struct Plain {
    address: String,
    authorization: String,
    stream: Option<BufReader<TcpStream>>,
}

/// An answer: status, headers in lower case, body.
pub(super) struct Heard {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Heard {
    /// The value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl Plain {
    /// Connects to `host:port` and will present this token.
    pub(super) fn connect(address: &str, token: &str) -> std::io::Result<Self> {
        Self::authorized(address, format!("Bearer {token}"))
    }

    /// Connects to `host:port` and will present itself by this header.
    pub(super) fn authorized(address: &str, authorization: String) -> std::io::Result<Self> {
        let stream = Some(open(address)?);
        Ok(Self { address: address.to_owned(), authorization, stream })
    }

    /// Sends a request and reads the whole answer.
    pub(super) fn ask(&mut self, method: &str, path: &str, body: &[u8]) -> std::io::Result<Heard> {
        const TAXII: &str = "application/taxii+json;version=2.1";
        let kind = if path.contains("/collections/") { TAXII } else { "application/json" };
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nhost: bench\r\nauthorization: {}\r\n\
             accept: {kind}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            self.authorization,
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(body);
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => open(&self.address)?,
        };
        stream.get_mut().write_all(&request)?;
        let heard = hear(&mut stream)?;
        let closes = heard.header("connection").is_some_and(|it| it.eq_ignore_ascii_case("close"));
        self.stream = (!closes).then_some(stream);
        Ok(heard)
    }
}

fn open(address: &str) -> std::io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(BufReader::with_capacity(1 << 16, stream))
}

fn hear(stream: &mut BufReader<TcpStream>) -> std::io::Result<Heard> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let mut headers = Vec::new();
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        let Some((key, value)) = line.trim_end().split_once(':') else { break };
        headers.push((key.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut heard = Heard { status, headers, body: Vec::new() };
    if heard.header("transfer-encoding") == Some("chunked") {
        chunks(stream, &mut heard.body)?;
    } else {
        let length = heard.header("content-length").and_then(|length| length.parse().ok());
        heard.body.resize(length.unwrap_or(0), 0);
        stream.read_exact(&mut heard.body)?;
    }
    Ok(heard)
}

fn chunks(stream: &mut BufReader<TcpStream>, body: &mut Vec<u8>) -> std::io::Result<()> {
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let length = u64::from_str_radix(line.trim(), 16).unwrap_or(0);
        stream.by_ref().take(length).read_to_end(body)?;
        stream.read_line(&mut line)?;
        if length == 0 {
            return Ok(());
        }
    }
}
