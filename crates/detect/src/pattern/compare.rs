//! One value against one test: every operator for every pair of types. It follows no path.
//!
//! SPEC: STIX 2.1 §9.2 (which types compare), §9.6.1 (operators), §9.6.2 to §9.6.4 (how).

use super::eval::EvalError;
use super::graph::timestamp;
use super::known;
use super::regexes::Regexes;
use super::resolve::Part;
use super::text::{Net, bytes_of, composed, from_base64, from_hex, is_like, text_of};
use super::tree::{Literal, Operand, Operator, Test};
use model::time::Instant;
use serde_json::Value;
use std::borrow::Cow;
use std::cmp::Ordering;

/// A value of an object in its native format.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Native<'g> {
    /// A text.
    Text(&'g str),
    /// A text that STIX types as timestamp.
    Time(Instant),
    /// A whole number.
    Integer(i128),
    /// Another number.
    Float(f64),
    /// Truth.
    Bool(bool),
    /// What `_hex` and `_bin` properties mean.
    Bytes(Vec<u8>),
    /// A list, a dictionary, null, or a value that is not of its property's type.
    Other,
}

impl<'g> Native<'g> {
    /// The value at a place.
    ///
    /// SPEC: STIX 2.1 §9.6.4: what ends with `_hex` or `_bin` is decoded before it is compared.
    pub(super) fn of(part: Part<'g>) -> Self {
        match part.tree {
            Value::String(text) if part.name.ends_with("_hex") => {
                from_hex(text).map_or(Self::Other, Self::Bytes)
            }
            Value::String(text) if part.name.ends_with("_bin") => {
                from_base64(text).map_or(Self::Other, Self::Bytes)
            }
            Value::String(text) if known::is_time(part.kind, part.name) => {
                timestamp(text).map_or(Self::Other, Self::Time)
            }
            Value::String(text) => Self::Text(text),
            Value::Bool(truth) => Self::Bool(*truth),
            Value::Number(number) => {
                let whole = number.as_i64().map(i128::from);
                match whole.or_else(|| number.as_u64().map(i128::from)) {
                    Some(whole) => Self::Integer(whole),
                    None => number.as_f64().map_or(Self::Other, Self::Float),
                }
            }
            Value::Null | Value::Array(_) | Value::Object(_) => Self::Other,
        }
    }
}

/// Whether a value passes a test, its `NOT` left aside.
pub(super) fn passes(
    value: &Native<'_>,
    test: &Test,
    regexes: &Regexes,
) -> Result<bool, EvalError> {
    match (test.operator, &test.operand) {
        (Operator::In, Operand::Set(all)) => {
            Ok(all.iter().any(|each| compare(value, each) == Some(Ordering::Equal)))
        }
        (Operator::Like, Operand::One(Literal::Text(like))) => likes(value, like),
        (Operator::Matches, Operand::One(Literal::Text(regex))) => match value {
            Native::Text(text) => regexes.finds(regex, &composed(text)),
            Native::Bytes(bytes) => regexes.finds_in_bytes(regex, bytes),
            Native::Time(_) | Native::Integer(_) | Native::Float(_) => Ok(false),
            Native::Bool(_) | Native::Other => Ok(false),
        },
        (Operator::IsSubset, Operand::One(Literal::Text(net))) => {
            Ok(nets(value, net).is_some_and(|(ours, theirs)| ours.is_inside(theirs)))
        }
        (Operator::IsSuperset, Operand::One(Literal::Text(net))) => {
            Ok(nets(value, net).is_some_and(|(ours, theirs)| theirs.is_inside(ours)))
        }
        (operator, Operand::One(literal)) => Ok(orders(operator, compare(value, literal))),
        (_, Operand::None | Operand::Set(_)) => Ok(false),
    }
}

/// What a comparison says under an operator; types that do not compare are unequal, and no more.
fn orders(operator: Operator, order: Option<Ordering>) -> bool {
    match operator {
        Operator::Equal => order == Some(Ordering::Equal),
        Operator::NotEqual => order != Some(Ordering::Equal),
        Operator::Greater => order == Some(Ordering::Greater),
        Operator::Less => order == Some(Ordering::Less),
        Operator::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
        Operator::LessOrEqual => order.is_some_and(Ordering::is_le),
        Operator::In | Operator::Like | Operator::Matches => false,
        Operator::IsSubset | Operator::IsSuperset | Operator::Exists => false,
    }
}

/// How a value stands to a constant; nothing when their types do not compare.
pub(super) fn compare(value: &Native<'_>, literal: &Literal) -> Option<Ordering> {
    let octets = |literal: &Literal| match literal {
        Literal::Hex(digits) => from_hex(digits),
        Literal::Binary(text) => from_base64(text),
        Literal::Text(text) => bytes_of(text),
        Literal::Integer(_) | Literal::Float(_) | Literal::Bool(_) | Literal::Time(_) => None,
    };
    match (value, literal) {
        // SPEC: STIX 2.1 §9.6.2: code points, nothing normalised; UTF-8 has their order.
        (Native::Text(ours), Literal::Text(theirs)) => Some((*ours).cmp(theirs.as_str())),
        (Native::Text(ours), Literal::Hex(_) | Literal::Binary(_)) => {
            Some(bytes_of(ours)?.cmp(&octets(literal)?))
        }
        (Native::Text(ours), Literal::Time(theirs)) => Some(timestamp(ours)?.cmp(theirs)),
        (Native::Time(ours), Literal::Time(theirs)) => Some(ours.cmp(theirs)),
        (Native::Bytes(ours), Literal::Hex(_) | Literal::Binary(_) | Literal::Text(_)) => {
            Some(ours.cmp(&octets(literal)?))
        }
        (Native::Integer(ours), Literal::Integer(theirs)) => Some(ours.cmp(&i128::from(*theirs))),
        (Native::Integer(ours), Literal::Float(theirs)) => whole_to_float(*ours, *theirs),
        (Native::Float(ours), Literal::Integer(theirs)) => {
            whole_to_float(i128::from(*theirs), *ours).map(Ordering::reverse)
        }
        (Native::Float(ours), Literal::Float(theirs)) => ours.partial_cmp(theirs),
        (Native::Bool(ours), Literal::Bool(theirs)) if ours == theirs => Some(Ordering::Equal),
        _ => None,
    }
}

/// Compares exactly, also where floats are coarser than whole numbers.
fn whole_to_float(whole: i128, float: f64) -> Option<Ordering> {
    // Rounding keeps the order, so that only equality after it is in doubt.
    match (whole as f64).partial_cmp(&float)? {
        Ordering::Equal => {
            Some(format!("{float:.0}").parse().map_or(Ordering::Equal, |f: i128| whole.cmp(&f)))
        }
        order @ (Ordering::Less | Ordering::Greater) => Some(order),
    }
}

fn likes(value: &Native<'_>, like: &str) -> Result<bool, EvalError> {
    let (text, like) = match value {
        Native::Text(text) => (composed(text), composed(like)),
        // SPEC: STIX 2.1 §9.6.4: against a binary property the text is bytes as well.
        Native::Bytes(bytes) => (Cow::Owned(text_of(bytes)), composed(like)),
        Native::Time(_) | Native::Integer(_) | Native::Float(_) => return Ok(false),
        Native::Bool(_) | Native::Other => return Ok(false),
    };
    is_like(&text, &like)
}

fn nets(value: &Native<'_>, net: &str) -> Option<(Net, Net)> {
    let Native::Text(text) = value else { return None };
    Some((Net::read(text)?, Net::read(net)?))
}
