//! Values among the words of a text: addresses, names, URLs, hashes, also where somebody wrote them
//! so that nobody clicks on them (`hxxp`, `[.]`, `[at]`). Whether a word is a value is decided by
//! whoever looks it up; a part of a word is never taken for a value of its own.

use std::net::IpAddr;

/// Ends a word, wherever it stands.
const ENDS: [char; 9] = ['"', '\'', '<', '>', '`', '|', '\u{201c}', '\u{201d}', '\u{0}'];
/// Ends a part of a word that is no URL.
const PARTS: [char; 9] = ['=', ',', ';', '(', ')', '[', ']', '{', '}'];
/// Stands around words and belongs to none.
const AROUND: [char; 13] = ['.', ',', ';', ':', '!', '?', '(', ')', '[', ']', '{', '}', '*'];

/// What people write for a dot, a colon, a slash and an at sign.
const DEFANGED: [(&str, &str); 17] = [
    ("[.]", "."),
    ("(.)", "."),
    ("{.}", "."),
    ("[.", "."),
    (".]", "."),
    ("[dot]", "."),
    ("(dot)", "."),
    ("[DOT]", "."),
    ("[:]", ":"),
    ("[://]", "://"),
    ("[:", ":"),
    ("[/]", "/"),
    ("[at]", "@"),
    ("(at)", "@"),
    ("[AT]", "@"),
    ("[@]", "@"),
    ("\\.", "."),
];

/// Calls `each` for every word of a text that may be a value, and for the parts of words such as
/// `src=192.0.2.1:443`. Nothing is allocated but for words that were defanged.
pub fn tokens(text: &str, each: &mut impl FnMut(&str)) {
    for word in text.split(|c: char| c.is_whitespace() || ENDS.contains(&c)) {
        // Shorter words are no value of any kind.
        if word.len() < 3 {
            continue;
        }
        if is_defanged(word) {
            let mended = mend(word);
            self::word(&mended, each);
        } else {
            self::word(word, each);
        }
    }
}

fn is_defanged(word: &str) -> bool {
    let bracket = |b: u8| matches!(b, b'[' | b'(' | b'{' | b'\\');
    let marked = word.bytes().any(bracket) && DEFANGED.iter().any(|(from, _)| word.contains(from));
    marked || scheme(word).is_some_and(|place| hidden(word.get(place..).unwrap_or_default()))
}

/// Whether a URL's scheme is written so that nobody follows it: `hxxp`, `hXXps`, `fxp`.
fn hidden(url: &str) -> bool {
    let start: [u8; 4] = match url.as_bytes().first_chunk() {
        Some(start) => start.map(|b| b.to_ascii_lowercase()),
        None => return false,
    };
    matches!(&start, b"hxxp" | b"hxtp" | b"htxp" | b"fxp:")
}

fn mend(word: &str) -> String {
    let mut whole = word.to_owned();
    for (from, to) in DEFANGED {
        if whole.contains(from) {
            whole = whole.replace(from, to);
        }
    }
    let place = scheme(&whole).unwrap_or(0);
    if !hidden(whole.get(place..).unwrap_or_default()) {
        return whole;
    }
    let (before, url) = whole.split_at_checked(place).unwrap_or(("", &whole));
    let (scheme, rest) = url.split_once(':').unwrap_or((url, ""));
    let secure = scheme.ends_with(['s', 'S']);
    let plain = match (scheme.starts_with(['f', 'F']), secure) {
        (true, _) => "ftp",
        (false, true) => "https",
        (false, false) => "http",
    };
    format!("{before}{plain}:{rest}")
}

/// Where the scheme of the URL in a word begins.
fn scheme(word: &str) -> Option<usize> {
    let colon = word.find("://")?;
    let before = word.get(..colon)?;
    let letters = before.bytes().rev().take_while(|b| b.is_ascii_alphanumeric() || *b == b'+');
    Some(colon - letters.count())
}

fn word(word: &str, each: &mut impl FnMut(&str)) {
    let mut rest = word;
    if let Some(place) = scheme(word) {
        let (before, url) = word.split_at_checked(place).unwrap_or(("", word));
        let url = url.trim_end_matches(AROUND);
        each(url);
        rest = before;
    }
    if let Some(name) = counted_labels(rest) {
        each(&name);
        return;
    }
    for part in rest.split(PARTS) {
        let part = part.trim_matches(AROUND);
        if part.len() >= 3 {
            self::part(part, each);
        }
    }
}

/// A part as it stands, and without the port, zone or prefix that some logs write beside a value.
fn part(part: &str, each: &mut impl FnMut(&str)) {
    each(part);
    let is_address = |text: &str| text.parse::<IpAddr>().is_ok();
    if let Some((left, right)) = part.rsplit_once(':')
        && !is_address(part)
    {
        if left.len() >= 3 && right.bytes().all(|b| b.is_ascii_digit()) {
            each(left);
        } else if right.len() >= 3 && !left.contains(':') {
            // `outside:192.0.2.1/443`, `client:evil.example`
            each(right);
            address_before(right, each);
        }
    }
    address_before(part, each);
    if let Some((_, right)) = part.rsplit_once('/')
        && is_address(right)
    {
        each(right);
    }
}

/// `192.0.2.1#53`, `192.0.2.1/443`, `192.0.2.1%eth0`, `192.0.2.1.53`
fn address_before(part: &str, each: &mut impl FnMut(&str)) {
    if !part.starts_with(|c: char| c.is_ascii_hexdigit() || c == ':') {
        return;
    }
    let left = part.split(['#', '/', '%']).next().unwrap_or_default();
    if left.len() < part.len() && left.parse::<IpAddr>().is_ok() {
        return each(left);
    }
    // As tcpdump writes address and port.
    if let Some((left, right)) = part.rsplit_once('.')
        && right.bytes().all(|b| b.is_ascii_digit())
        && left.bytes().filter(|b| *b == b'.').count() == 3
        && left.parse::<IpAddr>().is_ok()
    {
        each(left);
    }
}

/// `(3)www(4)evil(7)example(0)`, as Microsoft's DNS server writes names.
fn counted_labels(word: &str) -> Option<String> {
    let inside = word.strip_prefix('(')?.strip_suffix("(0)")?;
    let mut name = String::with_capacity(inside.len());
    for label in inside.split('(') {
        let (length, label) = label.split_once(')')?;
        if length.parse::<usize>().ok()? != label.len() {
            return None;
        }
        if !name.is_empty() {
            name.push('.');
        }
        name.push_str(label);
    }
    Some(name)
}

#[cfg(test)]
mod tests;
