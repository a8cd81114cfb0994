//! What MISP's tags and distributions mean, and that a label written is never read looser.

use super::{distribution, read, write};
use model::id::{CircleId, NodeId};
use model::label::{Label, Pap, Tlp};
use std::collections::BTreeSet;
use uuid::Uuid;

const GROUP: Uuid = Uuid::from_u128(7);

#[test]
fn tags_and_distribution_are_read_and_the_stricter_counts() {
    // Tags, distribution; TLP, hops, for nobody, first warning.
    type Case<'a> = (&'a [&'a str], Option<u8>, Option<Tlp>, Option<u8>, bool, &'a str);
    let cases: [Case<'_>; 13] = [
        (&[], None, None, None, false, ""),
        (&["tlp:white"], None, Some(Tlp::Clear), None, false, ""),
        (&["TLP:AMBER+STRICT", "osint:source"], None, Some(Tlp::AmberStrict), None, false, ""),
        (&["tlp:green", "tlp:amber"], None, Some(Tlp::Amber), None, false, "W-LABEL-002"),
        (&["tlp:ex:chr"], None, Some(Tlp::Red), Some(0), true, "W-MISP-002"),
        (&["tlp:unclear", "tlp:clear"], None, Some(Tlp::Red), Some(0), true, "W-MISP-002"),
        (&[], Some(0), Some(Tlp::Red), Some(0), true, ""),
        (&[], Some(1), Some(Tlp::AmberStrict), Some(0), false, ""),
        (&["tlp:green"], Some(2), Some(Tlp::Green), Some(1), false, ""),
        (&["tlp:amber"], Some(3), Some(Tlp::Amber), None, false, "W-MISP-001"),
        (&["tlp:clear"], Some(1), Some(Tlp::AmberStrict), Some(0), false, "W-MISP-001"),
        (&["tlp:amber"], Some(4), Some(Tlp::Amber), None, false, ""),
        (&["tlp:green"], Some(9), Some(Tlp::Red), Some(0), true, "W-MISP-003"),
    ];
    for (tags, level, tlp, hops, nobody, warning) in cases {
        let marked = read(tags, level, Some(GROUP));
        assert_eq!(
            (marked.tlp, marked.hops, marked.nobody),
            (tlp, hops, nobody),
            "{tags:?} {level:?}"
        );
        let first = marked.warnings.first().map_or("", |warning| warning.code);
        assert_eq!(first, warning, "{tags:?} {level:?}");
    }
}

#[test]
fn a_sharing_group_is_a_circle_and_five_is_what_it_stands_in() {
    assert_eq!(read(&[], Some(4), Some(GROUP)).sharing_group, Some(GROUP));
    let lost = read(&["tlp:green"], Some(4), None);
    assert_eq!((lost.tlp, lost.nobody), (Some(Tlp::Red), true), "a group that nobody knows");
    assert!(read(&[], Some(5), None).inherits);
    let tagged = read(&["PAP:AMBER", "pap:red", "personal-data", "pap:mauve"], None, None);
    assert_eq!((tagged.pap, tagged.personal), (Some(Pap::Red), true));
    assert_eq!(tagged.unknown, ["pap:mauve"]);
}

#[test]
fn what_is_written_reads_back_at_least_as_strict() {
    let circle = CircleId::new(GROUP);
    let recipients = [None, Some(BTreeSet::new()), Some(BTreeSet::from([NodeId::new([1; 16])]))];
    let paps = [None, Some(Pap::Clear), Some(Pap::Green), Some(Pap::Amber), Some(Pap::Red)];
    for tlp in Tlp::ALL {
        for pap in paps {
            for to in &recipients {
                for (unknown, personal) in [(false, false), (true, false), (false, true)] {
                    let to = to.clone();
                    let label = Label { to, pap, unknown, personal, ..Label::new(tlp, circle) };
                    let (tags, how) = (write(&label), distribution(&label));
                    let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
                    let back = read(&tags, Some(how.level), how.sharing_group);
                    assert!(back.tlp >= Some(label.effective_tlp()), "{label:?} {back:?}");
                    assert!(back.pap >= label.pap, "{label:?} {back:?}");
                    assert_eq!(back.personal, label.personal);
                    let nobody = label
                        .to
                        .as_ref()
                        .map_or(label.effective_tlp() == Tlp::Red, BTreeSet::is_empty);
                    assert_eq!(back.nobody, nobody, "{label:?}");
                    assert_eq!(back.sharing_group.is_none(), nobody);
                }
            }
        }
    }
}
