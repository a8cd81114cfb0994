//! STIX patterns: the whole grammar as a tree with positions, and the values that prove one alone.
//! It does not evaluate compound patterns, and never guesses what an invalid one meant.

mod atoms;
mod lexer;
mod parser;
#[cfg(test)]
mod tests;
mod tree;

pub use atoms::{Atoms, atoms};
pub use parser::{PatternError, Problem, parse};
pub use tree::{
    Comparison, Literal, ObjectPath, Observation, Operand, Operator, Qualifier, Step, Test,
};
