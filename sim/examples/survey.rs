//! x
use std::collections::BTreeMap;
fn main() {
    let a: Vec<u64> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let mut sum = sim::real::Stats::default();
    let mut kinds: BTreeMap<String, (u32, String)> = BTreeMap::new();
    let t = std::time::Instant::now();
    for seed in a[0]..a[1] {
        match sim::real::run(seed, None) {
            Ok(stats) => sum.merge(&stats),
            Err(v) => {
                let digits: String = v.detail.chars().map(|c| if c.is_ascii_digit() { '#' } else { c }).collect();
                let key: String = digits.chars().take(46).collect();
                let e = kinds.entry(format!("{} {key}", v.check)).or_insert((0, v.to_string()));
                e.0 += 1;
            }
        }
    }
    println!("{sum}");
    for (k, (n, v)) in &kinds { println!("{n:4} {k}\n       {v}"); }
    println!("{:?}", t.elapsed());
}
