//! Tools that write to a node until its power is cut, and what the node owes them afterwards.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use world_tests::collection::entries;
use world_tests::entente::Running;
use world_tests::http::Http;
use world_tests::stix::{envelope, indicator, indicator_id};

const TAXII: &str = "application/taxii+json;version=2.1";
/// The series of what they write.
const SERIES: u32 = 7;

/// Everything that the node stores is sound.
pub(super) fn verify(node: &Running) {
    let ran = node.cli(&["verify", node.data().to_str().expect("text")]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
}

/// What the writers were told.
#[derive(Default)]
struct Told {
    acknowledged: Vec<u64>,
    unanswered: Vec<u64>,
}

/// Tools that write into one circle of a node.
pub(super) struct Writers {
    pub(super) objects: String,
    pub(super) token: String,
    numbers: AtomicU64,
    told: Told,
}

/// The requests that wait for an answer.
pub(super) struct Flight<'w> {
    numbers: &'w AtomicU64,
    flying: Vec<AtomicBool>,
}

impl Flight<'_> {
    /// Whether somebody waits for an answer.
    pub(super) fn somebody_waits(&self) -> bool {
        self.flying.iter().any(|flying| flying.load(Ordering::Acquire))
    }

    /// Requests that were ever begun.
    pub(super) fn begun(&self) -> u64 {
        self.numbers.load(Ordering::Relaxed)
    }
}

impl Writers {
    /// Into a new circle of this node.
    pub(super) fn new(node: &Running) -> Self {
        let objects = Running::objects(&node.circle("ring", "green"));
        let token = node.token("writer", &["--circle", "ring", "--read", "--write"]);
        Self { objects, token, numbers: AtomicU64::new(0), told: Told::default() }
    }

    /// So many write until the power is cut, which is at the end of what is done meanwhile; then
    /// the node is started again.
    pub(super) fn until_cut<T>(
        &mut self,
        node: &mut Running,
        writers: usize,
        meanwhile: impl FnOnce(&Running, &Flight<'_>) -> T,
    ) -> T {
        let flying = (0..writers).map(|_| AtomicBool::new(false)).collect();
        let flight = Flight { numbers: &self.numbers, flying };
        let (address, token, objects) = (node.http.clone(), &self.token, &self.objects);
        let (done, parts) = thread::scope(|scope| {
            let writers: Vec<_> = flight
                .flying
                .iter()
                .map(|flying| {
                    scope.spawn(|| write(&address, token, objects, (flight.numbers, flying)))
                })
                .collect();
            let done = meanwhile(node, &flight);
            node.kill();
            let join = |writer: thread::ScopedJoinHandle<'_, Told>| writer.join().expect("writer");
            (done, writers.into_iter().map(join).collect::<Vec<Told>>())
        });
        for part in parts {
            self.told.acknowledged.extend(part.acknowledged);
            self.told.unanswered.extend(part.unanswered);
        }
        node.serve();
        done
    }

    /// Everything acknowledged is there once, and nothing that nobody wrote but so many others.
    pub(super) fn check(&self, node: &Running, others: usize) {
        let held = entries(node, &self.token, &self.objects);
        assert!(held.values().all(|count| *count == 1), "something is there twice");
        let ids: BTreeSet<&String> = held.keys().map(|(id, _)| id).collect();
        assert_eq!(ids.len(), held.len(), "a version of nobody");
        let owed = self.told.acknowledged.iter();
        let lost: Vec<&u64> = owed.filter(|n| !ids.contains(&indicator_id(SERIES, **n))).collect();
        assert_eq!(lost, Vec::<&u64>::new(), "acknowledged and lost");
        let known = self.told.acknowledged.len() + self.told.unanswered.len();
        assert!(
            (self.told.acknowledged.len() + others..=known + others).contains(&held.len()),
            "{} entries; {others} from elsewhere, {known} written",
            held.len()
        );
    }

    /// How many were acknowledged, and how many not.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.told.acknowledged.len(), self.told.unanswered.len())
    }
}

/// Posts numbered objects until the connection breaks.
fn write(
    node: &str,
    token: &str,
    objects: &str,
    (numbers, flying): (&AtomicU64, &AtomicBool),
) -> Told {
    let mut client = Http::with(node, token);
    let mut told = Told::default();
    loop {
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        let body = envelope(&[indicator(SERIES, number, &format!("{number}.crash.example"))]);
        flying.store(true, Ordering::Release);
        let headers = [("Content-Type", TAXII)];
        match client.try_send("POST", objects, &headers, body.as_bytes()) {
            Ok(reply) => {
                flying.store(false, Ordering::Release);
                assert_eq!(reply.status, 202, "{}", reply.text());
                assert_eq!(reply.json()["success_count"], 1, "{}", reply.text());
                told.acknowledged.push(number);
            }
            Err(_) => {
                told.unanswered.push(number);
                return told;
            }
        }
    }
}
