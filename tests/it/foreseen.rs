//! What a policy is foreseen to do is what partners then have, as sets: a million records, twenty
//! partners, on the real binary. `ENTENTE_FORESEEN` sets another number of records.

use serde_json::Value;
use std::collections::BTreeSet;
use world_tests::clock::until;
use world_tests::collection::entries;
use world_tests::data::{self, say};
use world_tests::entente::{Running, number};
use world_tests::stix::{envelope, indicator, indicator_id};

/// Records, of which only those in circles with partners concern anyone.
const RECORDS: u64 = 1_000_000;
/// Partners; each is in a circle of its own and in that of the next.
const PARTNERS: u32 = 20;
/// Records of each light in each circle.
const EACH: u64 = 1_000;
/// The freest first.
const TLPS: [&str; 5] = ["clear", "green", "amber", "amber%2Bstrict", "red"];
const PATIENCE_SECONDS: u64 = 300;

struct World {
    alpha: Running,
    partners: Vec<(Running, String)>,
    circles: Vec<String>,
}

fn circle(n: u32) -> String {
    format!("circle-{}", n % PARTNERS)
}

/// The ids that a partner has where everything up to and with this light is given.
fn expected(partner: u32, lights: u64) -> BTreeSet<String> {
    let both = [partner, (partner + 1) % PARTNERS];
    let of = |circle| (0..EACH * lights).map(move |n| indicator_id(100 + circle, n));
    both.into_iter().flat_map(of).collect()
}

impl World {
    fn new(records: u64) -> Self {
        let alpha = Running::new("Alpha");
        let circles: Vec<String> =
            (0..PARTNERS).map(|n| alpha.circle(&circle(n), "clear")).collect();
        let _bulk = alpha.circle("bulk", "clear");
        let mut partners = Vec::new();
        for n in 0..PARTNERS {
            let partner = Running::new(&format!("P{n}"));
            let (own, next) = (circle(n), circle(n + 1));
            alpha.link_with(&partner, &[&own, &next]);
            let flags = ["--circle", own.as_str(), "--circle", next.as_str(), "--read"];
            let token = partner.token("reader", &flags);
            partners.push((partner, token));
        }
        let world = Self { alpha, partners, circles };
        world.publish(records);
        world
    }

    /// Each circle's share, then the rest into a circle without partners.
    fn publish(&self, records: u64) {
        let mut api = self.alpha.api();
        let mut put = |path: &str, series: u32, from: u64| {
            let objects: Vec<String> = (from..from + EACH)
                .map(|n| indicator(series, n, &format!("n{n}.s{series}.example")))
                .collect();
            let reply = api.post(path, "application/json", envelope(&objects));
            assert_eq!(reply.status, 200, "{}", reply.text());
        };
        for n in 0..PARTNERS {
            for (light, tlp) in (0..).zip(TLPS) {
                let path = format!("/api/v1/publish?circle={}&tlp={tlp}", circle(n));
                put(&path, 100 + n, EACH * light);
            }
        }
        let shared = u64::from(PARTNERS) * EACH * TLPS.len() as u64;
        for from in (0..records.saturating_sub(shared)).step_by(1_000) {
            put("/api/v1/publish?circle=bulk&tlp=clear", 1, from);
        }
    }

    /// What each partner has, once it is this.
    fn await_lights(&self, lights: u64) {
        for (n, (partner, token)) in (0..).zip(&self.partners) {
            let wanted = expected(n, lights);
            until("a partner has what it may have", PATIENCE_SECONDS, || {
                (self.held(partner, token, n) == wanted).then_some(())
            });
        }
    }

    fn held(&self, partner: &Running, token: &str, n: u32) -> BTreeSet<String> {
        let both = [n, (n + 1) % PARTNERS].map(|n| &self.circles[n as usize]);
        let pages = both.map(|circle| entries(partner, token, &Running::objects(circle)));
        pages.into_iter().flatten().map(|((id, _), _)| id).collect()
    }

    /// Tries a policy, then sets it; what was foreseen for each partner: gains and losses.
    fn set(&self, name: &str, toml: &str) -> Vec<(u64, u64)> {
        let file = self.alpha.file(name, toml);
        let foreseen = self.alpha.json(&["policy", "try", &file]);
        assert_eq!(foreseen["partial"], Value::Bool(false));
        let lines = foreseen["lines"].as_array().cloned().unwrap_or_default();
        let told = |n: u32| {
            let name = Value::from(format!("P{n}"));
            let own = lines.iter().filter(|line| line["partner"] == name);
            own.fold((0, 0), |sum, line| {
                (sum.0 + number(line, "gains"), sum.1 + number(line, "loses"))
            })
        };
        let told = (0..PARTNERS).map(told).collect();
        self.alpha.ok(&["policy", "set", &file, "--reason", "a test", "--widen"]);
        told
    }
}

#[test]
fn what_a_policy_is_foreseen_to_do_is_what_partners_then_have() {
    let records = data::number("ENTENTE_FORESEEN").unwrap_or(RECORDS);
    let world = World::new(records);
    // RED names nobody here, so it stays.
    world.await_lights(4);
    let narrower = world.set("narrower.toml", "[give]\nceiling = \"green\"\n");
    assert_eq!(narrower, vec![(0, 2 * 2 * EACH); PARTNERS as usize]);
    world.await_lights(2);
    let wider = world.set("wider.toml", "[give]\nceiling = \"amber\"\n");
    assert_eq!(wider, vec![(2 * EACH, 0); PARTNERS as usize]);
    world.await_lights(3);
    say(&format!("foreseen: {PARTNERS} partners, {records} records: each has what was foreseen"));
}
