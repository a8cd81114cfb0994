//! The slow, obvious evaluator of atomic indicators: every fast path must agree with it. It has no
//! index, no gates and no memory, and is never on the way of an event.

use crate::event::Role;
use crate::index::Handle;
use crate::live::SPLIT_URLS;
use crate::named;
use crate::observable::{Observable, guess, normal};
use crate::url::url_into;
use model::facts::ValueKind;
use model::limits::OBSERVABLE_BYTES_MAX;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;

/// Which indicator matched in which field, and whether only as a parent domain.
pub type Verdict = BTreeMap<(Handle, String), bool>;

/// All that must match in an event whose objects have no key twice.
#[must_use]
pub fn judge(indicators: &[(Handle, Observable)], event: &Value) -> Verdict {
    judge_with(indicators, &HashSet::new(), event)
}

/// The same, where strangers have names below these zones.
#[must_use]
pub fn judge_with(
    indicators: &[(Handle, Observable)],
    zones: &HashSet<Box<str>>,
    event: &Value,
) -> Verdict {
    let mut readings = Vec::new();
    read(event, &mut Vec::new(), &mut readings);
    let mut verdict = Verdict::new();
    for (field, reading) in &readings {
        for (handle, indicator) in indicators {
            if let Some(parent) = proves(reading, indicator, zones) {
                let known = verdict.entry((*handle, field.clone())).or_insert(true);
                *known = *known && parent;
            }
        }
    }
    verdict
}

/// Collects every reading of every string below a value.
fn read(value: &Value, keys: &mut Vec<String>, out: &mut Vec<(String, Observable)>) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => {
            if named_kind(keys) == Some(ValueKind::Asn) {
                let asn = normal(ValueKind::Asn, &number.to_string());
                out.extend(asn.map(|asn| (keys.join("."), asn)));
            }
        }
        Value::String(text) => {
            let mut readings = guess(text);
            let name = keys.last().is_some_and(|key| Role::of(key).is_name());
            if readings.is_empty() && name {
                readings.extend(normal(ValueKind::Domain, text));
            }
            let trimmed = text.trim();
            if trimmed.is_empty() || trimmed.len() > OBSERVABLE_BYTES_MAX {
                return;
            }
            readings.extend(normal(ValueKind::Cve, trimmed));
            if let Some(kind) = named_kind(keys) {
                readings.extend(of_named(kind, trimmed));
            }
            out.extend(readings.into_iter().map(|reading| (keys.join("."), reading)));
        }
        Value::Array(all) => all.iter().for_each(|each| read(each, keys, out)),
        Value::Object(members) => {
            for (key, member) in members {
                keys.push(key.clone());
                read(member, keys, out);
                keys.pop();
            }
            out.extend(SPLIT_URLS.iter().filter_map(|names| joined(members, *names, keys)));
        }
    }
}

/// The kind that the field's name tells.
fn named_kind(keys: &[String]) -> Option<ValueKind> {
    let (last, rest) = keys.split_last()?;
    named::kind(last, || rest.last().cloned().unwrap_or_default())
}

/// What a text is in a field of this kind, with its parts that stand for it.
fn of_named(kind: ValueKind, text: &str) -> Vec<Observable> {
    let part = if kind == ValueKind::FileName {
        text.rsplit(['/', '\\']).next()
    } else if kind == ValueKind::RegistryKey {
        text.trim_end_matches('\\').rsplit_once('\\').map(|(key, _)| key)
    } else if kind == ValueKind::Account {
        text.rsplit_once('\\').map(|(_, account)| account)
    } else {
        None
    };
    [Some(text), part].into_iter().flatten().filter_map(|part| normal(kind, part)).collect()
}

/// The URL of a request whose host and path are two members of one object, shown at its path.
fn joined(
    members: &Map<String, Value>,
    [host_key, path_key]: [&str; 2],
    keys: &[String],
) -> Option<(String, Observable)> {
    let text = |key: &str| Some(members.get(key)?.as_str()?.trim());
    let (host, path) = (text(host_key)?, text(path_key)?);
    if !path.starts_with('/') || host.len().max(path.len()) > OBSERVABLE_BYTES_MAX {
        return None;
    }
    let mut text = String::new();
    url_into(&format!("{host}{path}"), &mut text)?;
    let field = keys.iter().map(String::as_str).chain([path_key]).collect::<Vec<_>>().join(".");
    Some((field, Observable { kind: ValueKind::Url, text }))
}

/// Whether a reading proves an indicator, and then whether only as a child of its domain.
fn proves(reading: &Observable, indicator: &Observable, zones: &HashSet<Box<str>>) -> Option<bool> {
    use ValueKind::{Domain, Ipv4, Ipv6, Ja3, Md5, OtherHash, Sha1, Sha256, Sha512, Url};
    let hash = |kind| matches!(kind, Md5 | Sha1 | Sha256 | Sha512 | OtherHash | Ja3);
    let alike = reading.kind == indicator.kind || hash(reading.kind) && hash(indicator.kind);
    if !alike {
        return None;
    }
    if reading.text == indicator.text {
        return Some(false);
    }
    if reading.kind == Domain {
        let above = reading.text.strip_suffix(&indicator.text)?.ends_with('.');
        // Some label must stand between the indicator and the public suffix.
        let suffix = psl::suffix_str(&reading.text)?;
        let own = indicator.text.strip_suffix(suffix)?;
        // And none of its parents, up to the indicator, may be a zone.
        let below = |zone: &str| {
            let parent = reading.text.strip_suffix(zone);
            parent.is_some_and(|rest| rest.ends_with('.')) && zone.len() >= indicator.text.len()
        };
        let free = !zones.iter().any(|zone| below(zone));
        return (above && own.ends_with('.') && free).then_some(true);
    }
    if reading.kind == Url {
        let (plain, _) = reading.text.split_once('?')?;
        return (plain == indicator.text).then_some(false);
    }
    if matches!(reading.kind, Ipv4 | Ipv6) {
        let (network, length) = indicator.text.split_once('/')?;
        let length: u32 = length.parse().ok()?;
        let bits = |text: &str| match text.parse::<IpAddr>() {
            Ok(IpAddr::V4(v4)) => Some((u128::from(v4.to_bits()), 32_u32)),
            Ok(IpAddr::V6(v6)) => Some((v6.to_bits(), 128)),
            Err(_) => None,
        };
        let ((ours, width), (theirs, _)) = (bits(&reading.text)?, bits(network)?);
        let drop = width.checked_sub(length)?;
        let top = |bits: u128| bits.checked_shr(drop).unwrap_or(0);
        return (top(ours) == top(theirs)).then_some(false);
    }
    None
}
