//! Pages: each entry once, in order, by `next` and by `added_after`; a page that was lost on the way
//! can be had again. What happens during writes is another test's.

use super::corner::is_taxii_timestamp;
use super::world::{SHOWN, World};
use serde_json::Value;
use std::collections::BTreeSet;
use world_tests::entente::word;
use world_tests::turn;

fn entries(page: &Value) -> Vec<(String, String)> {
    let objects = page.get("objects").and_then(Value::as_array).into_iter().flatten();
    objects.map(|entry| (word(entry, "id"), word(entry, "version"))).collect()
}

#[test]
fn pages_by_next_are_complete_ordered_and_repeatable() {
    let _turn = turn::shared();
    let mut world = World::new();
    let mut path = "{c}manifest/?match[version]=all&limit=1".to_owned();
    let (mut seen, mut dates) = (Vec::new(), Vec::new());
    loop {
        let first = world.gets(&path);
        let again = world.gets(&path);
        assert_eq!(first.body, again.body, "a page that got lost is had again");
        let page = first.json();
        seen.extend(entries(&page));
        dates.push(word(&page["objects"][0], "date_added"));
        assert_eq!(first.header("x-taxii-date-added-first"), dates.last().map(String::as_str));
        assert_eq!(page.get("more").is_some(), page.get("next").is_some());
        let Some(next) = page.get("next").and_then(Value::as_str) else { break };
        path = format!("{{c}}manifest/?match[version]=all&limit=1&next={next}");
    }
    assert_eq!(seen.len(), SHOWN + 2);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), seen.len(), "nothing twice");
    assert!(dates.windows(2).all(|pair| pair[0] < pair[1]), "strictly rising: {dates:?}");
    assert!(dates.iter().all(|date| is_taxii_timestamp(date)));
}

#[test]
fn pages_by_added_after_are_complete() {
    let _turn = turn::shared();
    let mut world = World::new();
    let (mut after, mut seen) = ("2000-01-01T00:00:00Z".to_owned(), Vec::new());
    loop {
        let reply =
            world.gets(&format!("{{c}}manifest/?match[version]=all&limit=2&added_after={after}"));
        let page = reply.json();
        if entries(&page).is_empty() {
            assert_eq!(reply.text(), "{}");
            let last = reply.header("x-taxii-date-added-last");
            assert_eq!(last, Some(after.as_str()), "an empty page repeats where it began");
            break;
        }
        seen.extend(entries(&page));
        after = reply.header("x-taxii-date-added-last").map(str::to_owned).expect("the last date");
    }
    assert_eq!(seen.len(), SHOWN + 2);
}

#[test]
fn a_next_is_for_its_own_request_only() {
    let _turn = turn::shared();
    let mut world = World::new();
    let next = word(&world.gets("{c}objects/?limit=1").json(), "next");
    let asked = |query: &str| format!("{query}limit=1&next={next}");
    let expected = [
        ("{c}objects/?", 200),
        ("{c}manifest/?", 400),
        ("{c}objects/?match[version]=all&", 400),
        ("{c}objects/?added_after=2000-01-01T00:00:00Z&", 400),
    ];
    for (query, status) in expected {
        let reply = world.gets(&asked(query));
        assert_eq!(reply.status, status, "{query}: {}", reply.text());
    }
    // A limit may change from page to page.
    assert_eq!(world.gets(&format!("{{c}}objects/?limit=3&next={next}")).status, 200);
}
