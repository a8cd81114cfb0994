//! Sigma rules as files and as a stream.

use super::{RuleLine, Sigma, SigmaFile};
use model::label::Tlp;
use uuid::Uuid;

const RULE: &str = "title: One\nlogsource:\n    product: windows\n";

fn rule(id: u128, text: &str) -> RuleLine<'_> {
    RuleLine {
        id: Uuid::from_u128(id),
        signer_id: [7; 8],
        signer: "CERT Beta",
        tlp: Tlp::Green,
        text,
        is_read: true,
    }
}

fn rendered(file: SigmaFile, rules: &[RuleLine<'_>]) -> Option<String> {
    let mut sigma = Sigma::new(file);
    rules.iter().for_each(|rule| sigma.push(rule));
    sigma.finish().map(|bytes| String::from_utf8(bytes).expect("text"))
}

#[test]
fn each_rule_is_a_file_of_its_own_byte_for_byte_and_they_are_listed() {
    let odd = "title: \"Two\"  \r\n# no end of a line";
    let rules = [rule(1, RULE), rule(2, odd)];
    let list = rendered(SigmaFile::Index, &rules).expect("a list");
    let list: Vec<serde_json::Value> = serde_json::from_str(&list).expect("JSON");
    assert_eq!(list.len(), 2, "{list:?}");
    for (listed, rule) in list.iter().zip(&rules) {
        let name = listed["file"].as_str().expect("a name");
        let file = SigmaFile::named(&format!("sigma/{name}")).expect("a file");
        assert_eq!(rendered(file, &rules).as_deref(), Some(rule.text), "{name}");
        assert_eq!(listed["bytes"], rule.text.len());
    }
    assert_eq!(rendered(SigmaFile::One(Uuid::from_u128(3), [7; 8]), &rules), None);
    let other = SigmaFile::One(Uuid::from_u128(1), [8; 8]);
    assert_eq!(rendered(other, &rules), None, "of another signer");
}

#[test]
fn in_the_stream_each_rule_is_one_document_and_none_leaves_it() {
    let begun = format!("---\n{RULE}");
    let stream = rendered(SigmaFile::All, &[rule(1, RULE), rule(2, &begun)]).expect("a stream");
    assert_eq!(stream, format!("---\n{RULE}---\n{RULE}"));
    let unread = RuleLine { is_read: false, ..rule(3, "title: 'never closed\n") };
    assert_eq!(rendered(SigmaFile::All, &[unread]).as_deref(), Some(""));
    let hostile = [
        "a: 1\n---\ninjected: 1\n",
        "a: 1\n--- !x\ninjected: 1\n",
        "a: 1\r---\rinjected: 1",
        "a: 1\u{85}--- injected",
        "a: 1\u{2028}---\u{2028}injected: 1",
        "a: 1\n...\n%YAML 1.1\n---\ninjected: 1\n",
        "%TAG ! injected\n---\na: 1\n",
        "---\n---\ninjected: 1\n",
        "\u{feff}injected: 1\n",
        "a: \"\u{1b}injected\"\n",
        "a: \0injected\n",
    ];
    for text in hostile {
        let stream = rendered(SigmaFile::All, &[rule(1, text), rule(2, RULE)]);
        assert_eq!(stream, Some(format!("---\n{RULE}")), "{text:?}");
    }
}

#[test]
fn a_name_is_spelt_one_way_and_leads_nowhere_else() {
    let id = "00000000-0000-0000-0000-00000000000a";
    let good = format!("sigma/{id}-00000000000000ff.yml");
    let found = SigmaFile::One(Uuid::from_u128(10), [0, 0, 0, 0, 0, 0, 0, 255]);
    assert_eq!(SigmaFile::named(&good), Some(found));
    let wrong = [
        format!("sigma/{}-00000000000000ff.yml", id.to_uppercase()),
        format!("sigma/{}-00000000000000ff.yml", id.replace('-', "")),
        format!("sigma/{id}-ff.yml"),
        format!("sigma/{id}-+0000000000000ff.yml"),
        format!("sigma/../{id}-00000000000000ff.yml"),
        format!("sigma/{id}-00000000000000ff.yml/"),
        "sigma/".to_owned(),
        "sigma/.yml".to_owned(),
    ];
    for name in wrong {
        assert_eq!(SigmaFile::named(&name), None, "{name}");
    }
}
