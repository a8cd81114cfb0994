//! Modifiers of a field, applied to its values in the order in which they stand. One that is not
//! known is refused by name: leaving it out would change what the rule finds.
//!
//! SPEC: Sigma Specification 2.1, Appendix Modifiers.

use super::op::{Op, Order, Part, Place, Text};
use super::read::SigmaError;
use super::yaml::{At, Kind, Node};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fancy_regex::RegexBuilder;
use model::limits::{
    REGEX_LENGTH_MAX, REGEX_PROGRAM_MAX, REGEX_STEPS_MAX, RULE_REGEX_BYTES_MAX, WINDASHES_MAX,
};
use std::net::IpAddr;
use std::sync::Arc;

/// Each value of a field, as one of several comparisons; `all`: each value must be found.
pub(super) struct Item {
    pub(super) ops: Vec<Vec<Op>>,
    pub(super) all: bool,
}

/// What the modifiers say.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word that a rule says or does not")]
struct Said {
    place: Option<Place>,
    all: bool,
    cased: bool,
    windash: bool,
    wide: Option<Wide>,
    base64: Option<bool>,
    regex: bool,
    flags: String,
    cidr: bool,
    exists: bool,
    same_as: bool,
    order: Option<Order>,
}

#[derive(Clone, Copy)]
enum Wide {
    Little,
    Big,
    Marked,
}

/// The comparisons of a field, or of keywords.
pub(super) fn item(keyword: bool, modifiers: &[&str], value: &Node) -> Result<Item, SigmaError> {
    let mut said = said(modifiers, value.at)?;
    if keyword {
        said.place = Some(Place::Inside);
    }
    let values = match &value.kind {
        Kind::List(all) if all.is_empty() => {
            return Err(SigmaError::new("E-SIGMA-003", value.at, "an empty list".to_owned()));
        }
        Kind::List(all) => all.as_slice(),
        Kind::Scalar(..) | Kind::Map(_) => std::slice::from_ref(value),
    };
    let ops = values.iter().map(|value| ops(&said, value)).collect::<Result<_, _>>()?;
    Ok(Item { ops, all: said.all })
}

fn said(modifiers: &[&str], at: At) -> Result<Said, SigmaError> {
    let mut said = Said::default();
    for modifier in modifiers {
        match *modifier {
            "contains" => said.place = Some(Place::Inside),
            "startswith" => said.place = Some(Place::Start),
            "endswith" => said.place = Some(Place::End),
            "all" => said.all = true,
            "cased" => said.cased = true,
            "windash" => said.windash = true,
            "wide" | "utf16le" => said.wide = Some(Wide::Little),
            "utf16be" => said.wide = Some(Wide::Big),
            "utf16" => said.wide = Some(Wide::Marked),
            "base64" => said.base64 = Some(false),
            "base64offset" => said.base64 = Some(true),
            "re" => said.regex = true,
            "i" | "m" | "s" if said.regex => said.flags.push_str(modifier),
            "cidr" => said.cidr = true,
            "exists" => said.exists = true,
            "fieldref" => said.same_as = true,
            "lt" => said.order = Some(Order::Less),
            "lte" => said.order = Some(Order::LessOrEqual),
            "gt" => said.order = Some(Order::Greater),
            "gte" => said.order = Some(Order::GreaterOrEqual),
            other => {
                let message = format!("the modifier `{other}` is not evaluated");
                return Err(SigmaError::new("E-SIGMA-005", at, message));
            }
        }
    }
    if said.wide.is_some() && said.base64.is_none() {
        let message = "UTF-16 is found only in base64: add base64 or base64offset".to_owned();
        return Err(SigmaError::new("E-SIGMA-005", at, message));
    }
    Ok(said)
}

/// The comparisons of one value, any of which will do.
fn ops(said: &Said, node: &Node) -> Result<Vec<Op>, SigmaError> {
    let Kind::Scalar(text, plain) = &node.kind else {
        let message = "a value that is no text, number or null".to_owned();
        return Err(SigmaError::new("E-SIGMA-007", node.at, message));
    };
    let wrong = |message: String| SigmaError::new("E-SIGMA-007", node.at, message);
    if said.regex {
        return regex(text, &said.flags).map(|regex| vec![Op::Regex(regex)]).map_err(wrong);
    }
    if said.cidr {
        return cidr(text)
            .map(|op| vec![op])
            .ok_or_else(|| wrong(format!("`{text}` is no prefix")));
    }
    if said.exists {
        let wanted = text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("yes");
        return Ok(vec![Op::Exists(wanted)]);
    }
    if said.same_as {
        let place = said.place.unwrap_or(Place::Whole);
        return Ok(vec![Op::SameAs { field: text.clone(), place }]);
    }
    if let Some(order) = said.order {
        let number = text.parse().map_err(|_| wrong(format!("`{text}` is no number")))?;
        return Ok(vec![Op::Compare(order, number)]);
    }
    if let Some(offset) = said.base64 {
        let bytes = encoded(text, said.wide);
        return Ok(base64(&bytes, offset).into_iter().map(|text| letters(text, said)).collect());
    }
    if *plain && said.place.is_none() {
        if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL") {
            return Ok(vec![Op::Null]);
        }
        if whole(text) {
            return Ok(vec![Op::Number(text.clone())]);
        }
    }
    let texts = if said.windash { dashed(text).map_err(wrong)? } else { vec![text.clone()] };
    let place = said.place.unwrap_or(Place::Whole);
    Ok(texts.iter().map(|text| finished(parsed(text).wrap(place), said)).collect())
}

