//! scratch
#[path = "train/made_up.rs"]
mod made_up;
use model::facts::*;
use model::id::*;
use model::label::*;
use model::record::*;
use model::seal::SigningKey;
use store::*;
fn cpu() -> u64 {
    std::fs::read_to_string("/proc/thread-self/schedstat").unwrap().split(' ').next().unwrap().parse().unwrap()
}
fn main() {
    let n: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    let batch: usize = std::env::args().nth(2).unwrap().parse().unwrap();
    let dir = std::env::args().nth(3).unwrap();
    let path = std::path::Path::new(&dir).join("m.db");
    let mut store = Store::open(&path, &Options::default()).unwrap();
    let key = SigningKey::from_seed(&[1; 32]).unwrap();
    let circle = CircleId::new(uuid::Uuid::from_bytes([1; 16]));
    let mut source = made_up::MadeUp::new(77).filter(|b| b.windows(18).any(|w| w == b"\"indicator--000000" ) || b.starts_with(b"{\"type\":\"indicator\"") || b.starts_with(b"{\"type\": \"indicator\""));
    let (mut t, mut bytes, mut done, mut tc) = (0, 0, 0, 0);
    let wall = std::time::Instant::now();
    let mut wallsum = std::time::Duration::ZERO;
    while done < n {
        let made: Vec<_> = (0..batch).map(|i| {
            let body = source.next().unwrap();
            let text = String::from_utf8(body.clone()).unwrap();
            let id = text.split('"').find(|p| p.starts_with("indicator--")).unwrap();
            let grab = |k: &str| { let p = text.find(&format!("\"{k}\"")).unwrap(); text[p..].split('"').nth(3).unwrap().to_owned() };
            let mut facts = Facts::default();
            facts.title = Some(grab("name"));
            facts.text = Some(grab("description"));
            if text.contains("created_by_ref") { facts.refs.push(grab("created_by_ref").parse().unwrap()); }
            let values = vec![Value { kind: ValueKind::Domain, text: format!("{}-{i}-{done}.example", grab("pattern")) }];
            let header = Header { signer: key.public().node(), authorship: Authorship::Carries(IntakeId::new([1; 8])), thing: id.parse().unwrap(), version: grab("modified"), signed: model::time::Instant::from_micros(1_795_334_400_000_000 + done as i64), label: Label::new(Tlp::Green, circle), extra: String::new() };
            (Unsealed { header, body }.seal(&key, [3; 16]), facts, values)
        }).collect();
        let w = std::time::Instant::now();
        let a = cpu();
        let mut tx = store.begin().unwrap();
        for (r, f, v) in &made {
            bytes += r.body().len();
            tx.append(&NewEntry { record: r, facts: f, values: v, at: model::time::Instant::from_micros(1_795_334_400_000_000), via: None, hop: 0 }).unwrap();
        }
        let b = cpu();
        tx.commit().unwrap();
        let c = cpu();
        store.checkpoint().unwrap();
        let d = cpu();
        wallsum += w.elapsed();
        t += c - a; tc += d - c;
        let _ = b;
        done += batch;
    }
    println!("append+commit {:.1} us CPU, checkpoint {:.1} us CPU, wall {:.1} us per object (batch {batch}), mean body {} B; total wall {:?}", t as f64 / done as f64 / 1e3, tc as f64 / done as f64 / 1e3, wallsum.as_micros() as f64 / done as f64, bytes / done, wall.elapsed());
    let mut snap = store.snapshots().unwrap().open().unwrap();
    for round in 0..2 {
        let a = cpu();
        let mut sum = 0;
        let mut pages = 0;
        for p in 0..(done / 1000).min(100) {
            snap.read::<_, StoreError>(|r| { for s in 1..=1000 { sum += r.row_and_body((p * 1000 + s) as i64)?.map_or(0, |x| x.1.len()); } Ok(()) }).unwrap();
            pages += 1;
        }
        println!("row_and_body {:.2} us CPU (round {round}) {sum}", (cpu() - a) as f64 / pages as f64 / 1e6);
    }
    let a = cpu();
    let mut k = 0; let mut after = 0;
    snap.read::<_, StoreError>(|r| { loop { let v = r.scan(after, i64::MAX, 1000)?; let Some(l) = v.last() else { return Ok(()) }; after = l.seq; k += v.len(); } }).unwrap();
    println!("scan {:.2} us CPU per row", (cpu() - a) as f64 / k as f64 / 1e3);
    let a = cpu();
    let mut after = 0; let mut k = 0;
    snap.read::<_, StoreError>(|r| { loop { let v = r.scan_circle(circle, after, i64::MAX, 1000)?; let Some(l) = v.last() else { return Ok(()) }; after = l.seq; k += v.len(); } }).unwrap();
    println!("scan_circle {:.2} us CPU per row", (cpu() - a) as f64 / k as f64 / 1e3);
    drop(snap);
    store.close().unwrap();
    println!("disk {} B per object", std::fs::metadata(&path).unwrap().len() as usize / done);
    drop(std::fs::remove_file(path));
}
