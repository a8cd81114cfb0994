//! A gate forgets nothing and lets few others through.

use super::Gate;

fn mixed(n: u64) -> u64 {
    let n = (n ^ n >> 31).wrapping_mul(0xff51_afd7_ed55_8ccd);
    (n ^ n >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53)
}

fn gate(count: u64) -> Gate {
    let mut gate = Gate::with_room(usize::try_from(count).unwrap());
    (1..=count).for_each(|n| gate.open(mixed(n)));
    gate
}

#[test]
fn a_gate_never_forgets_a_fingerprint() {
    for count in [0, 1, 2, 3, 100, 4_096, 100_000] {
        let gate = gate(count);
        assert!((1..=count).all(|n| gate.lets_through(mixed(n))), "of {count}");
    }
}

#[test]
fn few_others_are_let_through_and_each_takes_twelve_bits() {
    let gate = gate(200_000);
    let through = (1_000_000..1_200_000).filter(|n| gate.lets_through(mixed(*n))).count();
    assert!((1_500..3_500).contains(&through), "{through} of 200,000; one in eighty is 2,500");
    assert!(gate.bytes() <= 200_000 * 12 / 8 + 8, "{} bytes", gate.bytes());
    assert!(!Gate::with_room(0).lets_through(7), "nothing is there");
}
