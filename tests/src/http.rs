//! A plain client of HTTP/1.1: one connection, Content-Length and chunks, bytes as they come. It
//! follows nothing, unpacks nothing and forgives nothing.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// What came back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Names in lower case, in their order.
    pub headers: Vec<(String, String)>,
    /// The body, its chunks joined.
    pub body: Vec<u8>,
}

impl Reply {
    /// The first header of this name (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null when it is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// A request's headers.
pub type Headers<'a> = &'a [(&'a str, &'a str)];

/// A client with one connection and, if given, a token.
#[derive(Debug)]
pub struct Http {
    address: String,
    authorization: Option<String>,
    connection: Option<BufReader<TcpStream>>,
}

/// Nothing here takes longer, so a silent server fails the test.
const PATIENCE: Duration = Duration::from_secs(180);

impl Http {
    /// A client of `host:port` that is nobody.
    #[must_use]
    pub fn new(address: &str) -> Self {
        Self { address: address.to_owned(), authorization: None, connection: None }
    }

    /// A client that shows a token.
    #[must_use]
    pub fn with(address: &str, token: &str) -> Self {
        let authorization = Some(format!("Bearer {token}"));
        Self { authorization, ..Self::new(address) }
    }

    /// A GET.
    ///
    /// # Panics
    /// When the connection fails.
    pub fn get(&mut self, path: &str) -> Reply {
        self.send("GET", path, &[], b"")
    }

    /// A POST of this media type.
    ///
    /// # Panics
    /// When the connection fails.
    pub fn post(&mut self, path: &str, media_type: &str, body: impl AsRef<[u8]>) -> Reply {
        self.send("POST", path, &[("Content-Type", media_type)], body.as_ref())
    }

    /// Any request; the token is added unless the headers have an `Authorization` of their own.
    ///
    /// # Panics
    /// When the connection fails.
    pub fn send(&mut self, method: &str, path: &str, headers: Headers<'_>, body: &[u8]) -> Reply {
        let answered = self.try_send(method, path, headers, body);
        answered.unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// Any request, by somebody who expects that the connection may fail.
    ///
    /// # Errors
    /// When it fails, after one attempt on a new connection if the kept one had been closed.
    pub fn try_send(
        &mut self,
        method: &str,
        path: &str,
        headers: Headers<'_>,
        body: &[u8],
    ) -> io::Result<Reply> {
        let kept = self.connection.is_some();
        let first = self.attempt(method, path, headers, body);
        match first {
            Err(error) if kept && is_closed(&error) => self.attempt(method, path, headers, body),
            other => other,
        }
    }

    fn attempt(
        &mut self,
        method: &str,
        path: &str,
        headers: Headers<'_>,
        body: &[u8],
    ) -> io::Result<Reply> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect()?,
        };
        self.write(&mut connection, (method, path), headers, body)?;
        let (reply, keep) = read_reply(&mut connection, method == "HEAD")?;
        if keep {
            self.connection = Some(connection);
        }
        Ok(reply)
    }

    fn connect(&self) -> io::Result<BufReader<TcpStream>> {
        let stream = TcpStream::connect(&self.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(BufReader::new(stream))
    }

    fn write(
        &self,
        connection: &mut BufReader<TcpStream>,
        (method, path): (&str, &str),
        headers: Headers<'_>,
        body: &[u8],
    ) -> io::Result<()> {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.address);
        let own = |name: &str| headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        if let Some(authorization) = self.authorization.as_ref().filter(|_| !own("authorization")) {
            head.extend(["Authorization: ", authorization, "\r\n"]);
        }
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            head.extend([*name, ": ", *value, "\r\n"]);
        }
        if !matches!(method, "GET" | "HEAD") || !body.is_empty() {
            head.extend(["Content-Length: ", &body.len().to_string(), "\r\n"]);
        }
        head += "\r\n";
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(body);
        connection.get_mut().write_all(&bytes)
    }

    /// Opens an endless answer and hands out its lines.
    ///
    /// # Errors
    /// When the connection fails, or the answer is not 200.
    pub fn stream(&self, path: &str) -> io::Result<Lines> {
        let mut connection = self.connect()?;
        self.write(&mut connection, ("GET", path), &[("Accept", "text/event-stream")], b"")?;
        let head = read_head(&mut connection)?;
        if head.status != 200 {
            return Err(io::Error::other(format!("{path}: {}", head.status)));
        }
        let chunked = head.header("transfer-encoding") == Some("chunked");
        Ok(Lines { connection, chunked, buffer: Vec::new() })
    }
}

/// Lines of an answer that does not end.
#[derive(Debug)]
pub struct Lines {
    connection: BufReader<TcpStream>,
    chunked: bool,
    buffer: Vec<u8>,
}

impl Iterator for Lines {
    type Item = io::Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                return Some(Ok(String::from_utf8_lossy(&line).trim_end().to_owned()));
            }
            let more = if self.chunked {
                read_chunk(&mut self.connection)
            } else {
                self.connection.fill_buf().map(<[u8]>::to_vec).inspect(|bytes| {
                    self.connection.consume(bytes.len());
                })
            };
            match more {
                Ok(bytes) if bytes.is_empty() => return None,
                Ok(bytes) => self.buffer.extend(bytes),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// Whether the other side had closed a kept connection before it read the request.
fn is_closed(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
}

fn line(connection: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    if connection.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}

fn read_head(connection: &mut BufReader<TcpStream>) -> io::Result<Reply> {
    let status = line(connection)?;
    let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| io::Error::other("not an answer of HTTP/1.1"))?;
    let mut headers = Vec::new();
    loop {
        let line = line(connection)?;
        if line.is_empty() {
            return Ok(Reply { status, headers, body: Vec::new() });
        }
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
}

fn read_reply(connection: &mut BufReader<TcpStream>, bodyless: bool) -> io::Result<(Reply, bool)> {
    let mut reply = read_head(connection)?;
    let keep = reply.header("connection") != Some("close");
    if bodyless || matches!(reply.status, 204 | 304) {
        return Ok((reply, keep));
    }
    if reply.header("transfer-encoding") == Some("chunked") {
        loop {
            let chunk = read_chunk(connection)?;
            if chunk.is_empty() {
                return Ok((reply, keep));
            }
            reply.body.extend(chunk);
        }
    }
    let length = reply.header("content-length").and_then(|length| length.parse().ok());
    let Some(length) = length else {
        connection.read_to_end(&mut reply.body)?;
        return Ok((reply, false));
    };
    reply.body.resize(length, 0);
    connection.read_exact(&mut reply.body)?;
    Ok((reply, keep))
}

/// One chunk; the last is empty, and its trailers are read off.
fn read_chunk(connection: &mut BufReader<TcpStream>) -> io::Result<Vec<u8>> {
    let size = line(connection)?;
    let size = size.split(';').next().unwrap_or_default();
    let size = usize::from_str_radix(size, 16).map_err(io::Error::other)?;
    let mut chunk = vec![0; size];
    connection.read_exact(&mut chunk)?;
    while !line(connection)?.is_empty() {}
    Ok(chunk)
}
