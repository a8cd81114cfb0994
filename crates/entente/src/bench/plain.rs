//! The smallest HTTP/1.1 client that can be timed: one connection, one thread, no conversion.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

/// A connection that stays open.
pub(super) struct Plain {
    stream: BufReader<TcpStream>,
    token: String,
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
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::with_capacity(1 << 16, stream), token: token.to_owned() })
    }

    /// Sends one request and reads its answer.
    pub(super) fn ask(&mut self, method: &str, path: &str, body: &[u8]) -> std::io::Result<Heard> {
        const TAXII: &str = "application/taxii+json;version=2.1";
        let kind = if path.starts_with("/taxii2/") { TAXII } else { "application/json" };
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {}\r\n\
             accept: {kind}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            self.token,
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(body);
        self.stream.get_mut().write_all(&request)?;
        self.hear()
    }

    fn hear(&mut self) -> std::io::Result<Heard> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let mut headers = Vec::new();
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            let Some((key, value)) = line.trim_end().split_once(':') else { break };
            headers.push((key.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut heard = Heard { status, headers, body: Vec::new() };
        if heard.header("transfer-encoding") == Some("chunked") {
            self.chunks(&mut heard.body)?;
        } else {
            let length = heard.header("content-length").and_then(|length| length.parse().ok());
            heard.body.resize(length.unwrap_or(0), 0);
            self.stream.read_exact(&mut heard.body)?;
        }
        Ok(heard)
    }

    fn chunks(&mut self, body: &mut Vec<u8>) -> std::io::Result<()> {
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line)?;
            let length = u64::from_str_radix(line.trim(), 16).unwrap_or(0);
            self.stream.by_ref().take(length).read_to_end(body)?;
            self.stream.read_line(&mut line)?;
            if length == 0 {
                return Ok(());
            }
        }
    }
}
