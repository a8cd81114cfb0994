//! Rust source split into what is code, what is a comment and what is a string literal.
//!
//! It knows just enough of the language to keep the three apart; it is no parser and has no
//! opinion on what the code means.

#[cfg(test)]
mod tests;

/// One source line, taken apart. Both fields keep no more than what stands on this line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// The code, with comments left out and every literal's content left out (`""` stays).
    pub(crate) code: String,
    /// The contents of string literals on this line.
    pub(crate) strings: String,
}

/// Where the reader stands at the end of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Code,
    LineComment,
    /// Block comments nest in Rust; the number is the depth.
    BlockComment(usize),
    Text,
    /// A raw string and the number of `#` that close it.
    RawText(usize),
}

/// Takes a whole file apart; the result has one entry per line, in order.
pub(crate) fn lines(text: &str) -> Vec<Line> {
    let mut state = State::Code;
    let mut lines = Vec::new();
    for line in text.lines() {
        let (taken, next) = take_apart(line, state);
        lines.push(taken);
        state = next;
    }
    lines
}

/// Whether `word` stands in `code` as a whole word or path, not as part of a longer name.
pub(crate) fn has_word(code: &str, word: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        let before = code.get(..at).and_then(|head| head.chars().next_back());
        let after = code.get(at + word.len()..).and_then(|tail| tail.chars().next());
        !before.is_some_and(part_of_name) && !after.is_some_and(part_of_name)
    })
}

fn take_apart(line: &str, mut state: State) -> (Line, State) {
    let mut taken = Line::default();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let (step, next) = match state {
            State::Code => code_step(rest, first, &mut taken),
            State::LineComment => (rest.len(), State::LineComment),
            State::BlockComment(depth) => (comment_step(rest, first), comment_next(rest, depth)),
            State::Text => text_step(rest, first, &mut taken),
            State::RawText(hashes) => raw_step(rest, first, hashes, &mut taken),
        };
        state = next;
        rest = rest.get(step..).unwrap_or_default();
    }
    if state == State::LineComment {
        state = State::Code;
    }
    (taken, state)
}

fn code_step(rest: &str, first: char, taken: &mut Line) -> (usize, State) {
    if rest.starts_with("//") {
        return (rest.len(), State::LineComment);
    }
    if rest.starts_with("/*") {
        return (2, State::BlockComment(1));
    }
    if let Some((step, hashes)) = raw_opening(rest, &taken.code) {
        taken.code.push('"');
        return (step, State::RawText(hashes));
    }
    if first == '"' {
        taken.code.push('"');
        return (1, State::Text);
    }
    if let Some(step) = character_literal(rest) {
        taken.code.push_str("''");
        return (step, State::Code);
    }
    taken.code.push(first);
    (first.len_utf8(), State::Code)
}

/// `r"`, `r#"`, `br##"` and so on: how long the opening is and how many `#` it has.
fn raw_opening(rest: &str, before: &str) -> Option<(usize, usize)> {
    if before.chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let prefix = ["br", "cr", "r"].into_iter().find(|prefix| rest.starts_with(prefix))?;
    let tail = rest.strip_prefix(prefix)?;
    let hashes = tail.chars().take_while(|c| *c == '#').count();
    tail.chars().nth(hashes).filter(|c| *c == '"')?;
    Some((prefix.len() + hashes + 1, hashes))
}

/// The length of a character literal, or nothing for a lifetime such as `'a`.
fn character_literal(rest: &str) -> Option<usize> {
    let body = rest.strip_prefix('\'')?;
    let mut characters = body.char_indices();
    let (_, first) = characters.next()?;
    if first == '\\' {
        let (at, _) = body.char_indices().skip(2).find(|(_, c)| *c == '\'')?;
        return Some(at + 2);
    }
    let (at, second) = characters.next()?;
    (second == '\'').then_some(at + 2)
}

fn comment_step(rest: &str, first: char) -> usize {
    if rest.starts_with("*/") || rest.starts_with("/*") { 2 } else { first.len_utf8() }
}

fn comment_next(rest: &str, depth: usize) -> State {
    match (rest.starts_with("/*"), rest.starts_with("*/"), depth) {
        (true, _, _) => State::BlockComment(depth + 1),
        (_, true, 1) => State::Code,
        (_, true, _) => State::BlockComment(depth - 1),
        (false, false, _) => State::BlockComment(depth),
    }
}

fn text_step(rest: &str, first: char, taken: &mut Line) -> (usize, State) {
    if first == '"' {
        taken.code.push('"');
        // A blank keeps two literals on one line apart.
        taken.strings.push(' ');
        return (1, State::Code);
    }
    let step = if first == '\\' {
        rest.chars().take(2).map(char::len_utf8).sum()
    } else {
        first.len_utf8()
    };
    taken.strings.push_str(rest.get(..step).unwrap_or_default());
    (step, State::Text)
}

fn raw_step(rest: &str, first: char, hashes: usize, taken: &mut Line) -> (usize, State) {
    let closes = first == '"' && rest.chars().skip(1).take_while(|c| *c == '#').count() >= hashes;
    if closes {
        taken.code.push('"');
        taken.strings.push(' ');
        return (1 + hashes, State::Code);
    }
    taken.strings.push(first);
    (first.len_utf8(), State::RawText(hashes))
}
