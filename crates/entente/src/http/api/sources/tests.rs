//! What is refused before anybody is asked.

use super::*;
use model::id::CircleId;

fn wanted() -> SourceWanted {
    SourceWanted {
        name: "a".to_owned(),
        kind: "list".to_owned(),
        url: "http://lists.example/a".to_owned(),
        circle: "ring".to_owned(),
        ..SourceWanted::default()
    }
}

fn code(wanted: SourceWanted) -> &'static str {
    checked(wanted, CircleId::new(uuid::Uuid::nil())).map_or_else(|problem| problem.code, |_| "")
}

#[test]
fn a_key_goes_over_tls_or_stays_on_this_machine() {
    let key = Some("abc".to_owned());
    assert_eq!(code(wanted()), "");
    assert_eq!(code(SourceWanted { key: key.clone(), ..wanted() }), "E-SOURCE-004");
    for url in ["https://lists.example/a", "http://127.0.0.1:5000/", "http://localhost/"] {
        assert_eq!(code(SourceWanted { key: key.clone(), url: url.to_owned(), ..wanted() }), "");
    }
}

#[test]
fn kinds_labels_and_urls_are_known_or_refused() {
    let text = |text: &str| text.to_owned();
    assert_eq!(code(SourceWanted { kind: text("rss"), ..wanted() }), "E-SOURCE-003");
    assert_eq!(code(SourceWanted { kind: text("misp"), ..wanted() }), "E-SOURCE-003");
    assert_eq!(code(SourceWanted { tlp: Some(text("pink")), ..wanted() }), "E-SOURCE-003");
    assert_eq!(code(SourceWanted { tlp: Some(text("green")), ..wanted() }), "");
    assert_eq!(code(SourceWanted { url: text("gopher://a/"), ..wanted() }), "E-SOURCE-003");
}
