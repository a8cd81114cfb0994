//! Printed trees are read as the same trees: generated ones, and those of the published list.

use super::super::{
    Comparison, Literal, ObjectPath, Observation, Operand, Operator, Qualifier, Step, Test, parse,
    print,
};
use model::time::Instant;

/// A generator that gives the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn pick<T: Clone>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.roll(all.len() as u64)).unwrap()].clone()
    }

    fn some<T>(&mut self, mut one: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..2 + self.roll(2)).map(|_| one(self)).collect()
    }

    fn observation(&mut self, depth: u32) -> Observation {
        match self.roll(if depth == 0 { 1 } else { 6 }) {
            0 | 1 => Observation::One(self.comparison(depth)),
            2 => Observation::All(self.some(|dice| dice.observation(depth - 1))),
            3 => Observation::Any(self.some(|dice| dice.observation(depth - 1))),
            4 => Observation::Sequence(self.some(|dice| dice.observation(depth - 1))),
            _ => {
                let inner = self.observation(depth - 1);
                let start = i64::try_from(self.roll(1 << 30)).unwrap();
                let stop =
                    Instant::from_micros(start + 1 + i64::try_from(self.roll(1 << 30)).unwrap());
                let mut all = vec![
                    Qualifier::Within(self.pick(&[1.0, 0.5, 300.0, 1e9, 1e12, 0.000_001])),
                    Qualifier::Repeats(1 + self.roll(1_000)),
                    Qualifier::Between(Instant::from_micros(start), stop),
                ];
                all.rotate_left(usize::try_from(self.roll(3)).unwrap());
                all.truncate(usize::try_from(1 + self.roll(3)).unwrap());
                Observation::Qualified(Box::new(inner), all)
            }
        }
    }

    fn comparison(&mut self, depth: u32) -> Comparison {
        match self.roll(if depth == 0 { 1 } else { 4 }) {
            0 | 1 => Comparison::Test(self.test()),
            2 => Comparison::All(self.some(|dice| dice.comparison(depth - 1))),
            _ => Comparison::Any(self.some(|dice| dice.comparison(depth - 1))),
        }
    }

    fn test(&mut self) -> Test {
        let operator = self.pick(&[
            Operator::Equal,
            Operator::NotEqual,
            Operator::Greater,
            Operator::Less,
            Operator::GreaterOrEqual,
            Operator::LessOrEqual,
            Operator::In,
            Operator::Like,
            Operator::Matches,
            Operator::IsSubset,
            Operator::IsSuperset,
            Operator::Exists,
        ]);
        let operand = match operator {
            Operator::Exists => Operand::None,
            Operator::In => Operand::Set(self.some(Self::literal)),
            Operator::Like | Operator::Matches | Operator::IsSubset | Operator::IsSuperset => {
                Operand::One(Literal::Text(self.text()))
            }
            Operator::Equal | Operator::NotEqual => Operand::One(self.literal()),
            Operator::Greater
            | Operator::Less
            | Operator::GreaterOrEqual
            | Operator::LessOrEqual => Operand::One(Literal::Integer(7)),
        };
        let object = self.pick(&["file", "x-own", "windows-registry-key", "t", "_x9"]).to_owned();
        let mut steps = vec![Step::Name(self.text())];
        for _ in 0..self.roll(4) {
            steps.push(match self.roll(3) {
                0 => Step::Name(self.text()),
                1 => Step::Place(i64::try_from(self.roll(9)).unwrap() - 2),
                _ => Step::Anywhere,
            });
        }
        let path = ObjectPath { object, steps };
        Test { at: 0, path, negated: self.roll(2) == 0, operator, operand }
    }

    fn text(&mut self) -> String {
        let all = [
            "name",
            "AND",
            "SHA-256",
            "it's",
            "back\\slash",
            "",
            "two\nlines",
            "\u{f2}\u{1f600}",
            "t",
            "9lives",
            "true",
            "// no comment",
            "/* nor */ this",
            "a\"b",
            "[x]",
            "\u{0}",
        ];
        self.pick(&all).to_owned()
    }

    fn literal(&mut self) -> Literal {
        let floats = [0.5, -0.25, 1e300, 1e-300, 3.0, f64::MAX, f64::MIN_POSITIVE, 1e21];
        match self.roll(7) {
            0 => Literal::Text(self.text()),
            1 => Literal::Integer(self.pick(&[0, -1, i64::MAX, i64::MIN, 42])),
            2 => Literal::Float(self.pick(&floats)),
            3 => Literal::Bool(self.roll(2) == 0),
            4 => Literal::Time(Instant::from_micros(i64::try_from(self.roll(1 << 31)).unwrap())),
            5 => Literal::Hex(self.pick(&["", "00ff", "ABcd"]).to_owned()),
            _ => Literal::Binary(self.pick(&["", "AAA=", "ab+/"]).to_owned()),
        }
    }
}

#[test]
fn every_tree_printed_is_the_tree_that_was_read() {
    let mut dice = Dice(2026);
    for round in 0..10_000_u32 {
        let tree = dice.observation(round % 5);
        let text = print(&tree);
        let read = parse(&text);
        assert_eq!(read.as_ref(), Ok(&tree), "round {round}: {text}");
        assert_eq!(print(&read.unwrap()), text);
    }
}

#[test]
fn a_pattern_has_one_spelling() {
    let table = [
        ("[a:b==1]", "[a:b = 1]"),
        ("[ a : b <> 'x' ]  // why", "[a:b != 'x']"),
        ("([a:b=1])", "[a:b = 1]"),
        ("[a:\"SHA-256\" = 'x']", "[a:'SHA-256' = 'x']"),
        ("[(a:b=1 OR a:c=2) AND a:d=3]", "[(a:b = 1 OR a:c = 2) AND a:d = 3]"),
        ("[(a:b=1 AND a:c=2) OR a:d=3]", "[a:b = 1 AND a:c = 2 OR a:d = 3]"),
        ("[a:b=1]WITHIN 5.0 SECONDS", "[a:b = 1] WITHIN 5 SECONDS"),
        ("[NOT EXISTS a:b]", "[NOT EXISTS a:b]"),
        ("[a:b = b'AA\nA=']", "[a:b = b'AAA=']"),
        (
            "([a:b=1]FOLLOWEDBY[a:c=2])REPEATS 2 TIMES",
            "([a:b = 1] FOLLOWEDBY [a:c = 2]) REPEATS 2 TIMES",
        ),
        (
            "([a:b=1] REPEATS 2 TIMES) REPEATS 2 TIMES",
            "([a:b = 1] REPEATS 2 TIMES) REPEATS 2 TIMES",
        ),
    ];
    for (written, printed) in table {
        let tree = parse(written).unwrap();
        assert_eq!(print(&tree), printed);
        assert_eq!(parse(printed), Ok(tree), "{printed}");
    }
}
