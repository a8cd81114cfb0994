//! Bounds only narrow: what two of them leave is what both allow.

use super::*;
use proptest::prelude::*;
use uuid::Uuid;

const KINDS: [&str; 5] =
    ["stix/indicator", "stix/report", "misp/attribute", "entente/case", "stix/sighting"];

fn kinds() -> impl Strategy<Value = Kinds> {
    let patterns = ["stix/*", "misp/*", "stix/indicator", "stix/report", "entente/case"];
    let some = prop::collection::btree_set(prop::sample::select(patterns.to_vec()), 0..4);
    prop_oneof![
        Just(Kinds::Any),
        some.prop_map(|names| Kinds::Only(names.iter().map(|n| n.parse().unwrap()).collect())),
    ]
}

fn circles() -> impl Strategy<Value = CirclesOf> {
    let some = prop::collection::btree_set(0_u128..4, 0..4);
    prop_oneof![
        Just(CirclesOf::Any),
        some.prop_map(|ids| {
            CirclesOf::Only(ids.into_iter().map(|n| CircleId::new(Uuid::from_u128(n))).collect())
        }),
    ]
}

fn number() -> impl Strategy<Value = Option<u64>> {
    prop_oneof![Just(None), (0_u64..4).prop_map(Some)]
}

pub(crate) fn bounds() -> impl Strategy<Value = Bounds> {
    let tlp = || prop::sample::select(Tlp::ALL.to_vec());
    let answers = prop::sample::select(Answers::ALL.to_vec());
    let give = (tlp(), kinds(), circles(), any::<bool>(), answers);
    let take = (tlp(), kinds(), circles(), number(), (number(), number(), number()));
    (give, take).prop_map(|(give, take)| {
        let (ceiling, kinds, circles, personal, answers) = give;
        let give = Give { ceiling, kinds, circles, personal, answers };
        let (ceiling, kinds, circles, body_bytes, quota) = take;
        let (records_per_hour, bytes_per_hour, records_held) = quota;
        let quota = Quota { records_per_hour, bytes_per_hour, records_held };
        Bounds { give, take: Take { ceiling, kinds, circles, body_bytes, quota } }
    })
}

proptest! {
    #[test]
    fn meeting_is_commutative_associative_and_idempotent(
        a in bounds(), b in bounds(), c in bounds(),
    ) {
        prop_assert_eq!(a.meet(&b), b.meet(&a));
        prop_assert_eq!(a.meet(&b).meet(&c), a.meet(&b.meet(&c)));
        prop_assert_eq!(a.meet(&b).meet(&b), a.meet(&b));
        prop_assert_eq!(&a.meet(&Bounds::default()), &a);
    }

    #[test]
    fn what_two_leave_is_what_both_allow(a in bounds(), b in bounds()) {
        let both = a.meet(&b);
        for name in KINDS {
            let kind: Kind = name.parse().unwrap();
            let each = a.give.kinds.has(&kind) && b.give.kinds.has(&kind);
            prop_assert_eq!(both.give.kinds.has(&kind), each, "{}", name);
        }
        for n in 0..4 {
            let circle = CircleId::new(Uuid::from_u128(n));
            let each = a.take.circles.has(&circle) && b.take.circles.has(&circle);
            prop_assert_eq!(both.take.circles.has(&circle), each);
        }
        for tlp in Tlp::ALL {
            let each = tlp <= a.give.ceiling && tlp <= b.give.ceiling;
            prop_assert_eq!(tlp <= both.give.ceiling, each);
        }
        prop_assert_eq!(both.give.personal, a.give.personal && b.give.personal);
        for answers in Answers::ALL {
            let each = answers <= a.give.answers && answers <= b.give.answers;
            prop_assert_eq!(answers <= both.give.answers, each);
        }
        prop_assert!(both.give.kinds.has(&Kind::ours(crate::kind::ANSWER)));
        let within = |bounds: &Bounds, n| bounds.take.body_bytes.is_none_or(|most| n <= most);
        for n in 0..5 {
            prop_assert_eq!(within(&both, n), within(&a, n) && within(&b, n));
        }
    }
}

#[test]
fn a_pattern_is_a_kind_or_all_of_one_format() {
    for good in ["stix/indicator", "stix/*", "x-mine/y"] {
        assert_eq!(good.parse::<KindPattern>().unwrap().as_str(), good);
    }
    for bad in ["", "*", "stix", "stix/", "/x", "stix/in*", "stix/*/x", "st ix/*", "*/*", "a/b,c/d"]
    {
        assert!(bad.parse::<KindPattern>().is_err(), "{bad}");
    }
    let all: KindPattern = "stix/*".parse().unwrap();
    assert!(all.matches(&"stix/report".parse().unwrap()));
    assert!(!all.matches(&"stixx/report".parse().unwrap()));
}
