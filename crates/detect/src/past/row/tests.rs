//! A row is of its own value alone, however long that is and wherever another differs.

use super::*;

#[test]
fn what_a_text_begins_with_is_its_first_bytes_and_zeros() {
    for length in 0..40 {
        let text: Vec<u8> = (1..).take(length).collect();
        let mut wanted = [0; HEAD_BYTES];
        wanted.iter_mut().zip(&text).for_each(|(to, from)| *to = *from);
        assert_eq!(Head::of(&text).bytes(), wanted, "{length} bytes");
        assert_eq!(Head::of_bytes(wanted), Head::of(&text), "{length} bytes");
    }
}

#[test]
fn one_byte_makes_another_value() {
    for length in 1..40 {
        let text = "a".repeat(length);
        let texts = format!("before{text}behind");
        let row = Row::new(Value::new(ValueKind::Mutex, &text, 7), 6).expect("it is short");
        assert_eq!(row.text(&texts), text);
        assert!(row.is_of(Value::new(ValueKind::Mutex, &text, 7), &texts));
        assert!(!row.is_of(Value::new(ValueKind::Account, &text, 7), &texts));
        for at in 0..length {
            let other = format!("{}b{}", "a".repeat(at), "a".repeat(length - at - 1));
            assert!(!row.is_of(Value::new(ValueKind::Mutex, &other, 7), &texts), "{other}");
        }
        for other in ["a".repeat(length - 1), format!("{text}a"), format!("{text}\0")] {
            assert!(!row.is_of(Value::new(ValueKind::Mutex, &other, 7), &texts), "{other}");
        }
    }
    let long = "a".repeat(usize::from(u16::MAX) + 1);
    assert!(Row::new(Value::new(ValueKind::Mutex, &long, 7), 0).is_none());
}
