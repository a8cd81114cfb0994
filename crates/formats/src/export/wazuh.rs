//! A list for Wazuh's CDB: `key:` a line. It knows no rule that looks it up.

use super::line::{Line, is_plain};
use model::facts::ValueKind;

#[derive(Debug, Default)]
pub(super) struct Wazuh {
    keys: Vec<Box<str>>,
    bytes: usize,
}

impl Wazuh {
    pub(super) fn push(&mut self, line: &Line<'_>) {
        let Some(key) = key(line) else { return };
        self.bytes += key.len() + 4;
        self.keys.push(key);
    }

    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.keys.sort_unstable();
        self.keys.dedup();
        let mut out = Vec::with_capacity(self.bytes);
        for key in &self.keys {
            // A key with a colon stands in quotes.
            let quote: &[u8] = if key.contains(':') { b"\"" } else { b"" };
            for piece in [quote, key.as_bytes(), quote, b":\n"] {
                out.extend_from_slice(piece);
            }
        }
        out
    }
}

/// A network is looked up by the whole octets with which its addresses begin; others cannot be.
fn key(line: &Line<'_>) -> Option<Box<str>> {
    let value = line.value;
    if !is_plain(value) || value.contains('"') {
        return None;
    }
    let address = matches!(line.kind, ValueKind::Ipv4 | ValueKind::Ipv6);
    let Some((network, length)) = value.split_once('/').filter(|_| address) else {
        return Some(value.into());
    };
    let octets = match length {
        "8" => 1,
        "16" => 2,
        "24" => 3,
        _ => return None,
    };
    if line.kind != ValueKind::Ipv4 {
        return None;
    }
    let kept: Vec<&str> = network.split('.').take(octets).collect();
    Some(format!("{}.", kept.join(".")).into())
}
