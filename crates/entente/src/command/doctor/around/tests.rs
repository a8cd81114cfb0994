//! Surroundings that need somebody, and those that don't.

use super::super::finding::Severity;
use super::{certificate, ending, free, link_address, permissions};
use crate::config::Folder;
use crate::settings::Settings;
use model::time::Instant;
use std::os::unix::fs::PermissionsExt as _;

#[test]
fn a_disk_that_fills_is_told_in_three_steps() {
    let directory = tempfile::tempdir().unwrap();
    let folder = Folder::new(directory.path());
    let settings = Settings::default();
    let (bulk, all) = (settings.disk.bulk_stops_below, settings.disk.all_stops_below);
    let table = [
        (all - 1, Some((Severity::Error, "only recalls"))),
        (all, Some((Severity::Error, "backfill are refused"))),
        (bulk, Some((Severity::Warning, "soon be refused"))),
        (2 * bulk, None),
    ];
    for (bytes, told) in table {
        let found = free(bytes, &settings, &folder);
        let found = found.as_ref().map(|finding| (finding.severity, finding.what.as_str()));
        match (found, told) {
            (Some((severity, what)), Some((expected, words))) => {
                assert!(severity == expected && what.contains(words), "{bytes}: {what}");
            }
            (found, told) => assert_eq!(found.is_some(), told.is_some(), "{bytes}"),
        }
    }
}

#[test]
fn keys_that_others_can_read_are_told_with_the_command_that_closes_them() {
    let directory = tempfile::tempdir().unwrap();
    let folder = Folder::new(directory.path());
    let set = |name: &str, mode| {
        let path = directory.path().join(name);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    for name in ["node.key", "admin.token", "entente.toml"] {
        std::fs::write(directory.path().join(name), "x").unwrap();
        set(name, 0o600);
    }
    set("", 0o700);
    assert!(permissions(&folder, &Settings::default()).is_empty());
    set("node.key", 0o640);
    let found = permissions(&folder, &Settings::default());
    let [finding] = found.as_slice() else { panic!("{found:?}") };
    assert!(finding.what.contains("mode 640"), "{finding:?}");
    let next = format!("chmod 600 {}", directory.path().join("node.key").display());
    assert_eq!(finding.next, next);
}

#[test]
fn a_certificate_is_told_three_weeks_before_its_end() {
    let now: Instant = "2026-05-01T00:00:00Z".parse().unwrap();
    let until = |text: &str| ending(text.parse().unwrap(), now).map(|finding| finding.severity);
    assert_eq!(until("2026-04-30T23:59:59Z"), Some(Severity::Error));
    assert_eq!(until("2026-05-21T00:00:00Z"), Some(Severity::Warning));
    assert_eq!(until("2026-05-22T00:00:00Z"), None);
    let mut settings = Settings::default();
    assert!(certificate(&settings, now).is_none(), "there is none");
    settings.http.certificate = Some("/nowhere/http.pem".into());
    settings.http.key = Some("/nowhere/http.key".into());
    assert!(certificate(&settings, now).unwrap().what.contains("/nowhere/http.pem"));
}

#[test]
fn a_link_on_every_address_needs_a_name_for_invitations() {
    let mut settings = Settings::default();
    assert!(link_address(&settings).is_none());
    settings.link.listen = Some("0.0.0.0:8441".parse().unwrap());
    assert!(link_address(&settings).unwrap().next.contains("link.public_address"));
    settings.link.public_address = Some("intel.example.org:8441".to_owned());
    assert!(link_address(&settings).is_none());
}
