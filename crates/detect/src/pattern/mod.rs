//! STIX patterns: the whole grammar as a tree with positions, printed again, checked and judged, and
//! the values that prove one alone. It never guesses what an invalid one meant.
//!
//! Read [`tree`](Observation), then [`evaluate`]: the judge, which is slow and which the indexes of
//! live matching must agree with. [`combine`] is shared with patterns that are matched on streams.

mod atoms;
mod check;
mod combine;
mod compare;
mod eval;
mod graph;
mod known;
mod lexer;
mod parser;
mod pcre;
mod print;
mod regexes;
mod resolve;
mod search;
#[cfg(test)]
mod tests;
mod text;
mod times;
mod tree;

pub use atoms::{Atoms, atoms};
pub use check::{Finding, Severity, check, level};
pub use combine::{Combination, Combine, Leaf, combine};
pub use eval::{EvalError, evaluate, holds};
pub use graph::{Graph, GraphError, Object, Observed, Tree};
pub use parser::{PatternError, Problem, parse};
pub use print::print;
pub use regexes::{RegexError, Regexes};
pub use tree::{
    Comparison, Literal, ObjectPath, Observation, Operand, Operator, Qualifier, Step, Test,
};
