//! The slow judge of Sigma: a rule's tree asked of an event's fields, one by one. It is what the
//! compiled rules must agree with, and has neither an index nor memory.

use super::op::{Op, Place, Text, folded};
use super::read::{FieldTest, Test};
use std::net::IpAddr;

/// A field and one of its values, as the event spells it.
pub type Named = (String, String);

/// Whether a test holds. `named` are the fields by their names in Sigma, `all` every value.
#[must_use]
pub fn holds(test: &Test, named: &[Named], all: &[String]) -> bool {
    match test {
        Test::All(tests) => tests.iter().all(|test| holds(test, named, all)),
        Test::Any(tests) => tests.iter().any(|test| holds(test, named, all)),
        Test::Not(test) => !holds(test, named, all),
        Test::Field(test) => field(test, named),
        Test::Keyword(op) => all.iter().any(|value| value_passes(op, value)),
    }
}

fn field(FieldTest { field, op }: &FieldTest, named: &[Named]) -> bool {
    let values = |name: &str| {
        let of = named.iter().filter(|(other, _)| other == name);
        of.map(|(_, value)| value.clone()).collect::<Vec<_>>()
    };
    let own = values(field);
    match op {
        Op::Null => own.is_empty(),
        Op::Exists(wanted) => own.is_empty() != *wanted,
        Op::SameAs { field, place } => {
            let others = values(field);
            own.iter().any(|value| others.iter().any(|other| stands(value, other, *place)))
        }
        Op::Text(_) | Op::Number(_) | Op::Regex(_) | Op::Cidr(..) | Op::Compare(..) => {
            own.iter().any(|value| value_passes(op, value))
        }
    }
}

fn stands(value: &str, other: &str, place: Place) -> bool {
    let (value, other) = (folded(value), folded(other));
    match place {
        Place::Whole => value == other,
        Place::Start => value.starts_with(&other),
        Place::End => value.ends_with(&other),
        Place::Inside => value.contains(&other),
    }
}

fn value_passes(op: &Op, value: &str) -> bool {
    match op {
        Op::Text(text) => text_passes(text, value),
        Op::Number(digits) => value == digits,
        Op::Regex(regex) => regex.is_match(value).unwrap_or(false),
        Op::Cidr(prefix, bits) => value.parse().is_ok_and(|ip| inside(ip, *prefix, *bits)),
        Op::Compare(order, number) => value.parse().is_ok_and(|value| order.holds(value, *number)),
        Op::Null | Op::Exists(_) | Op::SameAs { .. } => false,
    }
}

fn text_passes(text: &Text, value: &str) -> bool {
    if text.cased { text.covers(value) } else { text.covers(&folded(value)) }
}

/// Whether an address lies in a prefix; IPv4 written as IPv6 is IPv4.
pub(crate) fn inside(address: IpAddr, prefix: IpAddr, bits: u8) -> bool {
    let number = |address: IpAddr| match address.to_canonical() {
        IpAddr::V4(v4) => (u128::from(u32::from(v4)) << 96, true),
        IpAddr::V6(v6) => (u128::from(v6), false),
    };
    let ((address, left), (prefix, right)) = (number(address), number(prefix));
    let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
    left == right && address & mask == prefix & mask
}
