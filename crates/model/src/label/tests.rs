//! The lattice's laws, over random labels.

use super::*;
use proptest::prelude::*;

fn node() -> impl Strategy<Value = NodeId> {
    (0u8..4).prop_map(|n| NodeId::new([n; 16]))
}

fn strictness() -> impl Strategy<Value = Strictness> {
    let to = prop::option::of(prop::collection::btree_set(node(), 0..4));
    (0u8..5, to, any::<bool>(), any::<bool>()).prop_map(|(rank, to, personal, hide_source)| {
        let tlp = Tlp::from_rank(rank).unwrap();
        Strictness { tlp, to, personal, hide_source }
    })
}

proptest! {
    #[test]
    fn join_is_a_semilattice(a in strictness(), b in strictness(), c in strictness()) {
        prop_assert_eq!(&a.join(&a), &a);
        prop_assert_eq!(a.join(&b), b.join(&a));
        prop_assert_eq!(a.join(&b).join(&c), a.join(&b.join(&c)));
        prop_assert_eq!(a.join(&Strictness::FREE), a);
    }

    #[test]
    fn meet_never_exceeds_either_side(a in strictness(), b in strictness()) {
        let meet = a.meet(&b);
        prop_assert_eq!(meet.join(&a), a);
        prop_assert_eq!(meet.join(&b), b);
    }
}

#[test]
fn an_unknown_marking_reads_as_red_without_hops() {
    let circle = CircleId::new(uuid::Uuid::nil());
    let label = Label { unknown: true, ..Label::new(Tlp::Clear, circle) };
    assert_eq!((label.effective_tlp(), label.effective_hops()), (Tlp::Red, 0));
    assert!(label.at_least_as_strict_as(&Label::new(Tlp::AmberStrict, circle)));
    assert!(!Label::new(Tlp::Clear, circle).at_least_as_strict_as(&label));
}

#[test]
fn usual_spellings_are_understood() {
    for (text, tlp) in [
        ("TLP:AMBER+STRICT", Tlp::AmberStrict),
        ("amber-strict", Tlp::AmberStrict),
        ("white", Tlp::Clear),
        (" Red ", Tlp::Red),
    ] {
        assert_eq!(text.parse(), Ok(tlp), "{text}");
    }
    assert!("purple".parse::<Tlp>().is_err());
}
