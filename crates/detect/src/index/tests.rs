//! The index as a story: what is put in is found at once, what is removed is not.

use super::{Found, Handle, Index};
use crate::observable::{Observable, normal};
use model::facts::ValueKind::{self, Domain, Ipv4, Ipv6, Md5, OtherHash, Url};

fn value(kind: ValueKind, text: &str) -> Observable {
    normal(kind, text).unwrap()
}

fn index(values: &[(ValueKind, &str)]) -> Index {
    let mut index = Index::new([7; 16]);
    for (number, (kind, text)) in (0..).zip(values) {
        assert!(index.insert(&value(*kind, text), Handle(number)), "{text}");
    }
    index
}

fn found(index: &Index, kind: ValueKind, text: &str) -> String {
    let show = |f: &Found| format!("{}{}", f.handle.0, if f.parent { "p" } else { "" });
    index.lookup(&value(kind, text)).iter().map(show).collect::<Vec<_>>().join(" ")
}

#[test]
fn domains_match_with_their_parents_but_never_through_a_public_suffix() {
    let index = index(&[
        (Domain, "evil.com"),
        (Domain, "co.uk"),
        (Domain, "com"),
        (Domain, "github.io"),
        (Domain, "bad.github.io"),
        (Domain, "公司.cn"),
        (Domain, "a.local"),
        (Domain, "ck"),
    ]);
    let table = [
        ("evil.com", "0"),
        ("www.evil.com", "0p"),
        ("a.b.c.d.Evil.COM.", "0p"),
        ("notevil.com", ""),
        ("evil.com.example", ""),
        ("a.b.co.uk", ""),
        ("b.co.uk", ""),
        ("co.uk", "1"),
        ("com", "2"),
        ("x.github.io", ""),
        ("x.bad.github.io", "4p"),
        ("x.公司.cn", ""),
        ("公司.cn", "5"),
        ("host.a.local", "6p"),
        ("anything.ck", ""),
    ];
    for (name, wanted) in table {
        assert_eq!(found(&index, Domain, name), wanted, "{name}");
    }
}

#[test]
fn addresses_match_in_every_prefix_that_holds_them() {
    let index = index(&[
        (Ipv4, "10.1.2.3"),
        (Ipv4, "10.1.0.0/16"),
        (Ipv4, "10.1.2.0/24"),
        (Ipv6, "2001:db8::/32"),
        (Ipv6, "2001:db8::5"),
        (Ipv4, "0.0.0.0/0"),
    ]);
    assert_eq!(found(&index, Ipv4, "10.1.2.3"), "0 1 2 5");
    assert_eq!(found(&index, Ipv6, "::ffff:10.1.9.9"), "1 5");
    assert_eq!(found(&index, Ipv4, "10.1.2.0/24"), "1 2 5");
    assert_eq!(found(&index, Ipv6, "2001:DB8:0::5"), "3 4");
    assert_eq!(found(&index, Ipv6, "2001:db9::5"), "");
}

#[test]
fn a_hash_is_itself_whatever_algorithm_the_indicator_names() {
    let md5 = "d41d8cd98f00b204e9800998ecf8427e";
    let index = index(&[(Md5, md5), (OtherHash, md5), (Url, "http://evil.com/")]);
    assert_eq!(found(&index, Md5, &md5.to_uppercase()), "0 1");
    assert_eq!(found(&index, Domain, "evil.com"), "", "a URL is not its host");
    let odd = index_of_others();
    assert_eq!(found(&odd, OtherHash, "3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C"), "0");
    assert_eq!(
        found(&odd, OtherHash, "3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2c"),
        "",
        "letters count"
    );
    assert_eq!(found(&odd, OtherHash, &"aBc".repeat(11)), "1");
    assert_eq!(found(&odd, OtherHash, &"ab".repeat(99)), "2");
}

/// Hashes that are no bytes, or too many.
fn index_of_others() -> Index {
    index(&[
        (OtherHash, "3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C"),
        (OtherHash, &"abc".repeat(11)),
        (OtherHash, &"ab".repeat(99)),
    ])
}

#[test]
fn many_indicators_of_one_value_are_all_found_and_removed_one_by_one() {
    let mut index = Index::new([1; 16]);
    let evil = value(Domain, "evil.com");
    for number in 0..1_000 {
        assert!(index.insert(&evil, Handle(number)));
        assert!(index.insert(&evil, Handle(number)), "again adds nothing");
    }
    assert_eq!(index.len(), 1_000);
    index.remove(Handle(0));
    index.remove(Handle(500));
    let found = index.lookup(&evil);
    assert_eq!(found.len(), 998);
    assert!(!index.insert(&evil, Handle(500)), "a removed handle never comes back");
}

