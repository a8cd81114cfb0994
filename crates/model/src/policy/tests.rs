//! A policy can only forbid, and reads as it was written.

use super::*;
use crate::bounds::tests::bounds;
use crate::label::Tlp;
use proptest::prelude::*;

fn policy() -> impl Strategy<Value = Policy> {
    let ask = || prop::sample::select(vec![Ask::Go, Ask::Ask]);
    let relations =
        prop::collection::btree_map(prop::sample::select(Relation::ALL.to_vec()), bounds(), 0..4);
    let countries = prop::collection::btree_map(
        prop::sample::select(vec!["FR".parse().unwrap(), "DE".parse().unwrap()]),
        bounds(),
        0..3,
    );
    let sectors = prop::collection::btree_map(
        prop::sample::select(vec!["energy".parse().unwrap(), "health-care".parse().unwrap()]),
        bounds(),
        0..3,
    );
    let asks = (ask(), ask(), 0_u64..3, 0_u32..=OUTBOX_SECONDS_MAX);
    (asks, bounds(), relations, countries, sectors).prop_map(
        |(
            (first_share, widening, ask_above, outbox_seconds),
            bounds,
            relation,
            country,
            sector,
        )| {
            let (preset, clients) = ("made-up".to_owned(), ["a b".to_owned()].into());
            Policy {
                preset,
                outbox_seconds,
                first_share,
                widening,
                ask_above,
                bounds,
                relation,
                country,
                sector,
                clients,
            }
        },
    )
}

fn card() -> impl Strategy<Value = Card> {
    let relation = prop::sample::select(Relation::ALL.to_vec());
    let country = prop::option::of(Just("FR".parse().unwrap()));
    let sector = prop::option::of(Just("energy".parse().unwrap()));
    (relation, country, sector, bounds()).prop_map(|(relation, country, sector, bounds)| Card {
        relation,
        country,
        sector,
        give: bounds.give,
        take: bounds.take,
        ..Card::default()
    })
}

proptest! {
    #[test]
    fn no_policy_gives_more_than_its_card_and_no_section_more_than_another(
        policy in policy(), card in card(),
    ) {
        let effective = policy.effective(&card);
        let says = Bounds { give: card.give.clone(), take: card.take.clone() };
        prop_assert_eq!(&effective.meet(&says), &effective);
        for (_, section) in policy.sections(&card) {
            prop_assert_eq!(&effective.meet(section), &effective);
        }
    }

    #[test]
    fn a_policy_reads_as_it_was_written(policy in policy()) {
        prop_assert_eq!(Policy::read(&policy.write()), Ok(policy));
    }
}

#[test]
fn a_new_nodes_policy_bounds_no_partner_whose_card_says_nothing() {
    let card = Card::default();
    let effective = Policy::default().effective(&card);
    assert_eq!(effective, Bounds { give: card.give, take: card.take });
    let vendor = Card { relation: Relation::Vendor, ..Card::default() };
    assert_eq!(Policy::default().effective(&vendor).give.ceiling, Tlp::Green);
    let least = Policy::least().effective(&Card::default());
    assert_eq!((least.give.ceiling, least.take.ceiling), (Tlp::Clear, Tlp::Clear));
}

#[test]
fn a_policy_that_names_something_twice_or_unknown_is_refused() {
    let good = Policy::default().write();
    let section = Bounds::default().write(LineWriter::new("x")).finish().replace("x\n", "");
    for text in [
        format!("{good}relation vendor\n{section}"),
        format!("{good}planet earth\n{section}"),
        format!("{good}country FR\n{section}country FR\n{section}"),
        good.replace("ask-above 1000", "ask-above some"),
        good.replace("first-share go", "first-share maybe"),
        good.replace("outbox-seconds 0", "outbox-seconds 86401"),
        good.replace("preset community", "preset Ours"),
    ] {
        assert_ne!(text, good);
        assert!(Policy::read(&text).is_err(), "{text}");
    }
}
