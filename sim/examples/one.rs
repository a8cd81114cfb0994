//! x
fn main() {
    let a: Vec<u64> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    match sim::real::run(a[0], None) { Ok(s) => println!("{s}"), Err(v) => println!("{v}") }
}