#[test]
fn changes_made_while_a_merge_runs_survive_it() {
    let name = |number: u64| value(Domain, &format!("h{number}.example"));
    let mut index = Index::new([2; 16]);
    (0..100).for_each(|n| assert!(index.insert(&name(n), Handle(n))));
    assert!(index.freeze().is_none(), "the first delta becomes the base");
    (100..200).for_each(|n| assert!(index.insert(&name(n), Handle(n))));
    index.remove(Handle(5));
    let merge = index.freeze().unwrap();
    let again = index.freeze().unwrap();
    (200..300).for_each(|n| assert!(index.insert(&name(n), Handle(n))));
    index.remove(Handle(6));
    index.remove(Handle(150));
    index.remove(Handle(250));
    let check = |index: &Index, when: &str| {
        for n in 0..300 {
            let wanted = usize::from(![5, 6, 150, 250].contains(&n));
            assert_eq!(index.lookup(&name(n)).len(), wanted, "{n} {when}");
        }
    };
    check(&index, "before");
    assert!(index.adopt(merge.run()));
    check(&index, "after");
    assert!(!index.adopt(again.run()), "a stale merge is refused");
    assert_eq!(index.len(), 299, "5 is gone from memory; 6, 150 and 250 are masked");
    let last = index.freeze().unwrap();
    assert!(index.adopt(last.run()));
    check(&index, "in the end");
    assert_eq!((index.len(), index.unmerged()), (296, 0));
}

#[test]
fn a_base_that_was_filled_aside_joins_what_came_meanwhile() {
    let mut index = Index::new([1; 16]);
    let mut base = index.base(3);
    for (name, handle) in [("old.example", 1), ("gone.example", 2), ("both.example", 3)] {
        assert!(base.insert(Domain, name, Handle(handle)));
    }
    assert!(!base.insert(Ipv4, "no address", Handle(4)));
    assert_eq!(base.len(), 3);
    let name = |text: &str| normal(Domain, text).unwrap();
    assert!(index.insert(&name("new.example"), Handle(9)));
    assert!(index.insert(&name("both.example"), Handle(3)));
    index.remove(Handle(2));
    assert!(index.begin(base));
    let found =
        |text: &str| index.lookup(&name(text)).iter().map(|f| f.handle.0).collect::<Vec<_>>();
    assert_eq!(found("old.example"), [1]);
    assert_eq!(found("new.example"), [9]);
    assert_eq!(found("gone.example"), [0_u64; 0]);
    assert_eq!(found("both.example"), [3]);
    let second = index.base(0);
    assert!(!index.begin(second), "there is a base");
}

#[test]
fn what_is_taken_back_is_gone_from_every_layer_and_its_handle_may_be_given_again() {
    let name = |text: &str| value(Domain, text);
    let mut index = Index::new([1; 16]);
    let found = |index: &Index, text: &str| {
        index.lookup(&name(text)).iter().map(|found| found.handle.0).collect::<Vec<_>>()
    };
    for (text, handle) in [("kept.example", 1), ("base.example", 2), ("kept.example", 2)] {
        assert!(index.insert(&name(text), Handle(handle)));
    }
    assert!(index.freeze().is_none(), "the first delta is the base");
    assert!(index.insert(&name("merging.example"), Handle(3)));
    let work = index.freeze().expect("a merge");
    assert!(index.insert(&name("delta.example"), Handle(4)));
    index.remove(Handle(4));
    index.take_back(&[2, 3, 4].map(Handle).into());
    for text in ["base.example", "merging.example", "delta.example"] {
        assert_eq!(found(&index, text), [0_u64; 0], "{text}");
    }
    assert!(!index.adopt(work.run()), "what was merged meanwhile holds them");
    assert_eq!(found(&index, "kept.example"), [1]);
    for handle in [2, 3, 4] {
        assert!(index.insert(&name("again.example"), Handle(handle)));
    }
    assert_eq!(found(&index, "again.example"), [2, 3, 4]);
    let work = index.freeze().expect("a merge");
    assert!(index.adopt(work.run()));
    assert_eq!(found(&index, "merging.example"), [0_u64; 0]);
}

/// Small numbers that look random, and repeat with the seed.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

