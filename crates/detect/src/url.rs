//! URLs in one normal form: no scheme, user, fragment or default port, only
//! `host[:port]/path?query`. Lists give URLs with and without scheme, and an HTTP log knows host
//! and path only; all must meet. It decides nothing about what is a URL in a text: its caller does.

use crate::observable::{address, domain_into, is_domain};
use crate::short::{holds, parted, parted_last};
use memchr::memchr;
use std::net::IpAddr;

/// What is known of the host after [`url_into`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct UrlHost {
    /// Bytes of the host at the start of the normal form.
    pub(crate) bytes: usize,
    /// The host, when it is an address.
    pub(crate) address: Option<IpAddr>,
    /// It has a scheme, or a host that cannot be a mere word.
    pub(crate) dotted: bool,
    /// It also has a scheme, port, path or query, so it is a URL and not just a name.
    pub(crate) shaped: bool,
}

/// Writes a URL's normal form over `out`; what is there afterwards is valid only for `Some`.
pub(crate) fn url_into(text: &str, out: &mut String) -> Option<UrlHost> {
    out.clear();
    // A path alone has no host.
    if text.starts_with('/') || has_strange(text) {
        return None;
    }
    let colon = memchr(b':', text.as_bytes()).and_then(|at| text.split_at_checked(at));
    let (scheme, rest) = match colon {
        Some((scheme, rest)) if is_scheme(scheme) => match rest.strip_prefix("://") {
            Some(rest) => (Some(scheme), rest),
            None => (None, text),
        },
        _ => (None, text),
    };
    let end = rest.bytes().position(|b| matches!(b, b'/' | b'?' | b'#')).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at_checked(end)?;
    let host_port = parted_last(authority, b'@').map_or(authority, |(_, host)| host);
    let (host, port) = match host_port.strip_prefix('[') {
        Some(rest) => parted(rest, b']').map(|(host, port)| (host, port.strip_prefix(':')))?,
        None => parted(host_port, b':').map_or((host_port, None), |(h, p)| (h, Some(p))),
    };
    let address = address(host);
    if !host_into(host, address, out) {
        return None;
    }
    let bytes = out.len();
    let dotted = scheme.is_some() || address.is_some() || holds(out, b'.');
    let shaped = dotted && (scheme.is_some() || port.is_some() || !tail.is_empty());
    if let Some(port) = port.filter(|port| !port.is_empty()) {
        port_into(scheme, port, out)?;
    }
    let tail = whole(tail);
    if !tail.starts_with('/') {
        out.push('/');
    }
    out.push_str(tail);
    Some(UrlHost { bytes, address, dotted, shaped })
}

/// The same of a request's host and path, which logs keep apart. Most hosts are names in normal
/// form and need no search for where they end; `joined` is for the others.
pub(crate) fn request_into(host: &str, path: &str, joined: &mut String, out: &mut String) -> bool {
    if path.starts_with('/') && is_domain(host) {
        out.clear();
        out.push_str(host);
        out.push_str(whole(path));
        return !has_strange(path);
    }
    joined.clear();
    joined.push_str(host);
    joined.push_str(path);
    url_into(joined, out).is_some()
}

/// Whether a text has a byte that no URL has. It looks at all of them, whatever the first ones are:
/// that needs no jump for each.
fn has_strange(text: &str) -> bool {
    let strange = |b: u8| b <= b' ' || matches!(b, b'"' | b'<' | b'>' | 0x7f);
    text.bytes().fold(false, |any, b| any | strange(b))
}

/// Path and query without the fragment.
fn whole(tail: &str) -> &str {
    memchr(b'#', tail.as_bytes()).and_then(|at| tail.get(..at)).unwrap_or(tail)
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

fn host_into(host: &str, address: Option<IpAddr>, out: &mut String) -> bool {
    match address {
        Some(IpAddr::V4(v4)) => out.push_str(&v4.to_string()),
        Some(IpAddr::V6(v6)) => {
            out.push('[');
            out.push_str(&v6.to_string());
            out.push(']');
        }
        None => return domain_into(host, out),
    }
    true
}

/// Since the scheme is no part of the form, the ports of both web schemes are default.
fn port_into(scheme: Option<&str>, port: &str, out: &mut String) -> Option<()> {
    if !port.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let port = port.parse::<u16>().ok()?;
    let ftp = scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("ftp"));
    let default = matches!(port, 80 | 443) || (ftp && port == 21);
    if !default {
        out.push(':');
        out.push_str(&port.to_string());
    }
    Some(())
}

#[cfg(test)]
mod tests;
