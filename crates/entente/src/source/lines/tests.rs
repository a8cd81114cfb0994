//! Lists that come in pieces: parts, their headers, their ends.

use super::*;

/// The parts of a text that comes in pieces of so many bytes.
fn parts(text: &str, size: usize) -> Vec<String> {
    let (mut lines, mut parts) = (Lines::default(), Vec::new());
    text.as_bytes().chunks(size).for_each(|piece| lines.push(piece, &mut parts));
    parts.extend(lines.end());
    parts.into_iter().map(|part| String::from_utf8(part).expect("text")).collect()
}

fn list(count: usize) -> String {
    (0..count).map(|n| format!("domain,{n}.example\n")).collect()
}

#[test]
fn a_list_is_cut_after_so_many_values_however_it_comes() {
    let text = list(2_500);
    for size in [1, 7, 4_096, text.len()] {
        let parts = parts(&text, size);
        assert_eq!(parts.len(), 3);
        assert_eq!(parts.concat(), text);
        assert!(parts.iter().all(|part| part.lines().count() <= PUBLISH_OBJECTS_MAX));
    }
    assert_eq!(parts(&list(1_000), 64).len(), 1);
    assert_eq!(parts("", 1).len(), 0);
    assert_eq!(parts("# nothing\n\n", 3).len(), 0);
}

#[test]
fn what_stands_above_goes_before_each_part() {
    let top = "\u{feff}# somebody's\n\n# type,value\ntype,value\n";
    let parts = parts(&format!("{top}{}# between\n{}", list(600), list(600)), 100);
    assert_eq!(parts.len(), 2);
    assert!(parts.iter().all(|part| part.starts_with(top)), "{:?}", parts.get(1));
    assert!(parts.iter().all(|part| !part.contains("between")));
}

#[test]
fn the_last_line_needs_no_end_and_a_long_one_is_not_held() {
    assert_eq!(parts("a.example\nb.example", 4), ["a.example\nb.example\n"]);
    let long = format!("{}\nb.example\n", "x".repeat(10 << 20));
    let parts = parts(&long, 64 << 10);
    assert_eq!(parts.len(), 1);
    assert!(parts.concat().len() < 20 << 10);
    let items: Vec<_> = formats::stix::list::items(parts.concat().as_bytes()).collect();
    assert!(matches!(items.as_slice(), [Err(_), Ok(_)]), "{items:?}");
}
