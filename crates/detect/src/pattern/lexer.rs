//! The words of STIX patterns with their places. It knows no grammar beyond single words.
//!
//! SPEC: STIX 2.1 §9.2, and the lexical rules of the grammar that OASIS publishes beside it.

use super::parser::{PatternError, Problem};
use super::tree::Literal;

/// A word of a pattern.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A word without quotes: a keyword, a type or a property.
    Word(String),
    /// A constant.
    Constant(Literal),
    /// `"..."`, which is accepted as a property's name only.
    Quoted(String),
    /// An operator or a mark.
    Mark(&'static str),
    /// The end of the pattern.
    End,
}

/// Two-character marks stand before their beginnings.
const MARKS: [&str; 15] =
    ["==", "!=", "<>", "<=", ">=", "=", "<", ">", "[", "]", "(", ")", ":", ".", ","];

pub(super) struct Lexer<'p> {
    text: &'p str,
    at: usize,
}

impl<'p> Lexer<'p> {
    pub(super) const fn new(text: &'p str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'p str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next word and where it begins.
    pub(super) fn next(&mut self) -> Result<(usize, Token), PatternError> {
        self.skip()?;
        let (at, rest) = (self.at, self.rest());
        let problem = |problem| PatternError { at, problem };
        let Some(first) = rest.chars().next() else { return Ok((at, Token::End)) };
        let token = match first {
            '\'' => Token::Constant(Literal::Text(self.quoted('\'')?)),
            '"' => Token::Quoted(self.quoted('"')?),
            't' | 'h' | 'b' if rest.get(1..2) == Some("'") => {
                self.at += 1;
                let text = self.quoted('\'')?;
                Token::Constant(prefixed(first, text).map_err(problem)?)
            }
            '0'..='9' | '+' | '-' => self.number()?,
            '.' if rest.get(1..2).is_some_and(|n| n.starts_with(|c: char| c.is_ascii_digit())) => {
                self.number()?
            }
            '*' => self.mark("*"),
            'a'..='z' | 'A'..='Z' | '_' => {
                let stop = |c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-');
                let (word, _) = rest
                    .split_at_checked(rest.find(stop).unwrap_or(rest.len()))
                    .unwrap_or((rest, ""));
                self.at += word.len();
                Token::Word(word.to_owned())
            }
            other => match MARKS.iter().find(|mark| rest.starts_with(**mark)) {
                Some(mark) => self.mark(mark),
                None => return Err(problem(Problem::Stranger(other))),
            },
        };
        Ok((at, token))
    }

    const fn mark(&mut self, mark: &'static str) -> Token {
        self.at += mark.len();
        Token::Mark(mark)
    }

    /// Steps over spaces and comments.
    fn skip(&mut self) -> Result<(), PatternError> {
        loop {
            let rest = self.rest();
            let spaces = rest.len() - rest.trim_start().len();
            self.at += spaces;
            let rest = self.rest();
            let comment = if rest.starts_with("//") {
                rest.find(['\r', '\n']).unwrap_or(rest.len())
            } else if let Some(inside) = rest.strip_prefix("/*") {
                let unfinished = PatternError { at: self.at, problem: Problem::Unfinished };
                inside.find("*/").ok_or(unfinished)? + 4
            } else {
                return Ok(());
            };
            self.at += comment;
        }
    }

    /// A text in quotes; only the quote and the backslash can be escaped.
    fn quoted(&mut self, quote: char) -> Result<String, PatternError> {
        let unfinished = PatternError { at: self.at, problem: Problem::Unfinished };
        let mut out = String::new();
        let mut chars = self.rest().char_indices().skip(1);
        while let Some((offset, found)) = chars.next() {
            match found {
                '\\' => match chars.next() {
                    Some((_, escaped)) if escaped == quote || escaped == '\\' => out.push(escaped),
                    _ => {
                        let at = self.at + offset;
                        return Err(PatternError { at, problem: Problem::Escape });
                    }
                },
                end if end == quote => {
                    self.at += offset + 1;
                    return Ok(out);
                }
                other => out.push(other),
            }
        }
        Err(unfinished)
    }

    fn number(&mut self) -> Result<Token, PatternError> {
        let rest = self.rest();
        let stop = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-'));
        let end = rest.find(stop).unwrap_or(rest.len());
        let (text, _) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let error = PatternError { at: self.at, problem: Problem::Number };
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let bare = text.strip_prefix(['+', '-']).unwrap_or(text);
        let literal = match bare.split_once('.') {
            Some((whole, part)) if digits(whole) && digits(part) && !part.is_empty() => {
                text.parse().ok().filter(|number: &f64| number.is_finite()).map(Literal::Float)
            }
            None if digits(bare) && (bare.len() == 1 || !bare.starts_with('0')) => {
                text.parse().ok().map(Literal::Integer)
            }
            _ => None,
        };
        self.at += end;
        literal.map(Token::Constant).ok_or(error)
    }
}

/// `t'...'`, `h'...'` and `b'...'`.
fn prefixed(prefix: char, text: String) -> Result<Literal, Problem> {
    match prefix {
        't' => {
            let zoned = text.ends_with('Z').then_some(&text).ok_or(Problem::Time)?;
            Ok(Literal::Time(zoned.parse().map_err(|_| Problem::Time)?))
        }
        'h' if text.len().is_multiple_of(2) && text.bytes().all(|b| b.is_ascii_hexdigit()) => {
            Ok(Literal::Hex(text))
        }
        // SPEC: STIX 2.1 §9.2: line feeds in base64 are supported and ignored.
        'b' => {
            let text = text.replace(['\n', '\r'], "");
            let body = text.trim_end_matches('=');
            let letter = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
            let fits = text.len().is_multiple_of(4) && text.len() - body.len() <= 2;
            let fits = fits && body.bytes().all(letter);
            if fits { Ok(Literal::Binary(text)) } else { Err(Problem::Binary) }
        }
        _ => Err(Problem::Binary),
    }
}
