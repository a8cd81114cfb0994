//! Cards as files: what is printed reads back, and what is wrong is told with its line.

use super::super::bounds::Circles;
use super::{print_card, read_card};
use model::bounds::{CirclesOf, Give, Kinds, Take};
use model::card::{Card, Quota, Relation};
use model::id::CircleId;
use model::label::Tlp;
use model::question::Answers;
use std::collections::BTreeSet;
use uuid::Uuid;

const RING: CircleId = CircleId::new(Uuid::from_u128(1));

fn with<T>(act: impl FnOnce(Circles<'_>) -> T) -> T {
    let find = |name: &str| (name == "the \"ring\"").then_some(RING);
    let name = |_: &CircleId| "the \"ring\"".to_owned();
    act(Circles { find: &find, name: &name })
}

#[test]
fn a_card_that_is_printed_reads_back() {
    let kinds = ["stix/*", "misp/event"].map(|kind| kind.parse().unwrap());
    let full = Card {
        relation: Relation::Vendor,
        country: Some("FR".parse().unwrap()),
        sector: Some("energy".parse().unwrap()),
        give: Give {
            ceiling: Tlp::AmberStrict,
            kinds: Kinds::Only(BTreeSet::from(kinds)),
            circles: CirclesOf::Only(BTreeSet::from([RING])),
            personal: true,
            answers: Answers::Band,
        },
        take: Take {
            ceiling: Tlp::Green,
            kinds: Kinds::Only(BTreeSet::new()),
            circles: CirclesOf::Only(BTreeSet::new()),
            body_bytes: Some(4_096),
            quota: Quota { records_per_hour: Some(0), bytes_per_hour: None, records_held: Some(7) },
        },
        clients: BTreeSet::from(["siem".to_owned()]),
    };
    for card in [Card::default(), full] {
        let text = with(|circles| print_card(&card, circles));
        assert_eq!(with(|circles| read_card(&text, circles)), Ok(card), "{text}");
    }
    assert_eq!(with(|circles| read_card("", circles)), Ok(Card::default()), "nothing said");
}

#[test]
fn what_is_wrong_is_told_with_its_line_and_what_was_meant() {
    let cases = [
        ("relation = \"partner\"\ngivee = 1\n", "E-CARD-001", "unknown key `givee` at line 2"),
        ("[give]\ncieling = \"red\"", "E-CARD-001", "unknown key `give.cieling` at line 2"),
        ("[give]\nceiling = \"mauve\"", "E-CARD-002", "`give.ceiling` at line 2 must be"),
        ("[give]\nceiling = 4", "E-CARD-002", "`give.ceiling` at line 2 must be"),
        ("give = true", "E-CARD-002", "`give` at line 1 must be a table: [give]"),
        ("[give]\nanswers = \"all\"", "E-CARD-002", "`give.answers` at line 2 must be"),
        ("answers = \"band\"", "E-CARD-001", "unknown key `answers` at line 1"),
        ("[give]\npersonal_data = \"no\"", "E-CARD-002", "must be true or false"),
        ("[give]\nkinds = \"stix/*\"", "E-CARD-002", "`give.kinds` at line 2 must be a list"),
        ("[take]\nkinds = [\"*\"]", "E-CARD-002", "`take.kinds` at line 2 must be kinds"),
        ("[give]\ncircles = [\"rnig\"]", "E-CARD-003", "no circle `rnig` is followed here"),
        ("[take]\nbody_bytes = -1", "E-CARD-002", "must be a whole number from 0"),
        ("[take]\nbody_bytes = 0", "E-CARD-002", "`take.body_bytes` at line 2 must be from 1"),
        ("[take.quota]\nrecords = 1", "E-CARD-001", "unknown key `take.quota.records` at line 2"),
        ("country = \"fr\"", "E-CARD-002", "`country` at line 1 must be a country code"),
        ("sector = \"En ergy\"", "E-CARD-002", "`sector` at line 1 must be a sector"),
        ("clients = [1]", "E-CARD-002", "`clients` at line 1 must be a list"),
        ("relation = \"partner\"\nrelation = \"own\"", "E-CARD-002", "line 2 is not TOML"),
        ("relation =", "E-CARD-002", "line 1 is not TOML"),
    ];
    for (text, code, message) in cases {
        let problem = with(|circles| read_card(text, circles)).unwrap_err();
        assert_eq!(problem.code, code, "{text}: {problem}");
        assert!(problem.message.contains(message), "{text}: {problem}");
    }
    let near = with(|circles| read_card("[give]\ncieling = \"red\"", circles)).unwrap_err();
    assert_eq!(near.hint, "did you mean `give.ceiling`?");
    let bare = with(|circles| read_card("celing = \"red\"", circles)).unwrap_err();
    assert_eq!(bare.hint, "did you mean `give.ceiling` or `take.ceiling`?");
    let many = with(|circles| read_card("a=1\nb=1\nc=1\nd=1\ne=1\nf=1\n", circles)).unwrap_err();
    assert!(many.message.ends_with("; and more"), "{many}");
}
