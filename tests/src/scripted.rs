//! A server that answers what a test tells it to, however wrong that is: cut short, without end,
//! never. It remembers every request and judges none.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// A request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Request {
    /// Without the query.
    pub path: String,
    /// Names and values, unescaped.
    pub query: Vec<(String, String)>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// As long as `Content-Length` says.
    pub body: Vec<u8>,
}

fn first<'v>(pairs: &'v [(String, String)], name: &str) -> Option<&'v str> {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

impl Request {
    /// A header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }

    /// A parameter of the query.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        first(&self.query, name)
    }
}

/// How a body ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    /// As it should.
    Whole,
    /// After so many bytes, though more were announced.
    Cut(usize),
    /// Never: the last byte again and again.
    Endless,
    /// It never begins.
    Never,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    end: End,
}

impl Reply {
    /// A success.
    #[must_use]
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, headers: Vec::new(), body: body.into(), end: End::Whole }
    }

    /// No success, and nothing more.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self { status, ..Self::ok("") }
    }

    /// With a header.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Cut off after so many bytes of its body.
    #[must_use]
    pub fn cut(mut self, bytes: usize) -> Self {
        self.end = End::Cut(bytes);
        self
    }

    /// Without an end.
    #[must_use]
    pub fn endless(mut self) -> Self {
        self.end = End::Endless;
        self
    }

    /// No answer at all, while the server stands.
    #[must_use]
    pub fn never() -> Self {
        Self { end: End::Never, ..Self::ok("") }
    }

    fn write(&self, to: &mut TcpStream, stopped: &AtomicBool) -> io::Result<bool> {
        let mut head = format!("HTTP/1.1 {} Scripted\r\n", self.status);
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        match self.end {
            End::Whole | End::Cut(_) => {
                head.extend(["Content-Length: ", &self.body.len().to_string(), "\r\n\r\n"]);
            }
            End::Endless => head.push_str("Connection: close\r\n\r\n"),
            End::Never => {
                while !stopped.load(Ordering::Acquire) {
                    thread::park_timeout(Duration::from_millis(20));
                }
                return Ok(false);
            }
        }
        to.write_all(head.as_bytes())?;
        let sent = match self.end {
            End::Cut(bytes) => self.body.get(..bytes).unwrap_or(&self.body),
            End::Whole | End::Endless | End::Never => &self.body,
        };
        to.write_all(sent)?;
        if self.end == End::Endless {
            let more = vec![self.body.last().copied().unwrap_or(b' '); 64 << 10];
            while !stopped.load(Ordering::Acquire) {
                to.write_all(&more)?;
            }
        }
        to.flush()?;
        Ok(self.end == End::Whole)
    }
}

type Script = Box<dyn FnMut(&Request) -> Reply + Send>;

/// A server on a free port, until it is dropped.
pub struct Server {
    /// `host:port`.
    pub address: String,
    seen: Arc<Mutex<Vec<Request>>>,
    stopped: Arc<AtomicBool>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Server({})", self.address)
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Server {
    /// Serves by a script, one request at a time.
    ///
    /// # Panics
    /// When there is no free port.
    #[must_use]
    pub fn start(script: impl FnMut(&Request) -> Reply + Send + 'static) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").expect("a free port"), script)
    }

    fn on(listener: TcpListener, script: impl FnMut(&Request) -> Reply + Send + 'static) -> Self {
        let address = listener.local_addr().expect("an address").to_string();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let stopped = Arc::new(AtomicBool::new(false));
        let script: Arc<Mutex<Script>> = Arc::new(Mutex::new(Box::new(script)));
        let (into, flag) = (Arc::clone(&seen), Arc::clone(&stopped));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if flag.load(Ordering::Acquire) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let (script, into, flag) =
                    (Arc::clone(&script), Arc::clone(&into), Arc::clone(&flag));
                thread::spawn(move || {
                    // Whoever hangs up in the middle meant to.
                    drop(converse(stream, &script, &into, &flag));
                });
            }
        });
        Self { address, seen, stopped }
    }

    /// The same at an address where nobody listens yet.
    ///
    /// # Panics
    /// When somebody does.
    #[must_use]
    pub fn at(address: &str, script: impl FnMut(&Request) -> Reply + Send + 'static) -> Self {
        Self::on(TcpListener::bind(address).expect("a port that was free"), script)
    }

    /// A URL of this server.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The requests so far.
    #[must_use]
    pub fn seen(&self) -> Vec<Request> {
        held(&self.seen).clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Release);
        // Wakes the listener, which then sees that it is to stop.
        drop(TcpStream::connect(&self.address));
    }
}

fn converse(
    stream: TcpStream,
    script: &Mutex<Script>,
    seen: &Mutex<Vec<Request>>,
    stopped: &AtomicBool,
) -> io::Result<()> {
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader)? {
        held(seen).push(request.clone());
        let reply = held(script)(&request);
        if !reply.write(&mut writer, stopped)? {
            return writer.shutdown(std::net::Shutdown::Both);
        }
    }
    Ok(())
}

fn read(reader: &mut BufReader<TcpStream>) -> io::Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let target = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let query = pairs.map(|(name, value)| (unescaped(name), unescaped(value))).collect();
    let length = first(&headers, "content-length").and_then(|text| text.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    Ok(Some(Request { path: path.to_owned(), query, headers, body }))
}

fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next(), rest.next()].into_iter().flatten();
            let code: String = digits.map(char::from).collect();
            bytes.extend(u8::from_str_radix(&code, 16));
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
