//! The files of the lists, as an operator leaves them.

use super::{Shelf, ShelfError};
use crate::config::temporary;
use detect::known_good::Effect;
use detect::observable::normal;
use model::facts::ValueKind;
use std::path::PathBuf;

fn folder(name: &str) -> PathBuf {
    let folder = temporary().join(format!("known-good-{name}-{}", std::process::id()));
    std::fs::remove_dir_all(&folder).ok();
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

const LIST: &str = r#"{"name":"n","type":"hostname","list":["good.example"]}"#;

#[test]
fn a_list_is_kept_under_one_name_whatever_it_does() {
    let folder = folder("kept");
    let (shelf, file) = (Shelf::of(&folder), folder.join("x.json"));
    std::fs::write(&file, LIST).unwrap();
    shelf.add("ours", Effect::Silences, &file).unwrap();
    shelf.add("ours", Effect::Flags, &file).unwrap();
    let (lists, problems) = shelf.read();
    assert_eq!(problems, Vec::<String>::new());
    let value = normal(ValueKind::Domain, "a.good.example").unwrap();
    assert_eq!(lists.silences(&value), None);
    assert_eq!(lists.flags(&value).map(|because| because.list), Some("ours"));
    assert_eq!(lists.len(), 2, "it, and the program's own");
    shelf.remove("ours").unwrap();
    assert!(matches!(shelf.remove("ours"), Err(ShelfError::Unknown(_))));
    for wrong in ["", "../x", "a/b", ".x", "A", "everywhere", "a.flags"] {
        let added = shelf.add(wrong, Effect::Silences, &file);
        assert!(matches!(added, Err(ShelfError::Name(_))), "{wrong}");
    }
}

#[test]
fn a_file_that_is_no_list_is_named_and_the_others_are_read() {
    let folder = folder("torn");
    let (shelf, file) = (Shelf::of(&folder), folder.join("x.json"));
    std::fs::write(&file, LIST).unwrap();
    shelf.add("good", Effect::Silences, &file).unwrap();
    shelf.write_never("our.example\nnot a value\n").unwrap();
    std::fs::write(folder.join("known-good/torn.json"), "{").unwrap();
    let (lists, problems) = shelf.read();
    assert_eq!(lists.len(), 3);
    let told = problems.join("\n");
    assert!(told.contains("torn.json: E-GOOD-001"), "{told}");
    let ours = normal(ValueKind::Domain, "our.example").unwrap();
    assert!(lists.never(&ours).is_some());
}
