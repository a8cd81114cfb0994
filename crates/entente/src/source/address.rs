//! URLs of sources: read, refused where they would give a secret away, joined with what a server
//! answers. It asks nobody and resolves no name.

use formats::problem::Problem;
use http::Uri;
use http::uri::Scheme;
use model::limits::SOURCE_URL_BYTES_MAX;
use std::fmt;

/// An `http` or `https` URL without user, password and fragment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Address {
    secure: bool,
    /// As in the URL; an IPv6 address in brackets.
    host: String,
    port: u16,
    /// Begins with a slash.
    path: String,
    /// Without its question mark.
    query: Option<String>,
}

impl Address {
    /// Reads a URL.
    ///
    /// # Errors
    /// When it is none that a source can have.
    pub(crate) fn read(text: &str) -> Result<Self, Problem> {
        let wrong = |what: &str| {
            let message = format!("`{}` {what}", formats::problem::shown(text));
            Problem::error("E-SOURCE-003", message)
                .hint("such as https://host/path/of/the/list.txt")
        };
        if text.len() > SOURCE_URL_BYTES_MAX {
            return Err(wrong("is too long"));
        }
        let text = text.split('#').next().unwrap_or_default();
        let uri: Uri = text.parse().map_err(|_| wrong("is no URL"))?;
        let secure = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            Some(_) => return Err(wrong("is neither http nor https")),
            None => return Err(wrong("is no URL with http:// or https://")),
        };
        let authority = uri.authority().ok_or_else(|| wrong("names no host"))?;
        if authority.as_str().contains('@') {
            // The URL is not repeated: its secret would stand in logs and terminals.
            let problem = Problem::error("E-SOURCE-004", "a URL must not hold a user and password");
            return Err(problem.hint("write user:password into a file and name it with --key-file"));
        }
        let host = authority.host().to_ascii_lowercase();
        if host.is_empty() {
            return Err(wrong("names no host"));
        }
        let port = match authority.port() {
            Some(port) => port.as_u16(),
            None if secure => 443,
            None => 80,
        };
        let path = if uri.path().is_empty() { "/" } else { uri.path() };
        let query = uri.query().map(str::to_owned);
        Ok(Self { secure, host, port, path: path.to_owned(), query })
    }

    /// What a server named in an answer: a whole URL, or one relative to this.
    ///
    /// # Errors
    /// When that is no URL that a source can have.
    pub(crate) fn join(&self, reference: &str) -> Result<Self, Problem> {
        let reference = reference.trim();
        let scheme = if self.secure { "https" } else { "http" };
        let origin = format!("{scheme}://{}:{}", self.host, self.port);
        if reference.split(['/', '?', '#']).next().is_some_and(|start| start.contains(':')) {
            return Self::read(reference);
        }
        if let Some(rest) = reference.strip_prefix("//") {
            return Self::read(&format!("{scheme}://{rest}"));
        }
        if reference.starts_with('/') {
            return Self::read(&format!("{origin}{reference}"));
        }
        if reference.starts_with('?') {
            return Self::read(&format!("{origin}{}{reference}", self.path));
        }
        let folder = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        Self::read(&format!("{origin}{folder}/{reference}"))
    }

    /// The same server, another path below this one's; the query goes.
    pub(crate) fn below(&self, rest: &str) -> Self {
        let path = format!("{}/{rest}", self.path.trim_end_matches('/'));
        Self { path, query: None, ..self.clone() }
    }

    /// With another path; the query goes.
    pub(crate) fn at(&self, path: String) -> Self {
        Self { path, query: None, ..self.clone() }
    }

    /// With this query after its own.
    pub(crate) fn asking(&self, query: &str) -> Self {
        let own = self.query.iter().map(String::as_str);
        let both: Vec<&str> = own.chain([query]).collect();
        Self { query: Some(both.join("&")), ..self.clone() }
    }

    /// The parameters of its query, as they are written.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &str> {
        let query = self.query.as_deref().unwrap_or_default();
        query.split('&').filter(|parameter| !parameter.is_empty())
    }

    /// Whether TLS is spoken there.
    pub(crate) const fn is_secure(&self) -> bool {
        self.secure
    }

    /// Whether it is on this machine, as far as its name tells.
    pub(crate) fn is_loopback(&self) -> bool {
        let ip = self.name().parse().map(|ip: std::net::IpAddr| ip.is_loopback());
        self.host == "localhost" || ip.unwrap_or(false)
    }

    /// The host without brackets.
    pub(crate) fn name(&self) -> &str {
        self.host.trim_matches(['[', ']'])
    }

    /// `host:port`, to be dialled.
    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// The value of `Host`.
    ///
    /// SPEC: RFC 9110 §7.2: without the port where it is the usual one.
    pub(crate) fn host_header(&self) -> String {
        match (self.secure, self.port) {
            (true, 443) | (false, 80) => self.host.clone(),
            _ => self.authority(),
        }
    }

    /// The server without any path: `https://host`.
    pub(crate) fn origin(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}", self.host_header())
    }

    /// The path.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Path and query, as they stand in a request.
    pub(crate) fn target(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }

    /// Whether both are the same server behind the same door.
    pub(crate) fn same_origin(&self, other: &Self) -> bool {
        (self.secure, &self.host, self.port) == (other.secure, &other.host, other.port)
    }

    /// Whether a secret that was meant for this server may be shown to the other as well: the same
    /// door, or the same host once it insists on TLS.
    pub(crate) fn trusts(&self, other: &Self) -> bool {
        let upgraded = !self.secure && other.secure && self.host == other.host;
        self.same_origin(other) || upgraded
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.host_header(), self.path)
    }
}

#[cfg(test)]
mod tests;
