//! Power cuts of two nodes, one of which catches up with the other over the link.

use super::series::Series;
use super::writing::verify;
use serde_json::Value;
use std::time::Duration;
use world_tests::clock::until;
use world_tests::collection::entries;
use world_tests::entente::Running;
use world_tests::turn;

/// Records to catch up with.
const RECORDS: u64 = 20_000;
/// A cut comes within this time after the last: all of them together within what the work takes.
const WITHIN: Duration = Duration::from_millis(450);

#[test]
fn a_partner_cut_off_while_catching_up_ends_with_the_same_set() {
    let _turn = turn::shared();
    let mut series = Series::of("backfill over the link", 2, 8);
    for _ in 0..series.rounds() {
        round(&mut series);
    }
    series.end("; both ends equal");
}

fn round(series: &mut Series) {
    let (mut alpha, mut beta) = (Running::new("CERT Alpha"), Running::new("CERT Beta"));
    let objects = Running::objects(&alpha.circle("ring", "green"));
    let mut list = "type,value,name\n".to_owned();
    (0..RECORDS)
        .for_each(|n| list += &["domain,", &n.to_string(), ".backfill.example,x\n"].concat());
    let list = alpha.file("list.csv", list);
    alpha.ok(&["publish", &list, "--circle", "ring"]);
    alpha.link_with(&beta, &["ring"]);
    let [at_alpha, at_beta] =
        [&alpha, &beta].map(|node| node.token("reader", &["--circle", "ring", "--read"]));
    let whole = entries(&alpha, &at_alpha, &objects);
    assert_eq!(u64::try_from(whole.len()), Ok(RECORDS));
    let mut came = 0;
    for cycle in 0..series.cuts {
        series.wait(WITHIN);
        // The sender falls, too, every third time.
        let cut = if cycle % 3 == 2 { &mut alpha } else { &mut beta };
        cut.kill();
        cut.serve();
        let held = entries(&beta, &at_beta, &objects);
        assert!(held.values().all(|count| *count == 1), "cycle {cycle}: something twice");
        assert!(held.len() >= came, "cycle {cycle}: what came stays");
        came = held.len();
        series.count(came < whole.len());
    }
    until("both ends are equal", 120, || {
        (entries(&beta, &at_beta, &objects).len() >= whole.len()).then_some(())
    });
    assert_eq!(entries(&beta, &at_beta, &objects), whole);
    until("the receipts are in", 60, || {
        let partners = alpha.json(&["partner", "list"]);
        (partners.pointer("/0/lag_records") == Some(&Value::from(0))).then_some(())
    });
    verify(&alpha);
    verify(&beta);
}
