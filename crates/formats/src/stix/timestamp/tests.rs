//! Spellings of instants.

use super::timestamp;

#[test]
fn any_precision_is_read_and_anything_else_refused() {
    let table = [
        ("1970-01-01T00:00:01Z", Some(1_000_000)),
        ("1970-01-01T00:00:00.1Z", Some(100_000)),
        ("1970-01-01T00:00:00.0000019999999999Z", Some(1)),
        ("1970-01-01T02:00:00.5+02:00", Some(500_000)),
        ("1970-01-01T00:00:00", None),
        ("1970-01-01T00:00:00.Z", None),
        ("1970-01-01 00:00:00Z", None),
        ("1970-13-01T00:00:00Z", None),
        ("1970-01-01T00:00:00Z[Europe/Berlin]", None),
        ("1970-01-01T00:00:00.5", None),
        ("garbage", None),
        ("äääääääääääää", None),
    ];
    for (text, micros) in table {
        assert_eq!(timestamp(text).map(model::time::Instant::micros), micros, "{text}");
    }
}
