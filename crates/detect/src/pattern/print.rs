//! A tree of a pattern as text, in one spelling. It shortens nothing and checks nothing: what it
//! prints is read as the same tree again.

use super::parser::KEYWORDS;
use super::tree::{
    Comparison, Literal, ObjectPath, Observation, Operand, Operator, Qualifier, Step, Test,
};
use std::fmt::Write as _;

#[cfg(test)]
mod tests;

/// Prints a pattern.
#[must_use]
pub fn print(observation: &Observation) -> String {
    let mut out = String::new();
    sequence(observation, &mut out);
    out
}

fn joined<T>(all: &[T], word: &str, out: &mut String, one: impl Fn(&T, &mut String)) {
    for (place, each) in all.iter().enumerate() {
        if place > 0 {
            out.push_str(word);
        }
        one(each, out);
    }
}

fn sequence(observation: &Observation, out: &mut String) {
    match observation {
        Observation::Sequence(all) => joined(all, " FOLLOWEDBY ", out, any_observation),
        Observation::One(_)
        | Observation::All(_)
        | Observation::Any(_)
        | Observation::Qualified(..) => any_observation(observation, out),
    }
}

fn any_observation(observation: &Observation, out: &mut String) {
    match observation {
        Observation::Any(all) => joined(all, " OR ", out, all_observations),
        Observation::One(_)
        | Observation::All(_)
        | Observation::Sequence(_)
        | Observation::Qualified(..) => all_observations(observation, out),
    }
}

fn all_observations(observation: &Observation, out: &mut String) {
    match observation {
        Observation::All(all) => joined(all, " AND ", out, qualified),
        Observation::One(_)
        | Observation::Any(_)
        | Observation::Sequence(_)
        | Observation::Qualified(..) => qualified(observation, out),
    }
}

fn qualified(observation: &Observation, out: &mut String) {
    let Observation::Qualified(inner, qualifiers) = observation else {
        return bare(observation, out);
    };
    bare(inner, out);
    for each in qualifiers {
        out.push(' ');
        qualifier(each, out);
    }
}

/// In brackets of its own, so that nothing around it binds tighter.
fn bare(observation: &Observation, out: &mut String) {
    if let Observation::One(comparison) = observation {
        out.push('[');
        any_comparison(comparison, out);
        out.push(']');
    } else {
        out.push('(');
        sequence(observation, out);
        out.push(')');
    }
}

fn qualifier(qualifier: &Qualifier, out: &mut String) {
    // Writing to a text cannot fail, here and below.
    match qualifier {
        Qualifier::Within(seconds) => {
            // Whole numbers of more than 32 bits are read as a shorter time.
            if seconds.fract() == 0.0 && *seconds <= f64::from(i32::MAX) {
                write!(out, "WITHIN {seconds:.0} SECONDS").ok();
            } else {
                out.push_str("WITHIN ");
                float(*seconds, out);
                out.push_str(" SECONDS");
            }
        }
        Qualifier::Repeats(times) => {
            write!(out, "REPEATS {times} TIMES").ok();
        }
        Qualifier::Between(start, stop) => {
            write!(out, "START t'{start}' STOP t'{stop}'").ok();
        }
    }
}

fn any_comparison(comparison: &Comparison, out: &mut String) {
    match comparison {
        Comparison::Any(all) => joined(all, " OR ", out, all_comparisons),
        Comparison::All(_) | Comparison::Test(_) => all_comparisons(comparison, out),
    }
}

fn all_comparisons(comparison: &Comparison, out: &mut String) {
    match comparison {
        Comparison::All(all) => joined(all, " AND ", out, alone),
        Comparison::Any(_) | Comparison::Test(_) => alone(comparison, out),
    }
}

fn alone(comparison: &Comparison, out: &mut String) {
    if let Comparison::Test(one) = comparison {
        test(one, out);
    } else {
        out.push('(');
        any_comparison(comparison, out);
        out.push(')');
    }
}

fn test(test: &Test, out: &mut String) {
    let not = if test.negated { "NOT " } else { "" };
    if test.operator == Operator::Exists {
        write!(out, "{not}EXISTS ").ok();
        return path(&test.path, out);
    }
    path(&test.path, out);
    write!(out, " {not}{} ", word(test.operator)).ok();
    match &test.operand {
        Operand::None => {}
        Operand::One(one) => literal(one, out),
        Operand::Set(all) => {
            out.push('(');
            joined(all, ", ", out, literal);
            out.push(')');
        }
    }
}

/// How an operator is written.
pub(super) const fn word(operator: Operator) -> &'static str {
    match operator {
        Operator::Equal => "=",
        Operator::NotEqual => "!=",
        Operator::Greater => ">",
        Operator::Less => "<",
        Operator::GreaterOrEqual => ">=",
        Operator::LessOrEqual => "<=",
        Operator::In => "IN",
        Operator::Like => "LIKE",
        Operator::Matches => "MATCHES",
        Operator::IsSubset => "ISSUBSET",
        Operator::IsSuperset => "ISSUPERSET",
        Operator::Exists => "EXISTS",
    }
}

/// Prints an object path.
pub(super) fn path(path: &ObjectPath, out: &mut String) {
    out.push_str(&path.object);
    for (place, step) in path.steps.iter().enumerate() {
        match step {
            Step::Name(name) => {
                out.push(if place == 0 { ':' } else { '.' });
                if is_word(name) { out.push_str(name) } else { quoted(name, out) }
            }
            Step::Place(at) => {
                write!(out, "[{at}]").ok();
            }
            Step::Anywhere => out.push_str("[*]"),
        }
    }
}

/// Whether a name needs no quotes.
fn is_word(name: &str) -> bool {
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let goes_on = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    begins && goes_on && !KEYWORDS.contains(&name)
}

fn quoted(text: &str, out: &mut String) {
    out.push('\'');
    for char in text.chars() {
        if matches!(char, '\'' | '\\') {
            out.push('\\');
        }
        out.push(char);
    }
    out.push('\'');
}

fn float(number: f64, out: &mut String) {
    let text = number.to_string();
    out.push_str(&text);
    if !text.contains('.') {
        out.push_str(".0");
    }
}

fn literal(literal: &Literal, out: &mut String) {
    match literal {
        Literal::Text(text) => quoted(text, out),
        Literal::Integer(number) => out.push_str(&number.to_string()),
        Literal::Float(number) => float(*number, out),
        Literal::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Literal::Time(time) => {
            write!(out, "t'{time}'").ok();
        }
        Literal::Hex(digits) => {
            write!(out, "h'{digits}'").ok();
        }
        Literal::Binary(text) => {
            write!(out, "b'{text}'").ok();
        }
    }
}
