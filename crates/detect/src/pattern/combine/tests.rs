//! The choice of observations against a slow one that tries them all, and its bounds.

use super::super::{Combine, EvalError, Leaf, combine, parse};
use super::Plan;
use model::time::Instant;

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn at(observation: u64, second: i64) -> Leaf {
    let first = Instant::default().plus_seconds(second);
    Leaf { observation, first, last: first, number: 1 }
}

/// All ways to bind a plan: pairs of observation and time, whole microseconds being tried.
fn ways(plan: &Plan, leaves: &[Vec<Leaf>]) -> Vec<Vec<(u64, i64)>> {
    let join = |left: Vec<Vec<(u64, i64)>>, right: &[Vec<(u64, i64)>], ordered: bool| {
        let mut all = Vec::new();
        for one in &left {
            for other in right {
                let late = one.iter().map(|(_, time)| *time).max().unwrap_or(i64::MIN);
                let early = other.iter().map(|(_, time)| *time).min().unwrap_or(i64::MAX);
                if ordered && late > early {
                    continue;
                }
                let both: Vec<_> = one.iter().chain(other).copied().collect();
                let fits = |leaf: &Leaf| {
                    let used = both.iter().filter(|(o, _)| *o == leaf.observation).count();
                    used as u64 <= leaf.number
                };
                if leaves.iter().flatten().all(fits) {
                    all.push(both);
                }
            }
        }
        all.sort();
        all.dedup();
        all
    };
    let product = |all: &[Plan], ordered: bool| {
        let parts = all.iter().map(|each| ways(each, leaves));
        parts.fold(vec![Vec::new()], |left, right| join(left, &right, ordered))
    };
    match plan {
        Plan::Leaf(leaf) => {
            let times = |leaf: &Leaf| {
                let (first, last) = (leaf.first.micros(), leaf.last.micros());
                let observation = leaf.observation;
                (first..=last).map(move |time| vec![(observation, time)])
            };
            leaves[*leaf].iter().flat_map(times).collect()
        }
        Plan::All(all) => product(all, false),
        Plan::Sequence(all) => product(all, true),
        Plan::Any(all) => all.iter().flat_map(|each| ways(each, leaves)).collect(),
        Plan::Times(inner, times) => {
            let one = ways(inner, leaves);
            (0..*times).fold(vec![Vec::new()], |left, _| join(left, &one, false))
        }
        Plan::Within(inner, span) => {
            let mut all = ways(inner, leaves);
            all.retain(|way| {
                let late = way.iter().map(|(_, time)| *time).max().unwrap_or(0);
                let early = way.iter().map(|(_, time)| *time).min().unwrap_or(0);
                late - early <= *span
            });
            all
        }
        Plan::Between(inner, first, last) => {
            let mut all = ways(inner, leaves);
            all.retain(|way| way.iter().all(|(_, time)| (*first..=*last).contains(time)));
            all
        }
    }
}

fn pattern(dice: &mut Dice, depth: u32, leaves: &mut usize) -> String {
    if depth == 0 || *leaves >= 3 || dice.roll(4) == 0 {
        *leaves += 1;
        return "[a:b=1]".to_owned();
    }
    let word = ["AND", "OR", "FOLLOWEDBY"][usize::try_from(dice.roll(3)).unwrap()];
    let inner = if dice.roll(3) == 0 {
        pattern(dice, depth - 1, leaves)
    } else {
        let left = pattern(dice, depth - 1, leaves);
        format!("{left} {word} {}", pattern(dice, depth - 1, leaves))
    };
    let second = dice.roll(4);
    match dice.roll(5) {
        0 => format!("({inner}) WITHIN 0.00000{} SECONDS", 1 + second),
        1 => format!("({inner}) REPEATS 2 TIMES"),
        2 => format!(
            "({inner}) START t'1970-01-01T00:00:00.00000{second}Z' STOP t'1970-01-01T00:00:00.00000{}Z'",
            second + 2
        ),
        _ => format!("({inner})"),
    }
}

#[test]
fn the_search_finds_what_trying_everything_finds() {
    let mut dice = Dice(7);
    let mut matched = 0;
    let mut told = 0;
    for round in 0..4_000 {
        let mut count = 0;
        let text = pattern(&mut dice, 3, &mut count);
        let tree = parse(&text).unwrap();
        let observed: Vec<Leaf> = (0..4)
            .map(|observation| {
                let first = i64::try_from(dice.roll(5)).unwrap();
                let last = first + i64::try_from(dice.roll(3) * dice.roll(2)).unwrap();
                let time = |micro| Instant::default().plus_micros(micro);
                let number = 1 + dice.roll(6) / 5;
                Leaf { observation, first: time(first), last: time(last), number }
            })
            .collect();
        let leaves: Vec<Vec<Leaf>> = (0..tree.leaves().len())
            .map(|_| observed.iter().filter(|_| dice.roll(5) < 2).copied().collect())
            .collect();
        let plan = Plan::of(&tree, &mut 0);
        if plan.size() > 5 {
            continue;
        }
        let slow = !ways(&plan, &leaves).is_empty();
        let fast = combine(&tree, &leaves, Combine::default()).unwrap();
        assert_eq!(fast.is_some(), slow, "round {round}: {text} over {leaves:?}: {fast:?}");
        (matched, told) = (matched + u32::from(slow), told + 1);
    }
    assert!(matched > 500 && told - matched > 500, "{matched} of {told} match");
}

#[test]
fn a_window_over_a_long_day_needs_few_steps() {
    let tree = parse("([a:b=1] REPEATS 5 TIMES FOLLOWEDBY [a:b=2]) WITHIN 10 SECONDS").unwrap();
    let often: Vec<Leaf> = (0..40_000).map(|n| at(n, i64::try_from(n).unwrap() * 3)).collect();
    let once = vec![at(50_000, 119_990)];
    let limits = Combine { steps: 100_000 };
    let found = combine(&tree, &[often.clone(), once], limits).unwrap();
    assert_eq!(found, None, "five in ten seconds never happen at three seconds each");
    let tree = parse("([a:b=1] REPEATS 3 TIMES FOLLOWEDBY [a:b=2]) WITHIN 10 SECONDS").unwrap();
    let found = combine(&tree, &[often, vec![at(50_000, 30_007)]], Combine::default()).unwrap();
    assert_eq!(found.map(|found| found.len()), Some(4));
}

#[test]
fn huge_repeats_and_hopeless_searches_end_and_say_so() {
    let all: Vec<Leaf> = (0..20_000).map(|n| at(n, 0)).collect();
    let tree = parse("[a:b=1] REPEATS 10000 TIMES").unwrap();
    assert_eq!(
        combine(&tree, std::slice::from_ref(&all), Combine::default()).unwrap().unwrap().len(),
        10_000
    );
    let tree = parse("([a:b=1] REPEATS 5000 TIMES) REPEATS 3 TIMES").unwrap();
    assert_eq!(combine(&tree, &[all], Combine::default()), Err(EvalError::TooManyRepeats));
    // Twelve that all want the same eleven, and one more that none of them wants.
    let tree = parse(&["[a:b=1]"; 12].join(" AND ")).unwrap();
    let same: Vec<Leaf> = (0..11).map(|n| at(n, 0)).collect();
    let mut leaves = vec![same; 12];
    leaves.push(vec![at(99, 0)]);
    let limits = Combine { steps: 10_000 };
    assert_eq!(combine(&tree, &leaves, limits), Err(EvalError::TooMuch));
}
