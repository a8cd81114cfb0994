//! Bodies of `_bulk` as agents send them, and as they should not.

use super::{Malformed, split, told};
use detect::event::LineError;
use model::limits::BULK_ITEMS_MAX;

#[test]
fn events_are_taken_out_and_each_has_its_item() {
    let body = b"{\"index\":{\"_index\":\"x\",\"_id\":\"7\",\"pipeline\":\"p\"}}\n{\"q\":1}\r\n\
        {\"delete\":{\"_id\":\"8\"}}\n{\"create\":{}}\n{\"q\":2}\n{\"update\":{}}\n{\"doc\":{}}\n\n";
    let (items, events) = split(body).unwrap();
    assert_eq!(String::from_utf8(events).unwrap(), "{\"q\":1}\r\n{\"q\":2}\n");
    let lines: Vec<_> = items.iter().map(|item| (item.action, item.line)).collect();
    let wanted = [("index", Some(1)), ("delete", None), ("create", Some(2)), ("update", None)];
    assert_eq!(lines, wanted);
    let first = told(&items[0], "events", None);
    assert_eq!(
        (&first["_index"], &first["_id"], &first["status"]),
        (&"x".into(), &"7".into(), &201.into())
    );
    assert_eq!(told(&items[1], "events", None)["status"], 400);
    let bad = told(&items[2], "events", Some(LineError::NotUtf8 { at: 3 }));
    assert_eq!((&bad["_index"], &bad["status"]), (&"events".into(), &400.into()));
    assert!(bad["error"]["reason"].as_str().unwrap().contains("E-EVENT-002"));
}

#[test]
fn a_body_that_is_none_is_refused_whole() {
    assert_eq!(split(b"{\"q\":1}\n").err(), Some(Malformed::Action(1)));
    assert_eq!(split(b"{\"index\":{}}\n{}\n[]\n").err(), Some(Malformed::Action(3)));
    assert_eq!(split(b"{\"index\":{}}").err(), Some(Malformed::Cut));
    let many = "{\"delete\":{}}\n".repeat(BULK_ITEMS_MAX + 1);
    assert_eq!(split(many.as_bytes()).err(), Some(Malformed::TooMany));
}
