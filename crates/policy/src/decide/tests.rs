//! The whole table of labels and readers: default deny, and monotone.

use super::*;
use model::bounds::{CirclesOf, Kinds};
use model::card::Relation;
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

fn kind(name: &str) -> Kind {
    name.parse().unwrap()
}

/// Every ceiling with and without personal data, and kinds and circles under the highest.
fn gives() -> Vec<Give> {
    let mut gives = Vec::new();
    for ceiling in Tlp::ALL {
        for personal in [false, true] {
            gives.push(Give { ceiling, personal, ..Give::whole() });
        }
    }
    let kinds = [Kinds::Any, Kinds::Only(["stix/*".parse().unwrap()].into())];
    let circles = [CirclesOf::Only([circle(0)].into()), CirclesOf::Only([].into())];
    for kinds in kinds {
        for circles in &circles {
            let (kinds, circles) = (kinds.clone(), circles.clone());
            gives.push(Give { kinds, circles, ..Give::whole() });
        }
    }
    gives
}

fn readers() -> Vec<Reader> {
    let capacities = [
        Capacity::Token { red: false, client: false },
        Capacity::Token { red: true, client: false },
        Capacity::Token { red: false, client: true },
        Capacity::Partner { confirmed: false },
        Capacity::Partner { confirmed: true },
    ];
    let mut readers = Vec::new();
    for capacity in capacities {
        for circles in [vec![], vec![circle(0)], vec![circle(0), circle(1)]] {
            for give in gives() {
                let circles = circles.iter().copied().collect();
                let bounds = vec![(By::Card, give.clone())];
                let (node, waits) = (node(1), readers.len() % 5 == 4);
                readers.push(Reader { node, capacity, circles, give, bounds, waits });
            }
        }
    }
    readers
}

#[test]
fn a_stricter_label_never_releases_more() {
    let labels = labels();
    let (indicator, attribute) = (kind("stix/indicator"), kind("misp/attribute"));
    let mut compared = 0_u32;
    for reader in readers() {
        for (via, hop, kind) in
            [(None, 0, &indicator), (Some(node(3)), 1, &indicator), (None, 0, &attribute)]
        {
            let released = |label: &Label| {
                let placed = Placed { label, kind, signer: node(9), via, hop };
                decide(&placed, &reader, NOW).released
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
        give: Give { personal: false, ..Give::whole() },
        bounds: Vec::new(),
        waits: false,
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
        (
            Label { hide_source: true, hops: 2, ..green.clone() },
            Some(node(3)),
            1,
            Rule::SourceHidden,
        ),
        (Label { hide_source: true, ..green.clone() }, None, 0, Rule::MemberOfCircle),
        (Label { unknown: true, ..green }, None, 0, Rule::RedNotNamed),
    ];
    let kind = &kind("stix/indicator");
    for (label, via, hop, rule) in cases {
        let placed = Placed { label: &label, kind, signer: node(9), via, hop };
        assert_eq!(decide(&placed, &partner, NOW).rule, rule, "{label:?} via {via:?}");
    }
}

#[test]
fn until_the_words_are_compared_only_green_and_clear_flow() {
    let reader = Reader {
        node: node(1),
        capacity: Capacity::Partner { confirmed: false },
        circles: [circle(0)].into(),
        give: Give::whole(),
        bounds: Vec::new(),
        waits: false,
    };
    let kind = &kind("stix/indicator");
    for tlp in Tlp::ALL {
        let label = Label::new(tlp, circle(0));
        let placed = Placed { label: &label, kind, signer: node(9), via: None, hop: 0 };
        assert_eq!(decide(&placed, &reader, NOW).released, tlp <= Tlp::Green, "{tlp}");
    }
}

#[test]
fn what_card_and_policy_deny_says_whose_rule_it_is() {
    let whole = Give { personal: false, ..Give::whole() };
    let partner = |bounds: Vec<(By, Give)>| Reader {
        node: node(1),
        capacity: Capacity::Partner { confirmed: true },
        circles: [circle(0)].into(),
        give: bounds.iter().fold(Give::whole(), |all, (_, give)| all.meet(give)),
        bounds,
        waits: false,
    };
    let amber = Label::new(Tlp::Amber, circle(0));
    let personal = Label { personal: true, ..amber.clone() };
    let vendor = By::Policy(Section::Relation(Relation::Vendor));
    let green = Give { ceiling: Tlp::Green, ..whole.clone() };
    let reports =
        Give { kinds: Kinds::Only(["stix/report".parse().unwrap()].into()), ..whole.clone() };
    let elsewhere = Give { circles: CirclesOf::Only([circle(7)].into()), ..whole.clone() };
    let cases = [
        (
            &amber,
            vec![(By::Card, whole.clone()), (vendor, green.clone())],
            Rule::AboveCeiling,
            vendor,
        ),
        (&amber, vec![(By::Card, green.clone()), (vendor, green)], Rule::AboveCeiling, By::Card),
        (&amber, vec![(By::Card, whole.clone()), (vendor, reports)], Rule::KindNotGiven, vendor),
        (&amber, vec![(By::Card, elsewhere)], Rule::CircleNotGiven, By::Card),
        (&personal, vec![(By::Card, whole.clone())], Rule::PersonalData, By::Card),
        (&amber, vec![(By::Card, whole)], Rule::MemberOfCircle, By::Circle),
    ];
    let indicator = kind("stix/indicator");
    for (label, bounds, rule, by) in cases {
        let placed = Placed { label, kind: &indicator, signer: node(9), via: None, hop: 0 };
        let decision = decide(&placed, &partner(bounds), NOW);
        assert_eq!((decision.rule, decision.by), (rule, by), "{}", decision.sentence());
    }
}

#[test]
fn member_lists_pass_a_card_that_gives_no_kinds_and_nothing_but_clear() {
    let reader = Reader {
        node: node(1),
        capacity: Capacity::Partner { confirmed: false },
        circles: [circle(0)].into(),
        give: Give { kinds: Kinds::Only([].into()), ceiling: Tlp::Clear, ..Give::whole() },
        bounds: Vec::new(),
        waits: false,
    };
    let label = Label::new(Tlp::Green, circle(0));
    for (name, released) in [("entente/circle", true), ("entente/recall", false)] {
        let kind = kind(name);
        let placed = Placed { label: &label, kind: &kind, signer: node(9), via: None, hop: 0 };
        assert_eq!(decide(&placed, &reader, NOW).released, released, "{name}");
    }
}

#[test]
fn a_clients_token_reads_amber_and_nothing_stricter() {
    let reader = Reader {
        node: node(1),
        capacity: Capacity::Token { red: true, client: true },
        circles: [circle(0)].into(),
        give: Give::whole(),
        bounds: Vec::new(),
        waits: false,
    };
    let kind = kind("stix/indicator");
    for tlp in Tlp::ALL {
        let label = Label::new(tlp, circle(0));
        let placed = Placed { label: &label, kind: &kind, signer: node(9), via: None, hop: 0 };
        assert_eq!(decide(&placed, &reader, NOW).released, tlp <= Tlp::Amber, "{tlp}");
    }
}
