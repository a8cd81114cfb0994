//! A Sigma rule from its text: where it applies, and its detection as one tree of tests. It decides
//! nothing about events, and refuses what it does not know rather than leaving it out.
//!
//! SPEC: Sigma Rules Specification 2.1, sections Log Source, Detection.

use super::condition::condition;
use super::modifiers::{Item, item};
use super::op::Op;
use super::yaml::{At, Kind, Node, documents};
use model::limits::RULE_BYTES_MAX;

/// Why a rule is not read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{code}: line {line}, column {column}: {message}")]
pub struct SigmaError {
    /// The stable code.
    pub code: &'static str,
    /// From 1.
    pub line: usize,
    /// From 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl SigmaError {
    pub(super) const fn new(code: &'static str, at: At, message: String) -> Self {
        Self { code, line: at.line, column: at.column, message }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self.code {
            "E-SIGMA-001" | "E-SIGMA-002" => "a rule is one YAML document without aliases",
            "E-SIGMA-003" => "a rule has title, logsource and detection with a condition",
            "E-SIGMA-004" => "write and, or, not, parentheses, 1 of X*, all of X*, all of them",
            "E-SIGMA-005" => "docs/operating.md lists the modifiers that are read",
            "E-SIGMA-006" => {
                "correlations and aggregations count over time: they are not evaluated"
            }
            "E-SIGMA-007" => "check the value; regular expressions are those of docs/operating.md",
            _ => "see docs/operating.md, Sigma",
        }
    }
}

/// Where a rule applies; texts in lower case.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LogSource {
    /// `windows`, `linux`, `zeek`...
    pub product: Option<String>,
    /// `process_creation`, `dns_query`...
    pub category: Option<String>,
    /// `security`, `sysmon`...
    pub service: Option<String>,
}

/// What must hold of an event.
#[derive(Clone, Debug)]
pub enum Test {
    /// All of them.
    All(Vec<Self>),
    /// One of them.
    Any(Vec<Self>),
    /// It does not.
    Not(Box<Self>),
    /// A field.
    Field(FieldTest),
    /// One of these stands in any value of the event.
    Keyword(Op),
}

/// What must hold of a field: of one of its values.
#[derive(Clone, Debug)]
pub struct FieldTest {
    /// Its name, in Sigma's words.
    pub field: String,
    /// What it is compared with.
    pub op: Op,
}

/// What a rule says of itself; texts as they stand.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Its id.
    pub id: Option<String>,
    /// What it finds.
    pub description: Option<String>,
    /// How bad it is if it finds something.
    pub level: Option<String>,
    /// How well it is tried.
    pub status: Option<String>,
    /// When it was written.
    pub date: Option<String>,
    /// When it was written last.
    pub modified: Option<String>,
    /// Techniques of ATT&CK and the like.
    pub tags: Vec<String>,
}

/// A rule as its author wrote it.
#[derive(Clone, Debug)]
pub struct SigmaRule {
    /// Its title.
    pub title: String,
    /// What else it says of itself.
    pub about: About,
    /// Where it applies.
    pub source: LogSource,
    /// What must hold.
    pub test: Test,
}

/// Reads a rule.
///
/// # Errors
/// With the first thing in it that is not understood, and where it stands.
pub fn read(text: &str) -> Result<SigmaRule, SigmaError> {
    if text.len() > RULE_BYTES_MAX {
        let message = format!("the rule has more than {RULE_BYTES_MAX} bytes");
        return Err(SigmaError::new("E-SIGMA-002", At { line: 1, column: 1 }, message));
    }
    let documents = documents(text)?;
    let [rule] = documents.as_slice() else {
        let at = documents.get(1).map_or(At { line: 1, column: 1 }, |second| second.at);
        let message = format!("{} documents, not one", documents.len());
        return Err(SigmaError::new("E-SIGMA-002", at, message));
    };
    if let Some(correlation) = rule.member("correlation") {
        let message = "correlations are not evaluated".to_owned();
        return Err(SigmaError::new("E-SIGMA-006", correlation.at, message));
    }
    let title = owed(rule, "title")?.text().unwrap_or_default().to_owned();
    let source = source(owed(rule, "logsource")?);
    let test = detection(owed(rule, "detection")?)?;
    Ok(SigmaRule { title, about: about(rule), source, test })
}

