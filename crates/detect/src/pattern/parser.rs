//! STIX patterns from text to tree, with the place of every fault. It checks grammar, and not
//! whether types and properties exist.
//!
//! SPEC: STIX 2.1 §9; precedence: parentheses, `AND`, `OR`, `FOLLOWEDBY`.

use super::lexer::{Lexer, Token};
use super::tree::{
    Comparison, Literal, ObjectPath, Observation, Operand, Operator, Qualifier, Step, Test,
};
use model::limits::{PATTERN_BYTES_MAX, PATTERN_DEPTH_MAX};

/// Why a pattern is none.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{}: {problem}, at character {at} of the pattern", self.code())]
pub struct PatternError {
    /// Offset in bytes.
    pub at: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with a pattern.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Problem {
    /// Longer than `PATTERN_BYTES_MAX`.
    #[error("longer than {PATTERN_BYTES_MAX} bytes")]
    TooLong,
    /// Nested deeper than `PATTERN_DEPTH_MAX`.
    #[error("nested deeper than {PATTERN_DEPTH_MAX}")]
    TooDeep,
    /// A text or comment without end.
    #[error("a text or comment does not end")]
    Unfinished,
    /// A backslash before something else than a quote or a backslash.
    #[error("only a quote and a backslash can stand behind a backslash")]
    Escape,
    /// A character that begins no word.
    #[error("`{0}` has no meaning here")]
    Stranger(char),
    /// No number, or one out of range.
    #[error("not a number that patterns know")]
    Number,
    /// No timestamp.
    #[error("not a timestamp such as t'2026-11-22T08:00:00Z'")]
    Time,
    /// No hexadecimal or base64 constant.
    #[error("not a hexadecimal or base64 constant")]
    Binary,
    /// Another word was wanted.
    #[error("expected {wanted}, found {found}")]
    Unexpected {
        /// What the grammar wants.
        wanted: &'static str,
        /// What stands there.
        found: String,
    },
    /// A qualifier given twice.
    #[error("the same qualifier stands twice")]
    Twice,
    /// A qualifier that nothing can satisfy.
    #[error("the qualifier is empty: its number must be positive, STOP later than START")]
    Empty,
}

impl PatternError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.problem {
            Problem::TooLong => "E-PATTERN-001",
            Problem::TooDeep => "E-PATTERN-002",
            Problem::Unfinished => "E-PATTERN-003",
            Problem::Escape => "E-PATTERN-004",
            Problem::Stranger(_) => "E-PATTERN-005",
            Problem::Number => "E-PATTERN-006",
            Problem::Time => "E-PATTERN-007",
            Problem::Binary => "E-PATTERN-008",
            Problem::Unexpected { .. } => "E-PATTERN-009",
            Problem::Twice => "E-PATTERN-010",
            Problem::Empty => "E-PATTERN-011",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self.problem {
            Problem::TooLong | Problem::TooDeep => "split the indicator into several",
            Problem::Unfinished => "close the quote or comment",
            Problem::Escape => r"write \\ for a backslash and \' for a quote",
            Problem::Stranger(_) => "remove it, or put the text into single quotes",
            Problem::Number => "integers have no leading zero; floats have digits behind the dot",
            Problem::Time => "RFC 3339 in UTC, ending with Z, of a day that exists",
            Problem::Binary => "h'' holds pairs of hexadecimal digits, b'' padded base64",
            Problem::Unexpected { .. } => {
                "[domain-name:value = 'example.com']: values in single quotes, keywords in capitals"
            }
            Problem::Twice => "use parentheses to qualify a qualified expression",
            Problem::Empty => "see STIX 2.1, section 9.5.2",
        }
    }
}

/// Reads a pattern.
///
/// # Errors
/// With the place and nature of the first fault.
pub fn parse(pattern: &str) -> Result<Observation, PatternError> {
    if pattern.len() > PATTERN_BYTES_MAX {
        return Err(PatternError { at: PATTERN_BYTES_MAX, problem: Problem::TooLong });
    }
    let mut parser = Parser { lexer: Lexer::new(pattern), at: 0, token: Token::End, depth: 0 };
    parser.step()?;
    let whole = parser.sequence()?;
    if parser.token == Token::End { Ok(whole) } else { parser.wanted("the end of the pattern") }
}

