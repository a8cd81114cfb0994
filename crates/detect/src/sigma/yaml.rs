//! YAML as a small tree with positions. It knows no Sigma, and takes neither aliases nor tags: what
//! grows when it is read is no rule.

use super::read::SigmaError;
use model::limits::{YAML_DEPTH_MAX, YAML_NODES_MAX};
use saphyr_parser::{Event, Parser, ScalarStyle, Span};

/// Where something stands, from 1.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct At {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// A part of the document.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) at: At,
    pub(super) kind: Kind,
}

/// What it is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// A text, and whether it stands without quotes.
    Scalar(String, bool),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The member of this name.
    pub(super) fn member(&self, name: &str) -> Option<&Self> {
        match &self.kind {
            Kind::Map(members) => members.iter().find(|(key, _)| key == name).map(|(_, node)| node),
            Kind::Scalar(..) | Kind::List(_) => None,
        }
    }

    /// The text, where it is one.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar(text, _) => Some(text),
            Kind::List(_) | Kind::Map(_) => None,
        }
    }
}

/// A container that is still open.
struct Open {
    at: At,
    map: bool,
    key: Option<String>,
    members: Vec<(String, Node)>,
}

/// Reads every document.
pub(super) fn documents(text: &str) -> Result<Vec<Node>, SigmaError> {
    let mut documents = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut nodes = 0_usize;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let mark = error.marker();
            let at = At { line: mark.line(), column: mark.col() + 1 };
            SigmaError::new("E-SIGMA-001", at, format!("not YAML: {}", error.info()))
        })?;
        let at = place(&span);
        nodes += 1;
        if nodes > YAML_NODES_MAX {
            let message = format!("more than {YAML_NODES_MAX} parts");
            return Err(SigmaError::new("E-SIGMA-002", at, message));
        }
        let done = match event {
            Event::Alias(_) => {
                let message = "aliases are not read".to_owned();
                return Err(SigmaError::new("E-SIGMA-002", at, message));
            }
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                if open.len() >= YAML_DEPTH_MAX {
                    let message = format!("nested deeper than {YAML_DEPTH_MAX}");
                    return Err(SigmaError::new("E-SIGMA-002", at, message));
                }
                let map = matches!(event, Event::MappingStart(..));
                open.push(Open { at, map, key: None, members: Vec::new() });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(Open { at, map, members, .. }) = open.pop() else { continue };
                let list = |members: Vec<(String, Node)>| members.into_iter().map(|(_, n)| n);
                let kind =
                    if map { Kind::Map(members) } else { Kind::List(list(members).collect()) };
                Node { at, kind }
            }
            Event::Scalar(text, style, ..) => {
                let plain = style == ScalarStyle::Plain;
                Node { at, kind: Kind::Scalar(text.into_owned(), plain) }
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => continue,
        };
        match open.last_mut() {
            None => documents.push(done),
            Some(container) => container.take(done)?,
        }
    }
    Ok(documents)
}

impl Open {
    fn take(&mut self, node: Node) -> Result<(), SigmaError> {
        if !self.map {
            self.members.push((String::new(), node));
            return Ok(());
        }
        let Some(key) = self.key.take() else {
            let at = node.at;
            let Kind::Scalar(key, _) = node.kind else {
                let message = "a key that is no text".to_owned();
                return Err(SigmaError::new("E-SIGMA-001", at, message));
            };
            if self.members.iter().any(|(known, _)| *known == key) {
                let message = format!("`{key}` stands twice");
                return Err(SigmaError::new("E-SIGMA-001", at, message));
            }
            self.key = Some(key);
            return Ok(());
        };
        self.members.push((key, node));
        Ok(())
    }
}

fn place(span: &Span) -> At {
    At { line: span.start.line(), column: span.start.col() + 1 }
}
