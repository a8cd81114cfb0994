//! The file of settings: what is taken, what is refused and in which words.

use super::{Effective, Origin, read, template};
use crate::config::{ConfigError, KEYS};
use crate::settings::{LogForm, Settings};
use std::path::Path;

fn good(text: &str) -> Effective {
    read(text, Path::new("/etc/node/entente.toml")).unwrap()
}

fn problems(text: &str) -> Vec<String> {
    match read(text, Path::new("entente.toml")) {
        Err(ConfigError::Settings { problems, .. }) => problems,
        other => panic!("{other:?}"),
    }
}

fn shown(settings: &Settings) -> Vec<serde_json::Value> {
    KEYS.iter().map(|key| (key.show)(settings)).collect()
}

#[test]
fn the_file_that_init_writes_changes_nothing_and_with_its_comments_taken_off_sets_every_key() {
    let untouched = good(&template());
    assert_eq!(shown(&untouched.settings), shown(&Settings::default()));
    assert!(KEYS.iter().all(|key| untouched.origin(key) == Origin::Default));
    let open: String = template()
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(rest) if !rest.starts_with(' ') => format!("{rest}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let all = good(&open);
    for key in KEYS {
        assert_eq!(all.origin(key), Origin::File, "{}", key.name);
        let default = (key.show)(&Settings::default());
        if !default.is_null() {
            assert_eq!((key.show)(&all.settings), default, "the example of {}", key.name);
        }
    }
}

#[test]
fn every_kind_of_value_is_read() {
    let all = good(
        r#"
        link.listen = "0.0.0.0:443"
        link.public_address = "a.example:1"
        [http]
        certificate = "tls/http.pem"
        key = "/run/secrets/http.key"
        trusted_proxies = ["10.0.0.5", "::1"]
        [network]
        proxy = "http://user:hunter2@proxy.example.org:3128"
        [disk]
        bulk_stops_below = "2GiB"
        [retention]
        sightings_days = 0x5a
        [log]
        form = "json"
        "#,
    );
    let settings = &all.settings;
    assert_eq!(settings.link.listen, Some("0.0.0.0:443".parse().unwrap()));
    let certificate = settings.http.certificate.as_deref();
    assert_eq!(certificate, Some(Path::new("/etc/node/tls/http.pem")), "from the file's folder");
    assert_eq!(settings.http.key.as_deref(), Some(Path::new("/run/secrets/http.key")));
    assert_eq!(settings.http.trusted_proxies.len(), 2);
    assert_eq!(settings.disk.bulk_stops_below, 2 << 30);
    assert_eq!(settings.retention.sightings_days, Some(90));
    assert_eq!(settings.log.form, LogForm::Json);
    let told = format!("{:?} {settings:?}", shown(settings));
    assert!(told.contains("proxy.example.org:3128") && !told.contains("hunter2"), "{told}");
}

#[test]
fn unknown_names_are_refused_with_their_line_and_the_nearest_known_one() {
    let table = [
        (
            "[http]\n\nlisen = \"x\"",
            "unknown key `http.lisen` at line 3; did you mean `http.listen`?",
        ),
        ("[htpt]\nlisten = \"x\"", "unknown table `htpt` at line 1; did you mean `http`?"),
        (
            "http.sertificate = 1",
            "unknown key `http.sertificate` at line 1; did you mean `http.certificate`?",
        ),
        ("\nproxy = \"x\"", "unknown key `proxy` at line 2; did you mean `network.proxy`?"),
        (
            "[link]\ncertificate = \"x\"",
            "unknown key `link.certificate` at line 2; did you mean `http.certificate`?",
        ),
        (
            "[quota]\nrecords_per_huor = 1",
            "unknown key `quota.records_per_huor` at line 2; did you mean `quota.records_per_hour`?",
        ),
        ("colour = 1", "unknown key `colour` at line 1"),
    ];
    for (text, told) in table {
        assert_eq!(problems(text), [told], "{text}");
    }
}

#[test]
fn a_wrong_value_is_refused_with_its_key_its_line_and_what_is_allowed() {
    let table = [
        ("[http]\nlisten = 8440", "`http.listen` at line 2", "127.0.0.1:8440"),
        ("[http]\nlisten = \"localhost\"", "`http.listen` at line 2", "127.0.0.1:8440"),
        ("[http]\ntrusted_proxies = \"10.0.0.5\"", "`http.trusted_proxies` at line 2", "list"),
        ("[http]\ntrusted_proxies = [\"proxy\"]", "`http.trusted_proxies` at line 2", "list"),
        ("[http]\npublic_url = \"intel.example.org\"", "`http.public_url` at line 2", "https://"),
        ("[link]\npublic_address = \"intel\"", "`link.public_address` at line 2", "host:port"),
        ("[network]\nproxy = \"socks5://p:1\"", "`network.proxy` at line 2", "http://"),
        ("[disk]\nbulk_stops_below = 512", "`disk.bulk_stops_below` at line 2", "512MiB"),
        ("[retention]\nsightings_days = -3", "`retention.sightings_days` at line 2", "above 0"),
        ("[retention]\nsightings_days = 0", "`retention.sightings_days` at line 2", "above 0"),
        ("[quota]\nrecords_held = 1.5", "`quota.records_held` at line 2", "whole number"),
        ("[backup]\nremind_after = \"soon\"", "`backup.remind_after` at line 2", "7d"),
        (
            "[recall]\noverdue_after = \"4m\"",
            "`recall.overdue_after` at line 2",
            "\"5m\" to \"7d\"",
        ),
        (
            "[recall]\noverdue_after = \"8d\"",
            "`recall.overdue_after` at line 2",
            "\"5m\" to \"7d\"",
        ),
        ("[log]\nlevel = \"entente=loud\"", "`log.level` at line 2", "debug"),
        ("[log]\nform = \"xml\"", "`log.form` at line 2", "json"),
        ("http = 5", "unknown key `http` at line 1", ""),
    ];
    for (text, place, allowed) in table {
        let told = problems(text).join(" / ");
        assert!(told.starts_with(place) && told.contains(allowed), "{text}: {told}");
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once_in_the_order_of_the_file() {
    let told = problems("[log]\nform = 1\nlevle = 2\n[http]\nlisten = 3");
    let lines: Vec<bool> =
        told.iter().zip(["line 2", "line 3", "line 5"]).map(|(t, line)| t.contains(line)).collect();
    assert_eq!(lines, [true, true, true], "{told:?}");
    assert!(problems("[http\nlisten = 1")[0].starts_with("line 1 is not TOML"));
    assert!(problems("a = 1\na = 2")[0].contains("line 2"));
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    assert!(problems("[http]\ncertificate = \"x\"")[0].contains("http.key"));
    let disk = "[disk]\nbulk_stops_below = \"1MiB\"\nall_stops_below = \"2MiB\"";
    assert!(problems(disk)[0].contains("bulk must stop first"));
}

#[test]
fn flags_win_over_the_file() {
    let told =
        good("[http]\nlisten = \"127.0.0.1:1\"").with_flags("127.0.0.1:2".parse().ok(), None);
    assert_eq!(told.settings.http.listen, "127.0.0.1:2".parse().ok());
    assert_eq!(told.origin(&KEYS[0]), Origin::Flag);
}

#[test]
fn the_operators_page_names_every_key_with_its_default() {
    let page = include_str!("../../../../../docs/operating.md");
    for key in KEYS {
        let row = format!("| `{}` | ", key.name);
        let row = page.lines().find_map(|line| line.strip_prefix(&row));
        let row = row.unwrap_or_else(|| panic!("docs/operating.md lacks {}", key.name));
        let unset = (key.show)(&Settings::default()).is_null();
        let default =
            if unset { "-".to_owned() } else { format!("`{}`", key.example.replace('"', "")) };
        assert!(row.starts_with(&format!("{default} | ")), "{}: {row}", key.name);
        let meaning = key.says.replace('\n', " ");
        assert!(row.ends_with(&format!("{meaning} |")), "{}: {row}", key.name);
    }
}
