//! What a step looks like for people and for programs. Nothing is printed here.

use super::*;

fn terminal(manner: Manner) -> Terminal {
    Terminal { manner, steps: 7 }
}

#[test]
fn a_step_fits_the_columns_with_its_milliseconds_at_the_right_edge() {
    let step = Step::done(
        "arrival",
        "CERT Beta",
        "CERT Beta has evil.example, word after word ".repeat(3),
    )
    .took(12.34)
    .means("a long explanation of what that means for people who read it ".repeat(4))
    .shows("curl --as it is");
    let text = terminal(Manner::Plain).text(&step);
    assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
    let first = text.lines().nth(1).unwrap();
    assert!(first.starts_with("  7  CERT Beta") && first.ends_with("  12.3 ms"), "{first}");
    assert_eq!(first.chars().count(), WIDTH);
    assert!(!text.contains('\x1b'), "no colours where nobody sees them");
    assert!(terminal(Manner::Coloured).text(&step).contains('\x1b'));
}

#[test]
fn a_program_reads_who_what_when_and_whether() {
    let step = Step::done("publish", "CERT Alpha", "5 objects").took(4.0).means("not for programs");
    let json = serde_json::to_value(&step).unwrap();
    let wanted = serde_json::json!({
        "step": "publish", "node": "CERT Alpha", "ms": 4.0, "ok": true, "text": "5 objects",
    });
    assert_eq!(json, wanted);
}
