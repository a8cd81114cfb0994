//! The scanner of JSON's tokens: strings, numbers, words, white space. It knows no nesting and
//! evaluates nothing, so that `1E400` and integers of a thousand digits pass as they are spelt.

use super::text::Text;

/// A token that is not JSON, at a byte of the input.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Broken {
    pub(super) at: usize,
    pub(super) what: &'static str,
}

/// A place in the input.
#[derive(Debug)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) const fn broken(&self, what: &'static str) -> Broken {
        Broken { at: self.at, what }
    }

    /// The next byte, not taken; `None` at the end.
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Takes one byte that was peeked.
    pub(super) const fn skip(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    /// Skips white space and gives the next byte, not taken.
    pub(super) fn next_token(&mut self) -> Option<u8> {
        while let Some(byte) = self.peek() {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
            self.skip();
        }
        None
    }

    /// Takes a string, its opening quote included.
    pub(super) fn string(&mut self) -> Result<Text<'a>, Broken> {
        if self.peek() != Some(b'"') {
            return Err(self.broken("a string was expected"));
        }
        self.skip();
        let start = self.at;
        let mut escaped = false;
        loop {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            let plain = rest.iter().position(|b| matches!(b, b'"' | b'\\' | 0..=0x1f));
            let Some(plain) = plain else {
                return Err(self.broken("the string has no end"));
            };
            self.at = self.at.saturating_add(plain);
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                _ => return Err(self.broken("a control character stands in a string")),
            }
        }
        let raw = self.text.get(start..self.at).unwrap_or_default();
        self.skip();
        Ok(Text::new(raw, escaped))
    }

    fn escape(&mut self) -> Result<(), Broken> {
        self.skip();
        let wrong = self.broken("the escape is none of JSON's");
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.skip(),
            Some(b'u') => {
                self.skip();
                for _ in 0..4 {
                    if !self.peek().is_some_and(|b| b.is_ascii_hexdigit()) {
                        return Err(wrong);
                    }
                    self.skip();
                }
            }
            _ => return Err(wrong),
        }
        Ok(())
    }

    /// Takes a number and gives its spelling.
    pub(super) fn number(&mut self) -> Result<&'a str, Broken> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.skip();
        }
        if self.peek() == Some(b'0') {
            self.skip();
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.skip();
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.skip();
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.skip();
            }
            self.digits()?;
        }
        Ok(self.text.get(start..self.at).unwrap_or_default())
    }

    fn digits(&mut self) -> Result<(), Broken> {
        if !self.peek().is_some_and(|b| b.is_ascii_digit()) {
            return Err(self.broken("a digit was expected"));
        }
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.skip();
        }
        Ok(())
    }

    /// Takes `true`, `false` or `null`.
    pub(super) fn word(&mut self, word: &'static str) -> Result<(), Broken> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if !rest.starts_with(word) {
            return Err(self.broken("a value was expected"));
        }
        self.at = self.at.saturating_add(word.len());
        Ok(())
    }
}
