//! A collection as a reader of TAXII finds it: every entry of its manifest, however many pages that
//! takes. It reads no object.

use crate::entente::Running;
use crate::http::Http;
use serde_json::Value;
use std::collections::BTreeMap;

/// Each id and version of a collection with its number of entries.
pub type Entries = BTreeMap<(String, String), u32>;

/// All of a collection, in every version; `objects` is the path of its objects.
///
/// # Panics
/// When a page is refused.
#[must_use]
pub fn entries(node: &Running, token: &str, objects: &str) -> Entries {
    let manifest = objects.replace("/objects/", "/manifest/");
    let mut client = Http::with(&node.http, token);
    let mut all = Entries::new();
    let mut path = format!("{manifest}?match[version]=all");
    loop {
        let reply = client.get(&path);
        assert_eq!(reply.status, 200, "{}", reply.text());
        let page = reply.json();
        for entry in page.get("objects").and_then(Value::as_array).into_iter().flatten() {
            let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
            *all.entry((text("id"), text("version"))).or_default() += 1;
        }
        match page.get("next").and_then(Value::as_str) {
            Some(next) => path = format!("{manifest}?match[version]=all&next={next}"),
            None => return all,
        }
    }
}
