//! The whole table of labels and readers: default deny, and monotone.

use super::*;
use uuid::Uuid;

fn circle(n: u128) -> CircleId {
    CircleId::new(Uuid::from_u128(n))
}

fn node(n: u8) -> NodeId {
    NodeId::new([n; 16])
}

const NOW: Instant = Instant::from_micros(1_000);

/// Every label over two circles, two recipients, the hops 0 to 2 and an embargo.
fn labels() -> Vec<Label> {
    let recipients = [
        None,
        Some(vec![]),
        Some(vec![node(1)]),
        Some(vec![node(2)]),
        Some(vec![node(1), node(2)]),
    ];
    let mut labels = Vec::new();
    for tlp in Tlp::ALL {
        for to in &recipients {
            for bits in 0u8..32 {
                let mut label = Label::new(tlp, circle(u128::from(bits & 1)));
                label.to = to.as_ref().map(|to| to.iter().copied().collect());
                label.personal = bits & 2 != 0;
                label.hide_source = bits & 4 != 0;
                label.unknown = bits & 8 != 0;
                label.embargo = (bits & 16 != 0).then_some(NOW.plus_micros(1));
                label.hops = bits % 3;
                labels.push(label);
            }
        }
    }
    labels
}

fn readers() -> Vec<Reader> {
    let capacities = [
        Capacity::Token { red: false },
        Capacity::Token { red: true },
        Capacity::Partner { confirmed: false },
        Capacity::Partner { confirmed: true },
    ];
    let mut readers = Vec::new();
    for capacity in capacities {
        for circles in [vec![], vec![circle(0)], vec![circle(0), circle(1)]] {
            for ceiling in Tlp::ALL {
                for personal in [false, true] {
                    let circles = circles.iter().copied().collect();
                    readers.push(Reader { node: node(1), capacity, circles, ceiling, personal });
                }
            }
        }
    }
    readers
}

#[test]
fn a_stricter_label_never_releases_more() {
    let labels = labels();
    let mut compared = 0_u32;
    for reader in readers() {
        for (via, hop) in [(None, 0), (Some(node(3)), 1)] {
            let released = |label: &Label| {
                decide(&Placed { label, signer: node(9), via, hop }, &reader, NOW).released
            };
            for strict in labels.iter().filter(|label| released(label)) {
                for free in labels.iter().filter(|free| strict.at_least_as_strict_as(free)) {
                    compared += 1;
                    assert!(released(free), "{strict:?} is released, {free:?} is not: {reader:?}");
                }
            }
        }
    }
    assert!(compared > 10_000, "only {compared} pairs compared");
}

#[test]
fn each_denial_names_its_rule() {
    let partner = Reader {
        node: node(1),
        capacity: Capacity::Partner { confirmed: true },
        circles: [circle(0)].into(),
        ceiling: Tlp::Red,
        personal: false,
    };
    let green = Label::new(Tlp::Green, circle(0));
    let named = |n| Some([node(n)].into());
    let cases: Vec<(Label, Option<NodeId>, u8, Rule)> = vec![
        (green.clone(), None, 0, Rule::MemberOfCircle),
        (Label::new(Tlp::Clear, circle(5)), None, 0, Rule::NotInCircle),
        (Label::new(Tlp::Red, circle(0)), None, 0, Rule::RedNotNamed),
        (Label { to: named(1), ..Label::new(Tlp::Red, circle(0)) }, None, 0, Rule::MemberOfCircle),
        (
            Label { to: named(1), ..Label::new(Tlp::Red, circle(0)) },
            Some(node(3)),
            1,
            Rule::NoHopsLeft,
        ),
        (Label { to: named(2), ..green.clone() }, None, 0, Rule::NotNamed),
        (Label { hops: 1, ..green.clone() }, Some(node(3)), 1, Rule::NoHopsLeft),
        (Label { hops: 2, ..green.clone() }, Some(node(3)), 1, Rule::MemberOfCircle),
        (green.clone(), Some(node(1)), 1, Rule::BackToSource),
        (Label { embargo: Some(NOW.plus_micros(1)), ..green.clone() }, None, 0, Rule::Embargo),
        (Label { embargo: Some(NOW), ..green.clone() }, None, 0, Rule::MemberOfCircle),
        (Label { personal: true, ..green.clone() }, None, 0, Rule::PersonalData),
        (Label { unknown: true, ..green }, None, 0, Rule::RedNotNamed),
    ];
    for (label, via, hop, rule) in cases {
        let placed = Placed { label: &label, signer: node(9), via, hop };
        assert_eq!(decide(&placed, &partner, NOW).rule, rule, "{label:?} via {via:?}");
    }
}

#[test]
fn until_the_words_are_compared_only_green_and_clear_flow() {
    let reader = Reader {
        node: node(1),
        capacity: Capacity::Partner { confirmed: false },
        circles: [circle(0)].into(),
        ceiling: Tlp::Red,
        personal: true,
    };
    for tlp in Tlp::ALL {
        let label = Label::new(tlp, circle(0));
        let placed = Placed { label: &label, signer: node(9), via: None, hop: 0 };
        assert_eq!(decide(&placed, &reader, NOW).released, tlp <= Tlp::Green, "{tlp}");
    }
}
