//! Bytes on a socket that no honest client would send. It reads whatever comes back and understands
//! only status lines.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

/// A connection without manners.
#[derive(Debug)]
pub struct Raw(TcpStream);

/// How long a node may take to say something.
const PATIENCE: Duration = Duration::from_secs(40);

impl Raw {
    /// Connects.
    ///
    /// # Errors
    /// When that is refused.
    pub fn connect(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self(stream))
    }

    /// Sends as much as is taken; a node that hangs up is within its rights.
    pub fn send(&mut self, bytes: &[u8]) -> bool {
        self.0.write_all(bytes).is_ok()
    }

    /// Sends, says that nothing more will come, and reads to the end.
    #[must_use]
    pub fn exchange(mut self, bytes: &[u8]) -> Vec<u8> {
        if self.send(bytes) {
            drop(self.0.shutdown(Shutdown::Write));
        }
        self.rest()
    }

    /// Reads to the end, at most a few megabytes.
    #[must_use]
    pub fn rest(&mut self) -> Vec<u8> {
        let mut read = Vec::new();
        let mut piece = [0; 16 << 10];
        while read.len() < 4 << 20 {
            match self.0.read(&mut piece) {
                Ok(0) | Err(_) => break,
                Ok(bytes) => read.extend(piece.iter().take(bytes)),
            }
        }
        read
    }
}

/// The statuses of the answers in what was read.
#[must_use]
pub fn statuses(read: &[u8]) -> Vec<u16> {
    let text = String::from_utf8_lossy(read);
    let after = text.split("HTTP/1.1 ").skip(1);
    after.filter_map(|rest| rest.get(..3)?.parse().ok()).collect()
}
