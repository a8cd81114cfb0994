//! Bodies on a terminal.

use super::indented;

#[test]
fn a_body_is_shown_in_its_own_order_and_commands_no_terminal() {
    let body = r#"{"b":[1,{}, "x,\"}"],"a":{"c":1e999},"d":[]}"#;
    let shown = "{\n  \"b\": [\n    1,\n    {},\n    \"x,\\\"}\"\n  ],\n  \"a\": {\n    \"c\": 1e999\n  },\n  \"d\": []\n}";
    assert_eq!(indented(body), shown);
    assert_eq!(indented("\"\u{9b}2J\""), "\"\\u{9b}2J\"");
}
