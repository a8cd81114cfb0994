//! Regular expressions as PCRE means them, in the words of the engine that runs them. It runs none,
//! and refuses by name what the engine lacks.
//!
//! SPEC: STIX 2.1 §9.6.1, MATCHES: the syntax of PCRE, searched, with DOTALL.

use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Chars;

/// A construct of PCRE that is not run here.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Refused(pub(super) String);

/// An expression for the engine.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Translated {
    /// For texts that do not end with a line feed.
    pub(super) usual: String,
    /// For texts that do: `$` also stands before it. Missing when it is the same.
    pub(super) before_line_feed: Option<String>,
}

/// `$` and `\Z` in front of a last line feed.
const LAST_LINE_FEED: &str = r"(?=\n?\z)";
const WORD: &str = "0-9A-Za-z_";
const SPACE: &str = r"\x{9}-\x{d}\x{20}";
const HORIZONTAL: &str =
    r"\x{9}\x{20}\x{a0}\x{1680}\x{180e}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}";
const VERTICAL: &str = r"\x{a}-\x{d}\x{85}\x{2028}\x{2029}";
const ANY_LINE_END: &str = r"(?>\r\n|[\x{a}-\x{d}\x{85}\x{2028}\x{2029}])";
const WORD_EDGE: &str = "(?:(?<=[0-9A-Za-z_])(?![0-9A-Za-z_])|(?<![0-9A-Za-z_])(?=[0-9A-Za-z_]))";
const NO_WORD_EDGE: &str =
    "(?:(?<=[0-9A-Za-z_])(?=[0-9A-Za-z_])|(?<![0-9A-Za-z_])(?![0-9A-Za-z_]))";

/// Translates an expression; `octets` when it will search bytes, one character for each.
pub(super) fn translate(pattern: &str, octets: bool) -> Result<Translated, Refused> {
    let mut walk = Walk {
        chars: pattern.chars().peekable(),
        octets,
        groups: pattern.matches('(').count(),
        usual: String::new(),
        ends: Vec::new(),
    };
    walk.all()?;
    let Walk { usual, ends, .. } = walk;
    let mut other = usual.clone();
    // From the last to the first, so that the places before stay what they are.
    for end in ends.iter().rev() {
        other.replace_range(*end..*end + 1, r"(?:(?=\n\z)|$)");
    }
    let before_line_feed = (!ends.is_empty()).then_some(other);
    Ok(Translated { usual, before_line_feed })
}

struct Walk<'p> {
    chars: Peekable<Chars<'p>>,
    octets: bool,
    /// Opening brackets: there are no more groups than these.
    groups: usize,
    usual: String,
    /// Where `$` stands in `usual`.
    ends: Vec<usize>,
}