/// Words that are no names.
pub(super) const KEYWORDS: [&str; 19] = [
    "AND",
    "OR",
    "NOT",
    "FOLLOWEDBY",
    "LIKE",
    "MATCHES",
    "ISSUPERSET",
    "ISSUBSET",
    "EXISTS",
    "LAST",
    "IN",
    "START",
    "STOP",
    "SECONDS",
    "TIMES",
    "WITHIN",
    "REPEATS",
    "true",
    "false",
];

struct Parser<'p> {
    lexer: Lexer<'p>,
    /// Where `token` begins.
    at: usize,
    token: Token,
    depth: usize,
}

impl Parser<'_> {
    fn step(&mut self) -> Result<Token, PatternError> {
        let (at, token) = self.lexer.next()?;
        self.at = at;
        Ok(std::mem::replace(&mut self.token, token))
    }

    fn wanted<T>(&self, wanted: &'static str) -> Result<T, PatternError> {
        let found = match &self.token {
            Token::Word(word) => format!("`{}`", word.chars().take(40).collect::<String>()),
            Token::Constant(_) => "a constant".to_owned(),
            Token::Quoted(_) => "a text in double quotes".to_owned(),
            Token::Mark(mark) => format!("`{mark}`"),
            Token::End => "the end".to_owned(),
        };
        Err(PatternError { at: self.at, problem: Problem::Unexpected { wanted, found } })
    }

    fn problem<T>(&self, problem: Problem) -> Result<T, PatternError> {
        Err(PatternError { at: self.at, problem })
    }

    /// Steps over a keyword if it stands here.
    fn word(&mut self, word: &str) -> Result<bool, PatternError> {
        let here = matches!(&self.token, Token::Word(found) if found == word);
        if here {
            self.step()?;
        }
        Ok(here)
    }

    /// Steps over a mark if it stands here.
    fn mark(&mut self, mark: &str) -> Result<bool, PatternError> {
        let here = matches!(&self.token, Token::Mark(found) if *found == mark);
        if here {
            self.step()?;
        }
        Ok(here)
    }

    fn close(&mut self, mark: &'static str) -> Result<(), PatternError> {
        if self.mark(mark)? { Ok(()) } else { self.wanted(mark) }
    }

    fn deeper(&mut self) -> Result<(), PatternError> {
        self.depth += 1;
        if self.depth > PATTERN_DEPTH_MAX { self.problem(Problem::TooDeep) } else { Ok(()) }
    }

    fn sequence(&mut self) -> Result<Observation, PatternError> {
        let mut all = vec![self.any_observation()?];
        while self.word("FOLLOWEDBY")? {
            all.push(self.any_observation()?);
        }
        Ok(single(all, Observation::Sequence))
    }

    fn any_observation(&mut self) -> Result<Observation, PatternError> {
        let mut all = vec![self.all_observations()?];
        while self.word("OR")? {
            all.push(self.all_observations()?);
        }
        Ok(single(all, Observation::Any))
    }

    fn all_observations(&mut self) -> Result<Observation, PatternError> {
        let mut all = vec![self.observation()?];
        while self.word("AND")? {
            all.push(self.observation()?);
        }
        Ok(single(all, Observation::All))
    }

    fn observation(&mut self) -> Result<Observation, PatternError> {
        let inner = if self.mark("[")? {
            let comparison = self.any_comparison()?;
            self.close("]")?;
            Observation::One(comparison)
        } else if self.mark("(")? {
            self.deeper()?;
            let inner = self.sequence()?;
            self.close(")")?;
            self.depth -= 1;
            inner
        } else {
            return self.wanted("`[` or `(`");
        };
        let qualifiers = self.qualifiers()?;
        if qualifiers.is_empty() {
            return Ok(inner);
        }
        Ok(Observation::Qualified(Box::new(inner), qualifiers))
    }

    /// SPEC: STIX 2.1 §9.5.2: at most one of each sort on one expression.
    fn qualifiers(&mut self) -> Result<Vec<Qualifier>, PatternError> {
        let mut all: Vec<Qualifier> = Vec::new();
        loop {
            let at = self.at;
            let qualifier = if self.word("WITHIN")? {
                let seconds = self.positive("a number of seconds")?;
                self.keyword("SECONDS")?;
                Qualifier::Within(seconds)
            } else if self.word("REPEATS")? {
                let Token::Constant(Literal::Integer(times)) = self.token else {
                    return self.wanted("a number of times");
                };
                let times = u64::try_from(times).unwrap_or(0);
                self.step()?;
                self.keyword("TIMES")?;
                Qualifier::Repeats(times)
            } else if self.word("START")? {
                let start = self.time()?;
                self.keyword("STOP")?;
                Qualifier::Between(start, self.time()?)
            } else {
                return Ok(all);
            };
            let same = |other: &Qualifier| {
                std::mem::discriminant(other) == std::mem::discriminant(&qualifier)
            };
            if all.iter().any(same) {
                return Err(PatternError { at, problem: Problem::Twice });
            }
            if is_empty(&qualifier) {
                return Err(PatternError { at, problem: Problem::Empty });
            }
            all.push(qualifier);
        }
    }

    fn keyword(&mut self, word: &'static str) -> Result<(), PatternError> {
        if self.word(word)? { Ok(()) } else { self.wanted(word) }
    }

    fn positive(&mut self, wanted: &'static str) -> Result<f64, PatternError> {
        let number = match &self.token {
            Token::Constant(Literal::Float(number)) => *number,
            // Seconds beyond 32 bits (136 years) are as good as for ever.
            Token::Constant(Literal::Integer(number)) => {
                f64::from(i32::try_from((*number).max(0)).unwrap_or(i32::MAX))
            }
            Token::Constant(_)
            | Token::Word(_)
            | Token::Quoted(_)
            | Token::Mark(_)
            | Token::End => return self.wanted(wanted),
        };
        self.step()?;
        Ok(number)
    }

    fn time(&mut self) -> Result<model::time::Instant, PatternError> {
        let Token::Constant(Literal::Time(time)) = self.token else {
            return self.wanted("a timestamp t'...'");
        };
        self.step()?;
        Ok(time)
    }

    fn any_comparison(&mut self) -> Result<Comparison, PatternError> {
        let mut all = vec![self.all_comparisons()?];
        while self.word("OR")? {
            all.push(self.all_comparisons()?);
        }
        Ok(single(all, Comparison::Any))
    }

    fn all_comparisons(&mut self) -> Result<Comparison, PatternError> {
        let mut all = vec![self.test()?];
        while self.word("AND")? {
            all.push(self.test()?);
        }
        Ok(single(all, Comparison::All))
    }

    fn test(&mut self) -> Result<Comparison, PatternError> {
        if self.mark("(")? {
            self.deeper()?;
            let inner = self.any_comparison()?;
            self.close(")")?;
            self.depth -= 1;
            return Ok(inner);
        }
        let at = self.at;
        let negated = self.word("NOT")?;
        if negated || matches!(&self.token, Token::Word(word) if word == "EXISTS") {
            self.keyword("EXISTS")?;
            let (path, operator) = (self.path()?, Operator::Exists);
            let operand = Operand::None;
            return Ok(Comparison::Test(Test { at, path, negated, operator, operand }));
        }
        let path = self.path()?;
        let negated = self.word("NOT")?;
        let operator = self.operator()?;
        let operand = self.operand(operator)?;
        Ok(Comparison::Test(Test { at, path, negated, operator, operand }))
    }

    fn operator(&mut self) -> Result<Operator, PatternError> {
        let operator = match &self.token {
            Token::Mark("=" | "==") => Operator::Equal,
            Token::Mark("!=" | "<>") => Operator::NotEqual,
            Token::Mark(">") => Operator::Greater,
            Token::Mark("<") => Operator::Less,
            Token::Mark(">=") => Operator::GreaterOrEqual,
            Token::Mark("<=") => Operator::LessOrEqual,
            Token::Word(word) => match word.as_str() {
                "IN" => Operator::In,
                "LIKE" => Operator::Like,
                "MATCHES" => Operator::Matches,
                "ISSUBSET" => Operator::IsSubset,
                "ISSUPERSET" => Operator::IsSuperset,
                _ => return self.wanted("a comparison operator"),
            },
            Token::Mark(_) | Token::Constant(_) | Token::Quoted(_) | Token::End => {
                return self.wanted("a comparison operator");
            }
        };
        self.step()?;
        Ok(operator)
    }

    fn operand(&mut self, operator: Operator) -> Result<Operand, PatternError> {
        match operator {
            Operator::Exists => Ok(Operand::None),
            Operator::Equal | Operator::NotEqual => self.literal().map(Operand::One),
            Operator::Greater
            | Operator::Less
            | Operator::GreaterOrEqual
            | Operator::LessOrEqual => {
                if matches!(&self.token, Token::Word(word) if word == "true" || word == "false") {
                    return self.wanted("a constant that has an order");
                }
                self.literal().map(Operand::One)
            }
            Operator::Like | Operator::Matches | Operator::IsSubset | Operator::IsSuperset => {
                if !matches!(self.token, Token::Constant(Literal::Text(_))) {
                    return self.wanted("a text in single quotes");
                }
                self.literal().map(Operand::One)
            }
            Operator::In => self.set(),
        }
    }

    fn set(&mut self) -> Result<Operand, PatternError> {
        self.close("(")?;
        let mut all = Vec::new();
        if self.mark(")")? {
            return Ok(Operand::Set(all));
        }
        loop {
            all.push(self.literal()?);
            if !self.mark(",")? {
                self.close(")")?;
                return Ok(Operand::Set(all));
            }
        }
    }

    fn literal(&mut self) -> Result<Literal, PatternError> {
        let known = match &self.token {
            Token::Constant(_) => true,
            Token::Word(word) => word == "true" || word == "false",
            Token::Quoted(_) | Token::Mark(_) | Token::End => false,
        };
        if !known {
            return self.wanted("a constant");
        }
        match self.step()? {
            Token::Constant(literal) => Ok(literal),
            Token::Word(word) => Ok(Literal::Bool(word == "true")),
            Token::Quoted(_) | Token::Mark(_) | Token::End => self.wanted("a constant"),
        }
    }

    fn path(&mut self) -> Result<ObjectPath, PatternError> {
        let Token::Word(object) = &self.token else { return self.wanted("an object path") };
        if KEYWORDS.contains(&object.as_str()) {
            return self.wanted("an object path");
        }
        let object = object.clone();
        self.step()?;
        self.close(":")?;
        let mut steps = vec![Step::Name(self.property()?)];
        loop {
            if self.mark(".")? {
                steps.push(Step::Name(self.property()?));
            } else if self.mark("[")? {
                let step = match &self.token {
                    Token::Constant(Literal::Integer(place)) => Step::Place(*place),
                    Token::Mark("*") => Step::Anywhere,
                    Token::Constant(_)
                    | Token::Word(_)
                    | Token::Quoted(_)
                    | Token::Mark(_)
                    | Token::End => return self.wanted("a place in a list, or `*`"),
                };
                self.step()?;
                self.close("]")?;
                steps.push(step);
            } else {
                return Ok(ObjectPath { object, steps });
            }
        }
    }

    /// A property's name; hyphens only in quotes. Double quotes, which some tools write, are read.
    fn property(&mut self) -> Result<String, PatternError> {
        let fits = match &self.token {
            Token::Word(word) => !word.contains('-') && !KEYWORDS.contains(&word.as_str()),
            Token::Constant(Literal::Text(_)) | Token::Quoted(_) => true,
            Token::Constant(_) | Token::Mark(_) | Token::End => false,
        };
        if !fits {
            return self.wanted("a property (in single quotes when it has a hyphen)");
        }
        match self.step()? {
            Token::Word(name) | Token::Quoted(name) | Token::Constant(Literal::Text(name)) => {
                Ok(name)
            }
            Token::Constant(_) | Token::Mark(_) | Token::End => self.wanted("a property"),
        }
    }
}

fn is_empty(qualifier: &Qualifier) -> bool {
    match qualifier {
        Qualifier::Within(seconds) => *seconds <= 0.0,
        Qualifier::Repeats(times) => *times == 0,
        Qualifier::Between(start, stop) => start >= stop,
    }
}

/// One is itself; several are joined.
fn single<T>(mut all: Vec<T>, join: impl FnOnce(Vec<T>) -> T) -> T {
    match (all.pop(), all.is_empty()) {
        (Some(only), true) => only,
        (Some(last), false) => {
            all.push(last);
            join(all)
        }
        (None, _) => join(all),
    }
}
