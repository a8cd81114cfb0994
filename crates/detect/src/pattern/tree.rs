//! A STIX pattern as a tree. It holds what was written, not what it is worth for a match.

use model::time::Instant;

/// An observation expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Observation {
    /// `[...]`: one observation for which the comparison holds.
    One(Comparison),
    /// Joined by `AND`: each by a different observation.
    All(Vec<Self>),
    /// Joined by `OR`.
    Any(Vec<Self>),
    /// Joined by `FOLLOWEDBY`.
    Sequence(Vec<Self>),
    /// With qualifiers, at most one of each sort.
    Qualified(Box<Self>, Vec<Qualifier>),
}

/// What narrows an observation expression in time or number.
#[derive(Clone, Debug, PartialEq)]
pub enum Qualifier {
    /// `WITHIN n SECONDS`.
    Within(f64),
    /// `REPEATS n TIMES`.
    Repeats(u64),
    /// `START t STOP t`, the end exclusive.
    Between(Instant, Instant),
}

/// A comparison expression, about one observation.
#[derive(Clone, Debug, PartialEq)]
pub enum Comparison {
    /// Joined by `AND`.
    All(Vec<Self>),
    /// Joined by `OR`.
    Any(Vec<Self>),
    /// A single test.
    Test(Test),
}

/// `path [NOT] operator operand`. Two tests are the same wherever they stand.
#[derive(Clone, Debug)]
pub struct Test {
    /// Offset of the path in the pattern, in bytes.
    pub at: usize,
    /// What is tested.
    pub path: ObjectPath,
    /// Preceded by `NOT`.
    pub negated: bool,
    /// How.
    pub operator: Operator,
    /// Against what.
    pub operand: Operand,
}

impl PartialEq for Test {
    fn eq(&self, other: &Self) -> bool {
        let parts = |test: &Self| (test.negated, test.operator);
        parts(self) == parts(other) && self.path == other.path && self.operand == other.operand
    }
}

impl Observation {
    /// The comparison of each `[...]`, in the order in which they are written.
    #[must_use]
    pub fn leaves(&self) -> Vec<&Comparison> {
        let mut leaves = Vec::new();
        self.leaves_into(&mut leaves);
        leaves
    }

    fn leaves_into<'o>(&'o self, leaves: &mut Vec<&'o Comparison>) {
        match self {
            Self::One(comparison) => leaves.push(comparison),
            Self::All(all) | Self::Any(all) | Self::Sequence(all) => {
                all.iter().for_each(|each| each.leaves_into(leaves));
            }
            Self::Qualified(inner, _) => inner.leaves_into(leaves),
        }
    }
}

impl Comparison {
    /// Every single test, in the order in which they are written.
    #[must_use]
    pub fn tests(&self) -> Vec<&Test> {
        let mut tests = Vec::new();
        self.tests_into(&mut tests);
        tests
    }

    fn tests_into<'c>(&'c self, tests: &mut Vec<&'c Test>) {
        match self {
            Self::All(all) | Self::Any(all) => {
                all.iter().for_each(|each| each.tests_into(tests));
            }
            Self::Test(test) => tests.push(test),
        }
    }
}

/// The operators.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Operator {
    /// `=` or `==`.
    Equal,
    /// `!=` or `<>`.
    NotEqual,
    /// `>`.
    Greater,
    /// `<`.
    Less,
    /// `>=`.
    GreaterOrEqual,
    /// `<=`.
    LessOrEqual,
    /// `IN (...)`.
    In,
    /// `LIKE` with `%` and `_`.
    Like,
    /// `MATCHES` with a PCRE.
    Matches,
    /// `ISSUBSET`.
    IsSubset,
    /// `ISSUPERSET`.
    IsSuperset,
    /// `EXISTS path`.
    Exists,
}

/// What a path is tested against.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// Nothing (`EXISTS`).
    None,
    /// One literal.
    One(Literal),
    /// A set, possibly empty.
    Set(Vec<Literal>),
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `'...'`, unescaped.
    Text(String),
    /// An integer.
    Integer(i64),
    /// A float.
    Float(f64),
    /// `true` or `false`.
    Bool(bool),
    /// `t'...'`.
    Time(Instant),
    /// `h'...'`, the digits as written.
    Hex(String),
    /// `b'...'`, the base64 text as written.
    Binary(String),
}

/// `type:property.property[0]`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ObjectPath {
    /// The object's type.
    pub object: String,
    /// What leads to the property; the first is a name.
    pub steps: Vec<Step>,
}

/// One step of a path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// A property's name, without quotes.
    Name(String),
    /// `[n]`.
    Place(i64),
    /// `[*]`.
    Anywhere,
}