impl Walk<'_> {
    fn all(&mut self) -> Result<(), Refused> {
        while let Some(char) = self.chars.next() {
            match char {
                '\\' => self.escape()?,
                '[' => self.class()?,
                '(' => self.group()?,
                '$' => {
                    self.ends.push(self.usual.len());
                    self.usual.push('$');
                }
                '{' if !self.counts() => self.usual.push_str(r"\{"),
                other => self.usual.push(other),
            }
        }
        Ok(())
    }

    /// Whether what follows a brace makes it a count: `{2}`, `{2,}`, `{2,5}`.
    fn counts(&self) -> bool {
        let inside: String = self.chars.clone().take_while(|c| *c != '}').take(16).collect();
        let closed = self.chars.clone().nth(inside.chars().count()) == Some('}');
        let (least, most) = inside.split_once(',').unwrap_or((&inside, "0"));
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        closed && !least.is_empty() && digits(least) && digits(most)
    }

    fn put(&mut self, char: char) {
        // Writing to a text cannot fail.
        write!(self.usual, r"\x{{{:x}}}", u32::from(char)).ok();
    }

    fn escape(&mut self) -> Result<(), Refused> {
        let char = self.chars.next().ok_or_else(|| refused("a backslash at the end"))?;
        let fixed = match char {
            'b' if self.octets => WORD_EDGE,
            'B' if self.octets => NO_WORD_EDGE,
            'A' => r"\A",
            'z' => r"\z",
            'b' => r"\b",
            'B' => r"\B",
            'G' => r"\G",
            'K' => r"\K",
            'Z' => LAST_LINE_FEED,
            'R' => ANY_LINE_END,
            'N' => r"[^\n]",
            '1'..='9' => return self.back(char),
            'g' => return self.back_named(),
            'k' => return self.back_to_name(),
            'Q' => {
                self.quote();
                return Ok(());
            }
            'E' => return Ok(()),
            'p' | 'P' if !self.octets => return self.property(char),
            _ => {
                if let Some((set, negated)) = self.set(char) {
                    write!(self.usual, "[{}{set}]", if negated { "^" } else { "" }).ok();
                    return Ok(());
                }
                let char = self.one(char)?;
                self.put(char);
                return Ok(());
            }
        };
        self.usual.push_str(fixed);
        Ok(())
    }

    /// What stands for several characters, outside and inside brackets.
    const fn set(&self, char: char) -> Option<(&'static str, bool)> {
        let found = match (char, self.octets) {
            ('w' | 'W', true) => WORD,
            ('s' | 'S', true) => SPACE,
            ('d' | 'D', true) => "0-9",
            ('w' | 'W', false) => r"\w",
            ('s' | 'S', false) => r"\s",
            ('d' | 'D', false) => r"\d",
            ('h' | 'H', _) => HORIZONTAL,
            ('v' | 'V', _) => VERTICAL,
            _ => return None,
        };
        Some((found, char.is_ascii_uppercase()))
    }

    /// An escape that stands for one character.
    fn one(&mut self, char: char) -> Result<char, Refused> {
        let code = match char {
            'a' => 7,
            'e' => 0x1b,
            'f' => 0xc,
            'n' => 0xa,
            'r' => 0xd,
            't' => 9,
            'c' => {
                let of = self.chars.next().filter(char::is_ascii);
                u32::from(of.ok_or_else(|| refused(r"\c"))?.to_ascii_uppercase()) ^ 0x40
            }
            'x' => self.hex()?,
            'o' => return Err(refused(r"\o{...}")),
            '0'..='7' => self.octal(char),
            other if other.is_ascii_alphanumeric() => return Err(refused(&format!(r"\{other}"))),
            other => u32::from(other),
        };
        char::from_u32(code).ok_or_else(|| refused("a code that is no character"))
    }

    fn hex(&mut self) -> Result<u32, Refused> {
        if self.chars.next_if_eq(&'{').is_some() {
            let digits: String = self.chars.by_ref().take_while(|c| *c != '}').collect();
            return u32::from_str_radix(&digits, 16).map_err(|_| refused(r"\x{...} of no number"));
        }
        let mut code = 0;
        for _ in 0..2 {
            let Some(digit) = self.chars.next_if(char::is_ascii_hexdigit) else { break };
            code = code * 16 + digit.to_digit(16).unwrap_or(0);
        }
        Ok(code)
    }

    fn octal(&mut self, first: char) -> u32 {
        let mut code = first.to_digit(8).unwrap_or(0);
        for _ in 0..2 {
            let Some(digit) = self.chars.next_if(|c| c.is_digit(8)) else { break };
            code = code * 8 + digit.to_digit(8).unwrap_or(0);
        }
        code
    }

    /// `\1` is a reference back; of more digits, one that no group has is a code in octal.
    fn back(&mut self, first: char) -> Result<(), Refused> {
        let mut digits = String::from(first);
        while let Some(digit) = self.chars.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        let number = digits.parse::<usize>().unwrap_or(usize::MAX);
        if digits.len() == 1 || number <= self.groups {
            write!(self.usual, r"(?:\{number})").ok();
            return Ok(());
        }
        let code = u32::from_str_radix(&digits, 8).ok().filter(|code| *code < 0x200);
        let char = code.and_then(char::from_u32);
        self.put(char.ok_or_else(|| refused("a reference to a group that is not there"))?);
        Ok(())
    }

    /// `\g1`, `\g{1}`, `\g{name}`.
    fn back_named(&mut self) -> Result<(), Refused> {
        let name: String = if self.chars.next_if_eq(&'{').is_some() {
            self.chars.by_ref().take_while(|c| *c != '}').collect()
        } else {
            let digits = std::iter::from_fn(|| self.chars.next_if(char::is_ascii_digit));
            digits.collect()
        };
        match name.parse::<u32>() {
            Ok(number) if number > 0 => write!(self.usual, r"(?:\{number})").ok(),
            _ if is_name(&name) => write!(self.usual, r"\k<{name}>").ok(),
            _ => return Err(refused(r"\g of another form than \g{number} and \g{name}")),
        };
        Ok(())
    }

    /// `\k<name>`, `\k'name'`, `\k{name}`.
    fn back_to_name(&mut self) -> Result<(), Refused> {
        let close = match self.chars.next() {
            Some('<') => '>',
            Some('\'') => '\'',
            Some('{') => '}',
            _ => return Err(refused(r"\k without a name")),
        };
        let name: String = self.chars.by_ref().take_while(|c| *c != close).collect();
        if !is_name(&name) {
            return Err(refused(r"\k without a name"));
        }
        write!(self.usual, r"\k<{name}>").ok();
        Ok(())
    }

    /// `\Q...\E`: nothing in it has a meaning.
    fn quote(&mut self) {
        while let Some(char) = self.chars.next() {
            if char == '\\' && self.chars.next_if_eq(&'E').is_some() {
                return;
            }
            self.put(char);
        }
    }

    /// `\pL`, `\p{Lu}`, `\p{^Lu}`.
    fn property(&mut self, char: char) -> Result<(), Refused> {
        let name: String = match self.chars.next() {
            Some('{') => self.chars.by_ref().take_while(|c| *c != '}').collect(),
            Some(letter) => letter.to_string(),
            None => String::new(),
        };
        let (bare, negated) = match name.strip_prefix('^') {
            Some(bare) => (bare, char == 'p'),
            None => (name.as_str(), char == 'P'),
        };
        if !is_name(bare) || matches!(bare, "L&" | "Xan" | "Xsp" | "Xps" | "Xwd") {
            return Err(refused(r"this \p{...}"));
        }
        write!(self.usual, r"\{}{{{bare}}}", if negated { 'P' } else { 'p' }).ok();
        Ok(())
    }

    /// What opens a group.
    fn group(&mut self) -> Result<(), Refused> {
        let after: String = self.chars.clone().take(3).collect();
        let lacks = |what: &str| Err(refused(what));
        if after.starts_with('*') {
            return lacks("a verb such as (*PRUNE)");
        }
        if let Some(kind) = after.strip_prefix('?') {
            match kind.chars().next() {
                Some('#') => {
                    self.chars.by_ref().take_while(|c| *c != ')').for_each(drop);
                    return Ok(());
                }
                Some('|') => return lacks("branch reset (?|...)"),
                Some('C') => return lacks("callout (?C)"),
                Some('R' | '0'..='9' | '+' | '&') => return lacks("recursion such as (?R)"),
                Some('-') if kind.chars().nth(1).is_some_and(|c| c.is_ascii_digit()) => {
                    return lacks("recursion such as (?-1)");
                }
                Some('P') if kind.starts_with("P>") => return lacks("recursion (?P>name)"),
                Some('~') => return lacks("(?~...)"),
                Some('J' | 'X') => return lacks("this inline option"),
                _ => {}
            }
        }
        self.usual.push('(');
        Ok(())
    }

    /// `[...]`: in the engine's words, an opening bracket, `&&`, `--` and `~~` have a meaning.
    fn class(&mut self) -> Result<(), Refused> {
        self.usual.push('[');
        if self.chars.next_if_eq(&'^').is_some() {
            self.usual.push('^');
        }
        if self.chars.next_if_eq(&']').is_some() {
            self.usual.push_str(r"\]");
        }
        loop {
            let char = self.chars.next().ok_or_else(|| refused("brackets without end"))?;
            match char {
                ']' => {
                    self.usual.push(']');
                    return Ok(());
                }
                '[' => self.posix()?,
                '\\' => self.escape_in_class()?,
                '-' if !self.usual.ends_with('-') => self.usual.push('-'),
                '-' | '&' | '~' | ' ' | '#' | '^' => self.put(char),
                other => self.usual.push(other),
            }
        }
    }

    fn posix(&mut self) -> Result<(), Refused> {
        if self.chars.peek().is_some_and(|c| matches!(c, '.' | '=')) {
            return Err(refused("a collating element in brackets"));
        }
        let name: String = self.chars.clone().take(12).collect();
        let end = name.strip_prefix(':').and_then(|name| name.find(":]"));
        let Some(end) = end else {
            self.put('[');
            return Ok(());
        };
        self.usual.push('[');
        for char in self.chars.by_ref().take(end + 3) {
            self.usual.push(char);
        }
        Ok(())
    }

    fn escape_in_class(&mut self) -> Result<(), Refused> {
        let char = self.chars.next().ok_or_else(|| refused("a backslash at the end"))?;
        match char {
            'b' => self.put('\u{8}'),
            'Q' => self.quote(),
            'E' => {}
            'p' | 'P' if !self.octets => return self.property(char),
            'R' | 'N' | 'B' | 'X' | 'C' => return Err(refused(&format!(r"\{char} in brackets"))),
            _ => match self.set(char) {
                Some((set, false)) => self.usual.push_str(set),
                Some((set, true)) => {
                    write!(self.usual, "[^{set}]").ok();
                }
                None => {
                    let char = self.one(char)?;
                    self.put(char);
                }
            },
        }
        Ok(())
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn refused(what: &str) -> Refused {
    Refused(what.to_owned())
}
