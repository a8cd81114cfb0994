//! Policies as files: the presets read, what is printed reads back, what is wrong is told.

use super::super::bounds::Circles;
use super::{print_policy, read_policy};
use formats::problem::Problem;
use model::bounds::{Bounds, Give, Take};
use model::id::CircleId;
use model::label::Tlp;
use model::policy::{Ask, Policy};
use std::collections::{BTreeMap, BTreeSet};

fn circles() -> Circles<'static> {
    Circles { find: &|_| None, name: &ToString::to_string }
}

fn read(text: &str) -> Result<Policy, Problem> {
    read_policy(text, circles())
}

#[test]
fn each_preset_reads_and_is_wider_than_the_one_before() {
    let presets = node::presets::ALL.map(|(name, text)| (name, read(text).unwrap()));
    for (name, policy) in &presets {
        assert_eq!(policy.preset, *name);
        assert_eq!(read(&print_policy(policy, circles())).as_ref(), Ok(policy), "{name}");
    }
    let [(_, closed), (_, community), (_, open)] = &presets;
    assert_eq!(*community, Policy::default(), "what a new node has");
    for (narrow, wide) in [(closed, community), (community, open)] {
        let cards = ["partner", "client", "vendor", "own"].map(|relation| model::card::Card {
            relation: relation.parse().unwrap(),
            give: Give::whole(),
            ..model::card::Card::default()
        });
        for card in cards {
            let (less, more) = (narrow.effective(&card), wide.effective(&card));
            assert_eq!(less.meet(&more), less, "{} {}", wide.preset, card.relation);
        }
    }
}

#[test]
fn a_policy_that_is_printed_reads_back() {
    let bounds = |ceiling, personal| Bounds {
        give: Give { ceiling, personal, ..Give::whole() },
        take: Take { body_bytes: Some(9), ..Take::whole() },
    };
    let policy = Policy {
        preset: "our-own".to_owned(),
        outbox_seconds: 90,
        first_share: Ask::Ask,
        widening: Ask::Go,
        ask_above: u64::MAX >> 1,
        bounds: bounds(Tlp::Amber, false),
        relation: BTreeMap::from([("own".parse().unwrap(), bounds(Tlp::Red, true))]),
        country: BTreeMap::from([("FR".parse().unwrap(), Bounds::default())]),
        sector: BTreeMap::from([("energy".parse().unwrap(), bounds(Tlp::Clear, true))]),
        clients: BTreeSet::from(["siem of a customer".to_owned()]),
    };
    let text = print_policy(&policy, circles());
    assert_eq!(read(&text), Ok(policy), "{text}");
}

#[test]
fn what_is_left_out_of_a_policy_bounds_nothing_and_asks() {
    let policy = read("").unwrap();
    assert_eq!(policy.bounds, Bounds::default());
    assert_eq!((policy.first_share, policy.widening, policy.ask_above), (Ask::Ask, Ask::Ask, 0));
    assert!(policy.relation.is_empty());
}

#[test]
fn what_is_wrong_is_told_with_its_line_and_what_was_meant() {
    let cases = [
        ("outbx = \"1m\"", "E-POLICY-001", "unknown key `outbx` at line 1"),
        ("outbox = 10", "E-POLICY-002", "`outbox` at line 1 must be a duration"),
        ("outbox = \"ten\"", "E-POLICY-002", "`outbox` at line 1 must be a duration"),
        ("outbox = \"2d\"", "E-POLICY-002", "must be a duration up to 1d"),
        ("first_share = \"yes\"", "E-POLICY-002", "must be \"go\" or \"ask\""),
        ("ask_above = -1", "E-POLICY-002", "must be a whole number from 0"),
        (
            "\n[relation.vender.give]\nceiling = \"red\"",
            "E-POLICY-002",
            "`relation.vender` at line 2",
        ),
        ("[relation.vendor.gives]", "E-POLICY-001", "unknown key `relation.vendor.gives`"),
        ("[country.france.give]", "E-POLICY-002", "`country.france` at line 1"),
        (
            "[sector.energy.give]\nkinds = [\"no kind\"]",
            "E-POLICY-002",
            "`sector.energy.give.kinds`",
        ),
        ("[give]\ncircles = [\"gone\"]", "E-POLICY-002", "no circle `gone` is followed here"),
        ("preset = \"My Own\"", "E-POLICY-002", "`preset` at line 1"),
    ];
    for (text, code, message) in cases {
        let problem = read(text).unwrap_err();
        assert_eq!(problem.code, code, "{text}: {problem}");
        assert!(problem.message.contains(message), "{text}: {problem}");
    }
    assert_eq!(read("outbx = \"1m\"").unwrap_err().hint, "did you mean `outbox`?");
}

#[test]
fn a_circle_is_named_by_what_the_node_calls_it() {
    let id = CircleId::new(uuid::Uuid::from_u128(5));
    let find = |name: &str| (name == "ring").then_some(id);
    let read = read_policy("[give]\ncircles = [\"ring\"]", Circles { find: &find, ..circles() });
    assert!(read.unwrap().bounds.give.circles.has(&id));
}
