//! The order of keys, against that of the standard library.

use super::*;
use crate::event::Role;

/// Keys that begin alike over several heads, end inside of one, at its end, and with zeros.
fn texts() -> Vec<String> {
    let mut all = Vec::new();
    for length in 0..3 * size_of::<Head>() + 2 {
        let begin = "a".repeat(length);
        for end in ["", "\0", "\0\0", "b", "\0b", "zz"] {
            all.push(format!("{begin}{end}"));
            all.push(format!("{}{end}", "\0".repeat(length)));
        }
    }
    all.sort();
    all.dedup();
    all
}

#[test]
fn rows_are_in_the_order_of_their_whole_keys() {
    let texts = texts();
    let mut gathered = Gathered::new([7; 16], Instant::default());
    for turned in 0..7 {
        for (mark, text) in (1..).zip(texts.iter().skip(turned).step_by(7)) {
            gathered.saw(ValueKind::Mutex, text, Role::Other, mark << 32 | turned as u64);
        }
    }
    gathered.end(None);
    let sorted = gathered.sorted();
    assert!(sorted.iter().map(|row| row.value).eq(texts.iter().map(String::as_str)));
    for (at, text) in texts.iter().enumerate() {
        let key =
            |at: usize| texts.get(at).map_or(vec![u8::MAX], |text| of(ValueKind::Mutex, text));
        for until in [at, at + 1, texts.len()] {
            let within: Vec<_> =
                sorted.within(&(key(at)..key(until))).map(|row| row.value).collect();
            assert_eq!(within, texts[at..until], "{text}");
        }
    }
}
