//! What a store should make somebody do.

use super::{Kept, kept, quoted};
use crate::settings::Settings;
use model::time::Instant;
use node::Store;
use node::backup::{Backed, remember};

fn told(kept: &Kept, now: Instant) -> Vec<String> {
    let findings = kept.findings(&Settings::default(), now);
    findings.into_iter().map(|finding| format!("{}: {}", finding.check, finding.what)).collect()
}

#[test]
fn backups_are_asked_for_until_there_is_a_young_one() {
    let store = Store::memory().unwrap();
    let at = |text: &str| -> Instant { text.parse().unwrap() };
    let now = at("2026-05-20T00:00:00Z");
    let read = || kept(&store.reading(), &Settings::default()).unwrap();
    assert_eq!(told(&read(), now), ["backup: no backup yet"]);
    remember(&store, Backed { at: at("2026-05-14T00:00:00Z"), head: 0 }).unwrap();
    assert_eq!(told(&read(), now), Vec::<String>::new());
    let later = at("2026-05-22T00:00:00Z");
    assert_eq!(
        told(&read(), later),
        ["backup: the last backup is 8 days old; 0 records came since"]
    );
}

#[test]
fn a_clock_that_was_set_back_is_told() {
    let mut kept = kept(&Store::memory().unwrap().reading(), &Settings::default()).unwrap();
    let now: Instant = "2026-05-20T00:00:00Z".parse().unwrap();
    kept.last = Some(now.plus_seconds(1));
    assert!(kept.clock(now).is_none(), "reading both takes a moment");
    kept.last = Some(now.plus_seconds(60));
    assert_eq!(kept.clock(now).unwrap().next, "timedatectl status");
}

#[test]
fn names_are_told_as_a_shell_takes_them() {
    for (name, shell) in
        [("alpha", "alpha"), ("CERT Alpha", "'CERT Alpha'"), ("it's", r"'it'\''s'")]
    {
        assert_eq!(quoted(name), shell);
    }
}
