//! One row of the table: a request, and what must come back. What holds of every answer is checked
//! for every row.

use serde_json::Value;
use world_tests::http::Reply;

/// Whose token the request shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Who {
    /// Reads and writes.
    Both,
    /// Reads.
    Reader,
    /// Writes.
    Writer,
    /// Has another circle only.
    Stranger,
    /// Shows no token.
    Nobody,
}

/// What a row asks of an answer beside its status.
#[derive(Clone, Debug)]
pub(super) enum Want {
    /// This header with some value.
    Has(&'static str),
    /// The body contains.
    Contains(String),
    /// The body does not contain.
    Lacks(String),
    /// The body is exactly.
    Is(&'static str),
    /// The JSON under this pointer is.
    At(&'static str, Value),
    /// The list under this name has so many members.
    Count(&'static str, usize),
}

/// One row.
#[derive(Clone, Debug)]
pub(super) struct Corner {
    pub(super) name: &'static str,
    pub(super) who: Who,
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) headers: Vec<(&'static str, &'static str)>,
    pub(super) body: Vec<u8>,
    pub(super) status: u16,
    pub(super) wants: Vec<Want>,
}

/// A row that gets a path; `{c}` in it is the collection.
pub(super) fn get(name: &'static str, path: &str) -> Corner {
    Corner {
        name,
        who: Who::Both,
        method: "GET",
        path: path.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
        status: 200,
        wants: Vec::new(),
    }
}

/// A row that posts an envelope to the collection.
pub(super) fn post(name: &'static str, body: impl Into<Vec<u8>>) -> Corner {
    let headers = vec![("Content-Type", TAXII)];
    Corner { method: "POST", headers, body: body.into(), status: 202, ..get(name, "{c}objects/") }
}

pub(super) const TAXII: &str = "application/taxii+json;version=2.1";

impl Corner {
    pub(super) fn by(self, who: Who) -> Self {
        Self { who, ..self }
    }

    pub(super) fn method(self, method: &'static str) -> Self {
        Self { method, ..self }
    }

    pub(super) fn says(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// With a header, in place of one of that name; an empty value leaves it out.
    pub(super) fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value));
        self
    }

    fn want(mut self, want: Want) -> Self {
        self.wants.push(want);
        self
    }

    pub(super) fn has(self, name: &'static str) -> Self {
        self.want(Want::Has(name))
    }

    pub(super) fn contains(self, text: &str) -> Self {
        self.want(Want::Contains(text.to_owned()))
    }

    pub(super) fn lacks(self, text: &str) -> Self {
        self.want(Want::Lacks(text.to_owned()))
    }

    pub(super) fn is(self, text: &'static str) -> Self {
        self.want(Want::Is(text))
    }

    pub(super) fn at(self, pointer: &'static str, value: impl Into<Value>) -> Self {
        self.want(Want::At(pointer, value.into()))
    }

    pub(super) fn count(self, list: &'static str, members: usize) -> Self {
        self.want(Want::Count(list, members))
    }

    /// Everything that is wrong with the answer.
    pub(super) fn faults(&self, reply: &Reply) -> Vec<String> {
        let mut faults = self.always(reply);
        if reply.status != self.status {
            faults.push(format!("status {}, not {}", reply.status, self.status));
        }
        let (text, json) = (reply.text(), reply.json());
        for want in &self.wants {
            let met = match want {
                Want::Has(name) => reply.header(name).is_some_and(|value| !value.is_empty()),
                Want::Contains(part) => text.contains(part.as_str()),
                Want::Lacks(part) => !text.contains(part.as_str()),
                Want::Is(whole) => text == *whole,
                Want::At(pointer, value) => json.pointer(pointer) == Some(value),
                Want::Count(list, members) => {
                    json.get(list).and_then(Value::as_array).map_or(0, Vec::len) == *members
                }
            };
            if !met {
                faults.push(format!("not {want:?}"));
            }
        }
        if !faults.is_empty() {
            faults.push(format!("{:?} {}", reply.headers, text.get(..600).unwrap_or(&text)));
        }
        faults
    }

    /// SPEC: TAXII 2.1 §1.6.8, §2, §3.2, §3.4.2, §3.6.1 and the resources' tables.
    fn always(&self, reply: &Reply) -> Vec<String> {
        let mut faults = Vec::new();
        let mut must = |holds: bool, what: &str| {
            if !holds {
                faults.push(what.to_owned());
            }
        };
        must(reply.header("content-type") == Some(TAXII), "every answer has TAXII's media type");
        must(reply.status < 500, "no request makes the server fail");
        let packed = reply.header("content-encoding").is_some();
        if reply.status >= 400 {
            let json = reply.json();
            let status = Value::from(reply.status.to_string());
            must(
                self.method == "HEAD" || json.get("title").is_some_and(Value::is_string),
                "an error has a title",
            );
            must(
                self.method == "HEAD" || json.get("http_status") == Some(&status),
                "an error's http_status is a text and equal to the status",
            );
        }
        if reply.status == 401 {
            must(reply.header("www-authenticate").is_some(), "401 says how to authenticate");
        }
        if reply.status == 200 && !packed {
            must(!reply.text().contains("[]"), "no list is empty");
        }
        if reply.status == 200 && matches!(self.method, "GET" | "HEAD") && self.is_dated() {
            for name in ["x-taxii-date-added-first", "x-taxii-date-added-last"] {
                let date = reply.header(name);
                must(date.is_some_and(is_taxii_timestamp), "pages say when entries were added");
            }
        }
        faults
    }

    fn is_dated(&self) -> bool {
        let path = self.path.split('?').next().unwrap_or_default();
        ["manifest", "objects", "versions"].iter().any(|part| path.contains(part))
    }
}

/// `YYYY-MM-DDTHH:MM:SS.ssssssZ`: exactly microseconds.
pub(super) fn is_taxii_timestamp(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape == "0000-00-00T00:00:00.000000Z"
}
