//! One strict walk over one object: syntax, depth, duplicate keys, and a visitor that sees every
//! leaf with its path. It doesn't recurse, so no input can exhaust the stack.

use super::scan::{Broken, Scanner};
use super::text::Text;
use crate::problem::{Problem, shown};
use model::limits::{BODY_BYTES_MAX, JSON_DEPTH_MAX};
use std::borrow::Cow;
use std::collections::HashSet;

/// One step of a path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Step<'a> {
    /// A member of an object.
    Key(Cow<'a, str>),
    /// An element of an array.
    Index(usize),
}

/// A value without parts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Leaf<'a> {
    Text(Text<'a>),
    /// A number as it is spelt.
    Number(&'a str),
    Bool(bool),
    Null,
}

/// A value with parts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Shape {
    Object,
    Array,
}

/// What a walk shows.
pub(crate) trait Visit<'a> {
    /// A leaf; the path is empty for the root.
    fn leaf(&mut self, path: &[Step<'a>], leaf: Leaf<'a>);
    /// An object or array begins.
    fn open(&mut self, path: &[Step<'a>], shape: Shape);
}

/// Sees nothing: for a walk that only checks.
struct Blind;

impl<'a> Visit<'a> for Blind {
    fn leaf(&mut self, _: &[Step<'a>], _: Leaf<'a>) {}
    fn open(&mut self, _: &[Step<'a>], _: Shape) {}
}

/// Checks that the bytes are one JSON object, within bounds and without duplicate keys.
///
/// # Errors
/// The first problem: E-JSON-001 (syntax), -002 (duplicate key), -003 (depth), -004 (no UTF-8),
/// -005 (no object), -006 (size).
pub fn check_object(bytes: &[u8]) -> Result<(), Problem> {
    walk(bytes, &mut Blind)
}

/// Walks one JSON object and shows each part to the visitor, in the order of the text.
///
/// # Errors
/// As [`check_object`].
pub(crate) fn walk<'a>(bytes: &'a [u8], visitor: &mut impl Visit<'a>) -> Result<(), Problem> {
    if bytes.len() > BODY_BYTES_MAX {
        let message = format!("the object has {} bytes, more than {BODY_BYTES_MAX}", bytes.len());
        return Err(Problem::error("E-JSON-006", message)
            .hint("send long texts and files by reference, not inside the object"));
    }
    let text = std::str::from_utf8(bytes).map_err(|e| {
        Problem::error("E-JSON-004", format!("not UTF-8 at byte {}", e.valid_up_to()))
            .hint("save the file as UTF-8")
    })?;
    let mut walk = Walk {
        scanner: Scanner::new(text),
        path: Vec::with_capacity(8),
        frames: Vec::with_capacity(8),
        keys: Vec::with_capacity(32),
        visitor,
    };
    if walk.scanner.next_token() != Some(b'{') {
        return Err(Problem::error("E-JSON-005", "not a JSON object"));
    }
    walk.run()
}

/// A path as a JSON pointer (RFC 6901).
pub(crate) fn pointer(path: &[Step<'_>]) -> String {
    let mut pointer = String::new();
    for step in path {
        pointer.push('/');
        match step {
            Step::Key(key) => pointer.push_str(&shown(key).replace('~', "~0").replace('/', "~1")),
            Step::Index(index) => pointer.push_str(&index.to_string()),
        }
    }
    pointer
}

/// Keys of small objects are compared one by one; beyond this, a set is kept.
const FEW_KEYS: usize = 16;

enum Frame<'a> {
    Array { elements: usize },
    Object { keys_from: usize, fresh: bool, many: Option<HashSet<Cow<'a, str>>> },
}

struct Walk<'a, 'v, V> {
    scanner: Scanner<'a>,
    /// One step for each frame that has begun its first part.
    path: Vec<Step<'a>>,
    frames: Vec<Frame<'a>>,
    /// The keys seen so far of all open objects, innermost last.
    keys: Vec<Cow<'a, str>>,
    visitor: &'v mut V,
}

impl<'a, V: Visit<'a>> Walk<'a, '_, V> {
    fn run(&mut self) -> Result<(), Problem> {
        self.value()?;
        while let Some(frame) = self.frames.last() {
            match frame {
                Frame::Array { elements } => {
                    let elements = *elements;
                    self.element(elements)?;
                }
                Frame::Object { fresh, .. } => {
                    let fresh = *fresh;
                    self.member(fresh)?;
                }
            }
        }
        match self.scanner.next_token() {
            None => Ok(()),
            Some(_) => Err(self.syntax(self.scanner.broken("something follows the object"))),
        }
    }

    fn syntax(&self, broken: Broken) -> Problem {
        Problem::error("E-JSON-001", format!("not JSON at byte {}: {}", broken.at, broken.what))
            .at(pointer(&self.path))
    }

    fn wrong(&self, what: &'static str) -> Problem {
        self.syntax(self.scanner.broken(what))
    }

    fn value(&mut self) -> Result<(), Problem> {
        let leaf = match self.scanner.next_token() {
            Some(b'{') => return self.open(Shape::Object),
            Some(b'[') => return self.open(Shape::Array),
            Some(b'"') => self.scanner.string().map(Leaf::Text),
            Some(b'-' | b'0'..=b'9') => self.scanner.number().map(Leaf::Number),
            Some(b't') => self.scanner.word("true").map(|()| Leaf::Bool(true)),
            Some(b'f') => self.scanner.word("false").map(|()| Leaf::Bool(false)),
            _ => self.scanner.word("null").map(|()| Leaf::Null),
        };
        let leaf = leaf.map_err(|broken| self.syntax(broken))?;
        self.visitor.leaf(&self.path, leaf);
        Ok(())
    }

    fn open(&mut self, shape: Shape) -> Result<(), Problem> {
        if self.frames.len() >= JSON_DEPTH_MAX {
            let message = format!("nested more than {JSON_DEPTH_MAX} levels deep");
            return Err(Problem::error("E-JSON-003", message).at(pointer(&self.path)));
        }
        self.visitor.open(&self.path, shape);
        self.scanner.skip();
        self.frames.push(match shape {
            Shape::Array => Frame::Array { elements: 0 },
            Shape::Object => Frame::Object { keys_from: self.keys.len(), fresh: true, many: None },
        });
        Ok(())
    }

    /// Ends the innermost frame; `begun` says that it has put a step on the path.
    fn close(&mut self, begun: bool) {
        self.scanner.skip();
        if begun {
            self.path.pop();
        }
        if let Some(Frame::Object { keys_from, .. }) = self.frames.pop() {
            self.keys.truncate(keys_from);
        }
    }

    fn element(&mut self, elements: usize) -> Result<(), Problem> {
        match self.scanner.next_token() {
            Some(b']') => {
                self.close(elements > 0);
                return Ok(());
            }
            Some(b',') if elements > 0 => self.scanner.skip(),
            Some(_) if elements == 0 => {}
            _ => return Err(self.wrong("`,` or `]` was expected")),
        }
        if elements > 0 {
            self.path.pop();
        }
        self.path.push(Step::Index(elements));
        if let Some(Frame::Array { elements }) = self.frames.last_mut() {
            *elements = elements.saturating_add(1);
        }
        self.value()
    }

    fn member(&mut self, fresh: bool) -> Result<(), Problem> {
        match self.scanner.next_token() {
            Some(b'}') => {
                self.close(!fresh);
                return Ok(());
            }
            Some(b',') if !fresh => {
                self.scanner.skip();
                self.scanner.next_token();
            }
            Some(_) if fresh => {}
            _ => return Err(self.wrong("`,` or `}` was expected")),
        }
        let key = self.scanner.string().map_err(|broken| self.syntax(broken))?.read();
        if !fresh {
            self.path.pop();
        }
        self.path.push(Step::Key(key.clone()));
        if !self.is_new(key) {
            let message = "the key stands twice in one object";
            return Err(Problem::error("E-JSON-002", message)
                .at(pointer(&self.path))
                .hint("programs disagree on which of the two counts; keep one"));
        }
        if self.scanner.next_token() != Some(b':') {
            return Err(self.wrong("`:` was expected"));
        }
        self.scanner.skip();
        self.value()
    }

    /// Notes a key of the innermost object; false when it was there already.
    fn is_new(&mut self, key: Cow<'a, str>) -> bool {
        let Some(Frame::Object { keys_from, fresh, many }) = self.frames.last_mut() else {
            return false;
        };
        *fresh = false;
        if let Some(many) = many {
            return many.insert(key);
        }
        let few = self.keys.get(*keys_from..).unwrap_or_default();
        if few.contains(&key) {
            return false;
        }
        if few.len() >= FEW_KEYS {
            *many = Some(few.iter().cloned().chain([key]).collect());
        } else {
            self.keys.push(key);
        }
        true
    }
}

#[cfg(test)]
mod tests;