/// Text that comes of an encoding has no wildcards.
fn letters(text: String, said: &Said) -> Op {
    let text = Text { parts: vec![Part::Letters(text)], cased: true };
    // SPEC: Sigma 2.1, base64: the encoded text is compared as it stands, case included.
    Op::Text(text.wrap(said.place.unwrap_or(Place::Whole)))
}

fn finished(mut text: Text, said: &Said) -> Op {
    text.cased = said.cased;
    Op::Text(if said.cased { text } else { text.folded() })
}

/// SPEC: Sigma 2.1, Escaping: a backslash escapes `*`, `?` and itself, and else stands for itself.
fn parsed(text: &str) -> Text {
    let mut parts = Vec::new();
    let mut letters = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let wild = match c {
            '\\' => {
                let next = chars.next_if(|next| matches!(next, '*' | '?' | '\\'));
                letters.push(next.unwrap_or('\\'));
                continue;
            }
            '*' => Part::Many,
            '?' => Part::One,
            c => {
                letters.push(c);
                continue;
            }
        };
        if !letters.is_empty() {
            parts.push(Part::Letters(std::mem::take(&mut letters)));
        }
        if wild != Part::Many || parts.last() != Some(&Part::Many) {
            parts.push(wild);
        }
    }
    if !letters.is_empty() {
        parts.push(Part::Letters(letters));
    }
    Text { parts, cased: true }
}

/// The dashes and slashes by which Windows' programs take options.
const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

/// The text with each dash or slash that begins a word replaced by each of them.
fn dashed(text: &str) -> Result<Vec<String>, String> {
    let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let all: Vec<char> = text.chars().collect();
    let begins = |at: usize| {
        let before = at.checked_sub(1).and_then(|before| all.get(before)).copied();
        !word(before) && word(all.get(at + 1).copied())
    };
    let places: Vec<usize> = (0..all.len())
        .filter(|at| matches!(all.get(*at), Some('-' | '/')) && begins(*at))
        .collect();
    if places.len() > WINDASHES_MAX {
        return Err(format!("more than {WINDASHES_MAX} dashes under `windash`"));
    }
    let mut variants = vec![all.clone()];
    for place in places {
        variants = variants
            .into_iter()
            .flat_map(|variant| {
                DASHES.into_iter().map(move |dash| {
                    let mut variant = variant.clone();
                    variant.iter_mut().skip(place).take(1).for_each(|c| *c = dash);
                    variant
                })
            })
            .collect();
    }
    Ok(variants.into_iter().map(|variant| variant.into_iter().collect()).collect())
}

fn encoded(text: &str, wide: Option<Wide>) -> Vec<u8> {
    let units = || text.encode_utf16();
    match wide {
        None => text.as_bytes().to_vec(),
        Some(Wide::Little) => units().flat_map(u16::to_le_bytes).collect(),
        Some(Wide::Big) => units().flat_map(u16::to_be_bytes).collect(),
        Some(Wide::Marked) => {
            [0xff, 0xfe].into_iter().chain(units().flat_map(u16::to_le_bytes)).collect()
        }
    }
}

/// The bytes in base64; at each of the three offsets, without the letters that its neighbours share.
fn base64(bytes: &[u8], offset: bool) -> Vec<String> {
    if !offset {
        return vec![STANDARD.encode(bytes)];
    }
    let at = |before: usize| {
        let mut padded = vec![b' '; before];
        padded.extend_from_slice(bytes);
        let text = STANDARD.encode(&padded);
        let skipped = [0, 2, 3].get(before).copied().unwrap_or(0);
        let shared = [0, 3, 2].get(padded.len() % 3).copied().unwrap_or(0);
        let end = text.len().saturating_sub(shared);
        text.get(skipped..end).unwrap_or_default().to_owned()
    };
    (0..3).map(at).filter(|text| !text.is_empty()).collect()
}

fn whole(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

fn cidr(text: &str) -> Option<Op> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address.parse::<IpAddr>().ok()?, bits.parse::<u8>().ok()?),
        None => {
            let address: IpAddr = text.parse().ok()?;
            (address, if address.is_ipv4() { 32 } else { 128 })
        }
    };
    let most = if address.is_ipv4() { 32 } else { 128 };
    (bits <= most).then_some(Op::Cidr(address, bits))
}

fn regex(text: &str, flags: &str) -> Result<Arc<fancy_regex::Regex>, String> {
    if text.len() > REGEX_LENGTH_MAX {
        return Err("the regular expression is too long".to_owned());
    }
    let flagged = if flags.is_empty() { text.to_owned() } else { format!("(?{flags}){text}") };
    let built = RegexBuilder::new(&flagged)
        .backtrack_limit(REGEX_STEPS_MAX)
        .delegate_size_limit(RULE_REGEX_BYTES_MAX)
        .delegate_dfa_size_limit(RULE_REGEX_BYTES_MAX)
        .max_prog_size(REGEX_PROGRAM_MAX)
        .build();
    built.map(Arc::new).map_err(|error| {
        let told = error.to_string();
        format!("not a regular expression: {}", told.lines().next().unwrap_or_default())
    })
}