fn owed<'n>(node: &'n Node, name: &str) -> Result<&'n Node, SigmaError> {
    let message = || format!("`{name}` is missing");
    node.member(name).ok_or_else(|| SigmaError::new("E-SIGMA-003", node.at, message()))
}

fn about(rule: &Node) -> About {
    let text = |name| rule.member(name).and_then(Node::text).map(str::to_owned);
    let tags = match rule.member("tags").map(|tags| &tags.kind) {
        Some(Kind::List(tags)) => tags.iter().filter_map(Node::text).map(str::to_owned).collect(),
        Some(Kind::Scalar(..) | Kind::Map(_)) | None => Vec::new(),
    };
    About {
        id: text("id"),
        description: text("description"),
        level: text("level"),
        status: text("status"),
        date: text("date"),
        modified: text("modified"),
        tags,
    }
}

fn source(node: &Node) -> LogSource {
    let part = |name| {
        let text = node.member(name).and_then(Node::text).map(str::trim);
        text.filter(|text| !text.is_empty()).map(str::to_ascii_lowercase)
    };
    LogSource { product: part("product"), category: part("category"), service: part("service") }
}

fn detection(node: &Node) -> Result<Test, SigmaError> {
    let Kind::Map(members) = &node.kind else {
        let message = "`detection` is no map".to_owned();
        return Err(SigmaError::new("E-SIGMA-003", node.at, message));
    };
    if let Some((_, timeframe)) = members.iter().find(|(name, _)| name == "timeframe") {
        let message = "`timeframe` is not evaluated".to_owned();
        return Err(SigmaError::new("E-SIGMA-006", timeframe.at, message));
    }
    let mut named = Vec::new();
    for (name, node) in members.iter().filter(|(name, _)| name != "condition") {
        named.push((name.as_str(), search(node)?));
    }
    let written = owed(node, "condition")?;
    let one = |node: &Node| {
        let text = node.text().ok_or_else(|| {
            SigmaError::new("E-SIGMA-004", node.at, "a condition is a text".to_owned())
        })?;
        condition(text, node.at, &named)
    };
    match &written.kind {
        // SPEC: Sigma 2.1, Detection, Condition: several are joined by OR.
        Kind::List(all) => Ok(Test::Any(all.iter().map(one).collect::<Result<_, _>>()?)),
        Kind::Scalar(..) | Kind::Map(_) => one(written),
    }
}

/// One search identifier.
fn search(node: &Node) -> Result<Test, SigmaError> {
    match &node.kind {
        Kind::Map(members) => {
            let all = members.iter().map(|(key, value)| field(key, value));
            Ok(Test::All(all.collect::<Result<_, _>>()?))
        }
        Kind::List(all) if all.is_empty() => {
            Err(SigmaError::new("E-SIGMA-003", node.at, "an empty list".to_owned()))
        }
        Kind::List(all) => Ok(Test::Any(all.iter().map(search).collect::<Result<_, _>>()?)),
        Kind::Scalar(..) => field("", node),
    }
}

/// One field with its modifiers, or a keyword where there is no name.
fn field(key: &str, value: &Node) -> Result<Test, SigmaError> {
    let mut parts = key.split('|');
    let name = parts.next().unwrap_or_default();
    let modifiers: Vec<&str> = parts.collect();
    let Item { ops, all } = item(name.is_empty(), &modifiers, value)?;
    let test = |op| {
        if name.is_empty() {
            Test::Keyword(op)
        } else {
            Test::Field(FieldTest { field: name.to_owned(), op })
        }
    };
    let mut each = Vec::with_capacity(ops.len());
    for group in ops {
        let mut group: Vec<Test> = group.into_iter().map(test).collect();
        let one = if group.len() == 1 { group.pop() } else { None };
        each.push(one.unwrap_or(Test::Any(group)));
    }
    Ok(if all { Test::All(each) } else { Test::Any(each) })
}