#[test]
fn ten_layers_answer_as_one_table() {
    let name = |n: u64| value(Domain, &format!("h{n}.example"));
    let mut index = Index::new([5; 16]);
    let mut wanted: Vec<Vec<u64>> = vec![Vec::new(); 40_000];
    let (mut seeded, mut next) = (Seeded(1), 0_u64);
    // Every layer is a fifth of the one before, and none is joined: the merges are thrown away.
    for size in [30_000, 6_000, 1_200, 240, 48, 24, 12, 6, 3, 1] {
        for _ in 0..size {
            let n = seeded.below(40_000);
            assert!(index.insert(&name(n), Handle(next)));
            wanted[usize::try_from(n).unwrap()].push(next);
            next += 1;
        }
        for _ in 0..size / 20 {
            let handle = seeded.below(next);
            index.remove(Handle(handle));
            wanted.iter_mut().for_each(|all| all.retain(|known| *known != handle));
        }
        let _merge = index.freeze();
        index.layers.forget_merge();
    }
    assert_eq!(index.layers.count(), 10);
    let check = |index: &Index, when: &str| {
        for (n, wanted) in (0..).zip(&wanted) {
            let found = index.lookup(&name(n));
            let found: Vec<_> = found.iter().map(|found| found.handle.0).collect();
            assert_eq!(&found, wanted, "{n} {when}");
        }
    };
    check(&index, "in ten layers");
    assert!(index.insert(&value(Domain, "last.example"), Handle(next)));
    let merge = index.freeze().expect("work");
    check(&index, "while they are joined");
    assert!(index.adopt(merge.run()));
    assert!(index.layers.count() <= model::limits::INDEX_LAYERS_MAX, "{}", index.layers.count());
    check(&index, "joined");
}

#[test]
fn small_layers_are_joined_and_large_ones_are_left_alone() {
    let mut index = Index::new([6; 16]);
    let mut base = index.base(0);
    (0..20_000).for_each(|n| assert!(base.insert(Domain, &format!("b{n}.example"), Handle(n))));
    assert!(index.begin(base.sealed()));
    for round in 1..=12_u64 {
        let name = |n: u64| value(Domain, &format!("r{round}n{n}.example"));
        (0..100).for_each(|n| assert!(index.insert(&name(n), Handle(round * 100_000 + n))));
        let merge = index.freeze().expect("work");
        assert!(merge.pairs() <= 1_200, "the base is not copied: {}", merge.pairs());
        assert!(index.adopt(merge.run()));
        assert!(index.layers.count() <= 4, "{}", index.layers.count());
    }
    assert_eq!(index.len(), 21_200);
    // Half of it goes: everything is made anew, and nothing is masked any more.
    (0..10_000).for_each(|n| index.remove(Handle(n)));
    let merge = index.freeze().expect("work");
    assert!(index.adopt(merge.run()));
    assert_eq!((index.layers.count(), index.len(), index.unmerged()), (1, 11_200, 0));
    assert!(index.freeze().is_none(), "there is nothing to do");
}

#[test]
fn a_million_indicators_for_com_match_com_alone() {
    let mut index = Index::new([8; 16]);
    let mut base = index.base(0);
    (0..1_000_000).for_each(|n| assert!(base.insert(Domain, "com", Handle(n))));
    assert!(index.begin(base));
    assert_eq!(index.lookup(&value(Domain, "com")).len(), 1_000_000);
    assert!(index.lookup(&value(Domain, "example.com")).is_empty());
}

#[test]
fn a_recalled_indicator_is_gone_from_all_layers_at_once() {
    let mut index = Index::new([4; 16]);
    let evil = value(Domain, "evil.example");
    for round in 0..5_u64 {
        assert!(index.insert(&evil, Handle(1)));
        for n in 0..10_000_u64 >> (3 * round) {
            let name = value(Domain, &format!("r{round}n{n}.example"));
            assert!(index.insert(&name, Handle(100 + n)));
        }
        let merge = index.freeze();
        assert!(merge.is_none_or(|merge| index.adopt(merge.run())));
    }
    assert!(index.layers.count() > 3, "{}", index.layers.count());
    assert_eq!(index.lookup(&evil).len(), 1);
    index.remove(Handle(1));
    assert!(index.lookup(&evil).is_empty());
}

#[test]
fn lengths_of_prefixes_come_from_the_longest_on_down() {
    let all = |present: u128, longest| super::lengths(present, longest).collect::<Vec<_>>();
    assert_eq!(all(1 | 1 << 8 | 1 << 24 | 1 << 32, 32), [32, 24, 8, 0]);
    assert_eq!(all(1 | 1 << 8 | 1 << 24 | 1 << 32, 24), [24, 8, 0]);
    assert_eq!(all(1 << 127 | 1 << 64, 127), [127, 64]);
    assert_eq!(all(1 << 32, 31), [0; 0]);
}
