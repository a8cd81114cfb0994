//! One file of settings: strict about names and values, and shown with where each comes from.

use super::serving::{entente, set};
use serde_json::Value;
use world_tests::entente::Running;

/// What is shown of one setting.
fn shown(all: &Value, key: &str) -> (Value, String) {
    let settings = all.get("settings").and_then(Value::as_array).expect("settings");
    let one = settings.iter().find(|one| one.get("key") == Some(&Value::from(key)));
    let one = one.unwrap_or_else(|| panic!("no {key} in {all}"));
    let from = one.get("from").and_then(Value::as_str).unwrap_or_default();
    (one.get("value").cloned().unwrap_or_default(), from.to_owned())
}

#[test]
fn a_node_with_wrong_settings_does_not_start_and_says_where_and_what_is_right() {
    let node = Running::init("Strict");
    let table = [
        ("[http]\n\nlisen = \"127.0.0.1:0\"\n", "line 3", "did you mean `http.listen`?"),
        ("[log]\nlevel = \"loud\"\n", "line 2", "error, warn, info, debug"),
        ("[disk]\nbulk_stops_below = 5\n", "line 2", "512MiB"),
        ("[http\n", "line 1", "not TOML"),
        ("[http]\ncertificate = \"x.pem\"\n", "http.key", "together"),
        ("[http]\ncertificate = \"x.pem\"\nkey = \"x.key\"\n", "x.pem", "No such file"),
        ("[http]\nlisten = \"0.0.0.0:0\"\n", "plain HTTP", "trusted_proxies"),
    ];
    for (text, place, told) in table {
        set(&node, text);
        let ran = entente(&node, &["serve", "--link", "127.0.0.1:0"], &[]);
        assert_eq!(ran.code, 3, "{text}: {}", ran.err);
        assert!(ran.err.contains(place) && ran.err.contains(told), "{text}: {}", ran.err);
    }
    std::fs::remove_file(node.data().join("entente.toml")).expect("the file goes");
    let none = node.beside("none.toml");
    let named = ["config", "show", "--config", none.to_str().expect("text")];
    assert_eq!(entente(&node, &named, &[]).code, 3, "a named file must be there");
    assert_eq!(entente(&node, &["config", "show"], &[]).code, 0, "the usual one need not");
}

#[test]
fn every_setting_is_shown_with_its_origin_and_no_secret() {
    let node = Running::init("Open");
    let fresh = node.json(&["config", "show"]);
    assert_eq!(shown(&fresh, "disk.bulk_stops_below"), ("512MiB".into(), "default".to_owned()));
    assert_eq!(shown(&fresh, "http.certificate").0, Value::Null);
    set(
        &node,
        "[network]\nproxy = \"http://me:hunter2@proxy.example.org:3128\"\n[log]\nlevel = \"warn\"\n",
    );
    let variables = [("ENTENTE_LOG", "debug"), ("ENTENTE_TOKEN", "ent_secret")];
    let arguments = ["config", "show", "--json", "--listen", "127.0.0.1:7"];
    let ran = entente(&node, &arguments, &variables);
    let all = ran.json();
    assert_eq!(shown(&all, "log.level"), ("debug".into(), "environment".to_owned()));
    assert_eq!(shown(&all, "http.listen"), ("127.0.0.1:7".into(), "flag".to_owned()));
    let (proxy, from) = shown(&all, "network.proxy");
    assert_eq!(
        (proxy.as_str(), from.as_str()),
        (Some("http://[hidden]@proxy.example.org:3128"), "file")
    );
    let people = entente(&node, &["config", "show"], &variables);
    for text in [&ran.out, &people.out] {
        assert!(!text.contains("hunter2") && !text.contains("ent_secret"), "{text}");
    }
    let wrong = entente(&node, &["config", "show"], &[("ENTENTE_LOG", "entente=loud")]);
    assert!(wrong.code == 3 && wrong.err.contains("ENTENTE_LOG"), "{}", wrong.err);
}
